"""Which part of a bundle was changed: found in the bytes of the file, so that it is known of a file that is no JSON any more, too."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imgate.consent.bundle import PARTS, SIGNATURE, Entry

_SEAM = b',"signature":"'
_END = b'"}'


@dataclass(frozen=True, slots=True)
class Run:
    """Some bytes in a row that the manifest speaks of, or that stand between two parts; they count as the part that they belong to."""

    part: str
    size: int
    sha256: str


def split(file: bytes) -> tuple[memoryview, str] | None:
    """Give what stands before the signature, and the signature. None where the file does not end in one."""
    seam = file.rfind(_SEAM)
    if seam < 0 or not file.endswith(_END) or seam + len(_SEAM) > len(file) - len(_END):
        return None
    try:
        return memoryview(file)[:seam], file[seam + len(_SEAM) : -len(_END)].decode("ascii")
    except UnicodeDecodeError:
        return None


def changed_parts(body: memoryview, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Name the parts between the first and the last byte that are not as the manifest says. ``body`` is all before the signature.

    Looked at from the front up to the first difference and from the end down to the last, so that what is in between may have any length.
    """
    runs = list(_runs(entries))
    front, at = 0, 0
    while front < len(runs) and _is(body, at, runs[front]):
        at += runs[front].size
        front += 1
    if front == len(runs) and at == len(body):
        return ()
    back, end = len(runs), len(body)
    while back > front and _is(body, end - runs[back - 1].size, runs[back - 1]):
        end -= runs[back - 1].size
        back -= 1
    # All of it is there and something is in between: it stands beside both neighbours.
    between = runs[front:back] or runs[max(front - 1, 0) : front + 1]
    named = [run.part for run in between]
    if front == back == len(runs):
        named.append(SIGNATURE)
    return tuple(dict.fromkeys(named))


def _runs(entries: Sequence[Entry]) -> Iterator[Run]:
    """Lay the file out as ``written`` writes it."""
    rest = list(entries)
    opened = b"{"
    for name in PARTS:
        yield _literal(f"/{name}", opened + f'"{name}":'.encode())
        opened = b","
        if name != "evidence":
            yield _run(rest.pop(0))
            continue
        comma = b"["
        while rest and rest[0]["part"].startswith("/evidence/"):
            yield _literal("/evidence", comma)
            yield _run(rest.pop(0))
            comma = b","
        yield _literal("/evidence", b"]" if comma == b"," else b"[]")


def _run(entry: Entry) -> Run:
    return Run(entry["part"], entry["bytes"], entry["sha256"])


def _literal(part: str, text: bytes) -> Run:
    return Run(part, len(text), hashlib.sha256(text).hexdigest())


def _is(body: memoryview, at: int, run: Run) -> bool:
    return at >= 0 and at + run.size <= len(body) and hashlib.sha256(body[at : at + run.size]).hexdigest() == run.sha256
