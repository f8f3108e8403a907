"""The search for marks, also where they are written otherwise than as plain text: a leak in base64 is a leak."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.acceptance.marks import BEACONS, marks_in


def _plain(text: str) -> Iterator[bytes]:
    yield from (text.encode(), text.upper().encode(), text.lower().encode())


def _base64(text: str) -> Iterator[bytes]:
    """Give what is the same wherever the text begins: the first and the last sign may hold bits of a neighbour."""
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * before + text.encode())
        yield encoded[cut : (before + len(text)) * 8 // 6]


def _hex(text: str) -> Iterator[bytes]:
    yield from (text.encode().hex().encode(), text.encode().hex().upper().encode())


def _percent(text: str) -> Iterator[bytes]:
    yield from (
        form.encode() for form in ("".join(f"%{byte:02x}" for byte in text.encode()), "".join(f"%{byte:02X}" for byte in text.encode()))
    )


def _json(text: str) -> Iterator[bytes]:
    yield from ("".join(form.format(ord(letter)) for letter in text).encode() for form in ("\\u{:04x}", "\\u{:04X}"))


def _xml(text: str) -> Iterator[bytes]:
    yield from ("".join(form.format(ord(letter)) for letter in text).encode() for form in ("&#{};", "&#x{:x};", "&#x{:X};"))


def _reversed(text: str) -> Iterator[bytes]:
    yield from _plain(text[::-1])


def _utf16(text: str) -> Iterator[bytes]:
    yield text.encode("utf-16-le")[:-1]  # stands in the other order of bytes as well


ENCODINGS: Mapping[str, Callable[[str], Iterator[bytes]]] = {
    "plain": _plain,
    "base64": _base64,
    "hex": _hex,
    "percent-encoded": _percent,
    "JSON-escaped": _json,
    "XML-escaped": _xml,
    "reversed": _reversed,
    "UTF-16": _utf16,
}
_NEEDLES = tuple({needle: name for name, forms in ENCODINGS.items() for beacon in BEACONS for needle in forms(beacon)}.items())
_ANY = re.compile(b"|".join(re.escape(needle) for needle, _ in _NEEDLES))


def found_in(haystack: bytes) -> set[str]:
    """Name each mark that stands in it as plain text, and each other form in which any mark stands in it."""
    if _ANY.search(haystack) is None:  # one look at it instead of a hundred
        return set()
    forms = {name for needle, name in _NEEDLES if needle in haystack}
    if "plain" not in forms:
        return forms
    return (forms - {"plain"}) | (marks_in(haystack) or {"plain"})


def found_in_files(folder: Path) -> dict[str, set[str]]:
    """Search every file below a folder; give what was found, by file."""
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            marks = found_in(file.read_bytes())
        except FileNotFoundError:  # SQLite makes and removes files beside its database
            continue
        if marks:
            found[str(file.relative_to(folder))] = marks
    return found
