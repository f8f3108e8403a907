"""The search for marks that were written otherwise than as plain text: a leak in base64 is a leak."""

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

from tests.acceptance.marks import BEACONS, marks_in


def _base64(text: str) -> Iterator[bytes]:
    """Give what is the same wherever the text begins: the first and last sign may hold bits of a neighbour."""
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * before + text.encode()).rstrip(b"=")
        whole = (before + len(text)) * 8 // 6
        yield encoded[cut:whole]
        yield encoded[cut:whole].translate(bytes.maketrans(b"+/", b"-_"))


def _percent(text: str) -> Iterator[bytes]:
    yield "".join(f"%{byte:02x}" for byte in text.encode()).encode()
    yield "".join(f"%{byte:02X}" for byte in text.encode()).encode()
    yield quote(text).encode()


def _json(text: str) -> Iterator[bytes]:
    yield "".join(f"\\u{ord(letter):04x}" for letter in text).encode()
    yield "".join(f"\\u{ord(letter):04X}" for letter in text).encode()


def _xml(text: str) -> Iterator[bytes]:
    for form in ("&#{};", "&#x{:x};", "&#x{:X};", "&#{:04};"):
        yield "".join(form.format(ord(letter)) for letter in text).encode()


def _utf16(text: str) -> Iterator[bytes]:
    yield text.encode("utf-16-le")[:-1]  # also stands in the other order of bytes


ENCODINGS: Mapping[str, Callable[[str], Iterator[bytes]]] = {
    "plain": lambda text: iter((text.encode(), text.upper().encode(), text.lower().encode())),
    "base64": _base64,
    "hex": lambda text: iter((text.encode().hex().encode(), text.encode().hex().upper().encode())),
    "percent-encoded": _percent,
    "JSON-escaped": _json,
    "XML-escaped": _xml,
    "reversed": lambda text: iter((text[::-1].encode(), text[::-1].lower().encode())),
    "UTF-16": _utf16,
}


@cache
def _needles(*, plain: bool) -> tuple[tuple[str, bytes], ...]:
    """Give each form in which a beacon can be written, with its name; ``plain`` adds the form in which a message writes it."""
    found = dict.fromkeys(
        (f"{name}: {beacon}", needle)
        for name, forms in ENCODINGS.items()
        for beacon in BEACONS
        for needle in forms(beacon)
        if name != "plain"
    )
    written = [("plain", beacon.encode()) for beacon in BEACONS] + [("plain", b"kanarienquarz"), ("plain", b"KANARIENQUARZ")]
    as_plain = {needle for _, needle in written}
    rest = [(name, needle) for name, needle in found if needle not in as_plain]
    return (*written, *rest) if plain else tuple(rest)


def found_in(haystack: bytes) -> set[str]:
    """Name every mark in it, and every form but the plain one in which any mark stands in it."""
    return {name for name, needle in _needles(plain=True) if needle in haystack} and marks_in(haystack) | _forms_in(haystack)


def _forms_in(haystack: bytes) -> set[str]:
    return {name for name, needle in _needles(plain=True) if needle in haystack and name != "plain"} or (
        set() if marks_in(haystack) else {"plain"}
    )


def found_in_files(folder: Path) -> dict[str, set[str]]:
    """Search every file below a folder; give what was found, by file."""
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            marks = found_in(file.read_bytes())
        except FileNotFoundError:  # SQLite removes and makes files beside its database
            continue
        if marks:
            found[str(file.relative_to(folder))] = marks
    return found
