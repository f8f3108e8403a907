"""Canaries: texts that stand nowhere else, one in every leaf that can hold one, and the ways in which they could get out.

A canary is looked for in what becomes of the bytes when somebody undoes an encoding, several times over: base64 wherever it
begins, hex, percent signs, escapes of JSON and XML, UTF-16, text turned around, members of ZIP files, deflated bytes. So a
name in a spreadsheet in a base64 attachment is found as well.
"""

import base64
import binascii
import copy
import html
import io
import itertools
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imgate.conformance.variations import Record, item_of, scopes_of
from imgate.record.validation import RecordInvalid, validate_record

# Encodings inside each other that are undone: a ZIP in base64 in JSON is three.
_DEPTH = 3
_MOST_BYTES = 64 * 1024 * 1024

_numbers = itertools.count()
_BIRD, _OTHER_BIRD = "Kanarienvogel", "Haussperlinge"
# UUIDs that have letters and digits at the same places, so that both are mangled alike.
_ID, _OTHER_ID = "10819708-1970-4819-8000-", "20819708-1970-4819-8000-"


@dataclass(frozen=True, slots=True)
class Marked:
    """A valid record in which every text is a canary, and the canaries by scope. ``word`` begins the written ones, and no other's."""

    record: Mapping[str, Mapping[str, Any]]
    canaries: Mapping[str, frozenset[str]]
    word: str

    def beside(self, scopes: Iterable[str]) -> frozenset[str]:
        """Give the canaries of all scopes but these."""
        kept = frozenset(scopes)
        return frozenset().union(*(found for scope, found in self.canaries.items() if scope not in kept))

    def everything(self) -> frozenset[str]:
        """Give all canaries, those of the head included: whom a message is about is as personal as what it says."""
        return self.beside(()) | {reference_of(self.word), message_id_of(self.word)}


def new_word() -> str:
    """Give a word that stands nowhere else, for the canaries of several records."""
    return f"{_BIRD}{_letters(next(_numbers))}x"


def reference_of(word: str) -> str:
    """Give a reference that is a canary and begins with this word."""
    return f"{word}jq"


def message_id_of(word: str) -> str:
    """Give an id of a message that is a canary; it goes on after ``id_word``."""
    return f"{id_word(word)}a"


def id_word(word: str) -> str:
    """Give what stands for this word in ids of messages, which are UUIDs and have no place for it."""
    number = "".join(str(ord(letter) - ord("a")) for letter in word.removeprefix(_BIRD).removeprefix(_OTHER_BIRD)[:-1])
    return f"{_ID if word.startswith(_BIRD) else _OTHER_ID}{number:0>11}"


def twins(record: Record, *, coded_alike: bool = False) -> tuple[Marked, Marked]:
    """Mark a record twice, with canaries that are as long as each other and have nothing in common.

    Whoever says the same about both says nothing of either: no encoding, no digest, no first letter. ``coded_alike`` leaves days and
    numbers the same, for what is mangled afterwards: half a day is a day or none, depending on which.
    """
    word = new_word()
    # Three digits each, so that the written ones are as long as each other.
    return with_canaries(record, word, 101), with_canaries(record, word.replace(_BIRD, _OTHER_BIRD), 101 if coded_alike else 501)


def differ_in_words_only(one: bytes, other: bytes) -> bool:
    """Tell whether messages about twins are the same but for the words: what is mangled in both in one way is then mangled alike.

    A compressed one is another in every byte.
    """
    for theirs, ours in ((_OTHER_BIRD, _BIRD), (_OTHER_BIRD.lower(), _BIRD.lower()), (_OTHER_ID, _ID)):
        other = other.replace(theirs.encode(), ours.encode())
    return one == other


def with_canaries(record: Record, word: str | None = None, first: int = 1) -> Marked:
    """Put a canary into every leaf that may hold one. Without a word, two calls never give the same written canary.

    Coded ones, such as days, follow from their number alone, which begins with ``first``.
    """
    marked: dict[str, dict[str, Any]] = copy.deepcopy({section: dict(items) for section, items in record.items()})
    canaries: dict[str, set[str]] = {scope: set() for scope in scopes_of(record)}
    word = word or new_word()
    number = itertools.count(first)
    for scope in sorted(canaries):
        section, _, item = scope.partition(".")
        # An item that is a text itself stands in its section.
        holders = [(marked[section], item)] if isinstance(item_of(marked, scope), str) else list(_texts(item_of(marked, scope)))
        for holder, key in holders:
            before = holder[key]
            for canary in _candidates(word, next(number)):
                holder[key] = canary
                # Each item is valid by itself; the whole record again for each leaf would take most of the time.
                if _is_valid({section: {item: marked[section][item]}}):
                    canaries[scope].add(canary)
                    break
                holder[key] = before
    return Marked(marked, {scope: frozenset(found) for scope, found in canaries.items()}, word)


def _candidates(word: str, number: int) -> Iterator[str]:
    """Yield a written canary, then the coded ones: what a date, a number or an address can hold that stands nowhere else."""
    yield f"{word}{_letters(number)}z"
    yield f"{word.lower()}{_letters(number)}z@example.org"
    yield f"19{number % 10}{number // 10 % 10}-{number // 100 % 9 + 1:02}-17T03:14:15.{926535000 + number}Z"
    yield f"{1700 + number % 100}-{number // 100 % 12 + 1:02}-17"
    yield f"{20270401 - number * 7:08}"[:4] + f"-{number % 12 + 1:02}-{number % 28 + 1:02}"
    yield f"+4970819{number:06}"
    yield f"708K19{number:04}"
    yield f"70819{number:07}"


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _is_valid(record: object) -> bool:
    try:
        validate_record(record)
    except RecordInvalid:
        return False
    return True


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each holder of a string with its key or index."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        if isinstance(value[key], str):
            yield value, key
        else:
            yield from _texts(value[key])


def escaped(content: bytes | str, canaries: Iterable[str]) -> list[str]:
    """Name each way in which one of these canaries stands in the content (``base64, zip``); empty if none does."""
    wanted = [form.lower().encode() for canary in canaries for form in _spellings(canary)]
    raw = content.encode("utf-8", errors="surrogatepass") if isinstance(content, str) else content
    return sorted({way or "plain" for way, view in _views(raw) if any(canary in view for canary in wanted)})


def _spellings(canary: str) -> Iterator[str]:
    """Give a canary as it is, and a day as Germans write it, and without signs."""
    yield canary
    if day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", canary):
        year, month, number = day.groups()
        yield f"{number}.{month}.{year}"
        yield f"{year}{month}{number}"


def _views(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield everything that the content can be read as, in small letters, with how."""
    seen: set[bytes] = set()
    left = [("", content)]
    for depth in range(_DEPTH + 1):
        found: list[tuple[str, bytes]] = []
        for way, view in left:
            if view in seen or len(view) > _MOST_BYTES:
                continue
            seen.add(view)
            yield way, view.lower()
            # Text turned around is looked at and not decoded further: that would double the work for a rare trick.
            yield _joined(way, "reversed"), view[::-1].lower()
            if depth < _DEPTH:
                found += [(_joined(way, name), decoded) for name, decode in _DECODERS.items() for decoded in decode(view) if decoded]
        left = found


def _joined(way: str, name: str) -> str:
    return f"{way}, {name}" if way else name


# Runs shorter than this hold no canary.
_base64_runs = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n){19,}").finditer
_hex_runs = re.compile(rb"(?:[0-9A-Fa-f]{2}[ :]?){10,}").finditer
_json_escapes = re.compile(rb"\\u00([0-9a-fA-F]{2})")


def _base64(view: bytes) -> Iterator[bytes]:
    # Where a run begins is not known, so each of the four alignments is tried; all runs of one alignment make one view.
    runs = [run[0].replace(b"\r", b"").replace(b"\n", b"").translate(_URL_SAFE) for run in _base64_runs(view)]
    for skipped in range(4) if runs else ():
        yield b"\n".join(_decoded(run[skipped:]) for run in runs)
        if len(runs) > 1:
            # A file has to be whole to be opened.
            yield from (decoded for run in runs if (decoded := _decoded(run[skipped:])).startswith(_FILES))


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_FILES = (b"PK\x03\x04", b"\x1f\x8b")


def _decoded(run: bytes) -> bytes:
    # One sign more than a multiple of four is no byte.
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _hex(view: bytes) -> Iterator[bytes]:
    runs = [run[0].replace(b" ", b"").replace(b":", b"") for run in _hex_runs(view)]
    for skipped in range(2) if runs else ():
        shifted = [run[skipped:] for run in runs]
        yield b"\n".join(bytes.fromhex(run[: len(run) // 2 * 2].decode()) for run in shifted)


def _percent(view: bytes) -> Iterator[bytes]:
    if b"%" in view:
        yield urllib.parse.unquote_to_bytes(view)


def _json(view: bytes) -> Iterator[bytes]:
    if b"\\u00" in view:
        yield _json_escapes.sub(lambda found: bytes.fromhex(found[1].decode()), view)


def _xml(view: bytes) -> Iterator[bytes]:
    if b"&" in view:
        yield html.unescape(view.decode("latin-1")).encode("latin-1", errors="replace")


def _wide(view: bytes) -> Iterator[bytes]:
    # All canaries are ASCII: without its zeros, UTF-16 and UTF-32 are read either way round.
    if b"\x00" in view:
        yield view.replace(b"\x00", b"")


def _zip(view: bytes) -> Iterator[bytes]:
    if (start := view.find(b"PK\x03\x04")) < 0:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(view[start:])) as archive:
            yield from (archive.read(entry) for entry in archive.infolist() if entry.file_size <= _MOST_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        return


def _deflated(view: bytes) -> Iterator[bytes]:
    for start in (view.find(b"\x1f\x8b\x08"), 0 if view[:1] == b"\x78" else -1):
        if start >= 0:
            try:
                yield zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(view[start:], _MOST_BYTES)
            except zlib.error:
                continue


_DECODERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "base64": _base64,
    "hex": _hex,
    "percent": _percent,
    "JSON escapes": _json,
    "XML escapes": _xml,
    "UTF-16": _wide,
    "ZIP": _zip,
    "deflated": _deflated,
}
