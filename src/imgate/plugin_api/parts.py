"""Files that are larger than a message: how an adapter cuts one into messages, and says what it sees in it.

Both are for ``imgate messages import`` alone, and no adapter has to have them. They read the file that they are given, from any
place in it, and nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Part:
    """One message out of a file, in the format of every message of this adapter.

    ``lines`` says of each line of the message on which line of the file it stands. So many of them as ``repeated`` says are its
    head, which begins every part of the file: what is reported about them is reported once.
    """

    content: bytes = field(repr=False)
    lines: Sequence[int] = field(repr=False)
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """The messages of a file: how many there are, and one after the other."""

    number: int
    each: Iterator[Part]


@runtime_checkable
class PartedReader(Protocol):
    """An adapter that cuts a file into messages, so that no more than one of them is in memory."""

    def parts(self, file: BinaryIO, people: int) -> Parts | None:
        """Cut a file into messages with so many people each, or fewer. None if it is one message, whatever its size.

        All that the file says about a person is in one part, also where it is scattered over the file; what one cannot tell the person
        of is in any. Reading the parts gives what reading the whole file would give. The same file is cut in the same way.
        Raises MessageUnreadable where the whole file cannot be used.
        """


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """One column. ``name`` is its name as the mapping knows it, None where it is the sender's own word.

    ``holds`` is a leaf of the record (``person.name.family``), or ``reference``, or ``envelope``; None if it is nothing of these.
    """

    number: int
    name: str | None
    holds: str | None


@dataclass(frozen=True, slots=True)
class SheetDescription:
    """One table. ``kind`` is the mapping's name for it, None if the mapping knows none; ``missing`` are columns that others have."""

    number: int
    kind: str | None
    rows: int
    columns: tuple[ColumnDescription, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDescription:
    """What an adapter sees in a file before it reads any value. ``encoding`` and ``delimiter`` only where the format has them."""

    format: str
    sheets: tuple[SheetDescription, ...]
    encoding: str | None = None
    delimiter: str | None = None


@runtime_checkable
class Describing(Protocol):
    """An adapter that tells an operator how it understands a file."""

    def describe(self, file: BinaryIO) -> FileDescription:
        """Say what was found out about a file: names and counts, no values. Raises MessageUnreadable."""
