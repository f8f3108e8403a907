"""Cut a CSV file that is larger than a message into messages, each with all rows of its people.

The file is read twice. The first time it is checked as a whole, and of each row is kept where it stands and whose it is; the second
time the rows of one part after the other are fetched from where they stand. So memory grows by some thirty bytes a row and a
hundred a person, and not by what stands in the rows.
"""

import codecs
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate
from typing import BinaryIO, Final

from imgate.plugin_api import MessageUnreadable, Part, Parts
from imgate_jobkraftwerk.header import Header, header_of, known_columns, sheet_of
from imgate_jobkraftwerk.mapping import TableMapping
from imgate_jobkraftwerk.rows import Dialect, Row, csv_rows, dialect_of, is_workbook
from imgate_jobkraftwerk.text import Lines

# A part has fewer people where theirs are many rows. A single person's are never parted, however many they are.
_MOST_BYTES: Final = 4 * 1024 * 1024


def parts_of(file: BinaryIO, mapping: TableMapping, people: int) -> Parts | None:
    """Cut a file. None for a workbook, which only opens as a whole, and for a table of imgate's own, which is one message.

    Raises MessageUnreadable.
    """
    if is_workbook(file):
        return None
    dialect = dialect_of(file, lambda names: known_columns(mapping, names))
    lines = Lines(file, dialect.encoding)
    rows = csv_rows(lines, dialect.delimiter)
    top = next(rows)
    sheet = sheet_of(mapping, top.cells)
    if sheet is None:
        raise MessageUnreadable("header_unknown", top.line)
    if sheet.message_id is not None:
        return None
    header, _ = header_of(sheet, top, mapping.words)
    head = lines.position
    index = _index_of(rows, lines, header)
    packed = _Packed.of(index, people)
    return Parts(packed.number, _each(file, dialect, head, index, packed))


@dataclass(slots=True)
class _Index:
    """Where each row stands, and whose it is."""

    begins: "array[int]" = field(default_factory=lambda: array("Q"))
    ends: "array[int]" = field(default_factory=lambda: array("Q"))
    lines: "array[int]" = field(default_factory=lambda: array("I"))
    people: "array[int]" = field(default_factory=lambda: array("I"))
    # By person, the bytes of all of its rows.
    sizes: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, row: Row, ends: int, person: int) -> None:
        """Take the next row, of one of the people so far or of the next one."""
        if person == len(self.sizes):
            self.sizes.append(0)
        self.begins.append(row.begins)
        self.ends.append(ends)
        self.lines.append(row.line)
        self.people.append(person)
        self.sizes[person] += ends - row.begins


def _index_of(rows: Iterable[Row], lines: Lines, header: Header) -> _Index:
    """Read all rows. Who is who is known as long as that takes: it is most of the memory."""
    index = _Index()
    known: dict[bytes, int] = {}
    for row in rows:
        new = len(index.sizes)
        reference = header.reference_of(row)
        # Two people with one digest would come into the same part, and nothing else. A row of nobody's counts as a person of its own.
        digest = blake2b(reference.encode(), digest_size=8).digest()
        index.add(row, lines.position, known.setdefault(digest, new) if reference else new)
    return index


@dataclass(frozen=True, slots=True)
class _Packed:
    """Which rows are in which part: those of the first begin ``order``, in the order of the file, and ``ends`` says where they end."""

    order: "array[int]"
    ends: tuple[int, ...]

    @property
    def number(self) -> int:
        return len(self.ends)

    @classmethod
    def of(cls, index: _Index, people: int) -> "_Packed":
        part_of, number = array("I"), 0
        count = size = 0
        for bytes_of_person in index.sizes:
            if count and (count == people or size + bytes_of_person > _MOST_BYTES):
                number, count, size = number + 1, 0, 0
            part_of.append(number)
            count, size = count + 1, size + bytes_of_person
        rows = [0] * (number + 1)
        for person in index.people:
            rows[part_of[person]] += 1
        ends = tuple(accumulate(rows))
        places = [end - count for end, count in zip(ends, rows, strict=True)]
        order = array("I", bytes(4 * len(index.people)))
        for row, person in enumerate(index.people):
            part = part_of[person]
            order[places[part]] = row
            places[part] += 1
        return cls(order, ends)


def _each(file: BinaryIO, dialect: Dialect, head_ends: int, index: _Index, packed: _Packed) -> Iterator[Part]:
    head = _bytes(file, dialect.encoding.begins, head_ends)
    repeated = len(head.splitlines())
    begin = 0
    for end in packed.ends:
        found, lines = [head], list(range(1, repeated + 1))
        for row in packed.order[begin:end]:
            found.append(_bytes(file, index.begins[row], index.ends[row]))
            lines += range(index.lines[row], index.lines[row] + len(found[-1].splitlines()))
        # Always in UTF-8 with its mark: of a few rows in Windows-1252 nobody could tell how they are written.
        text = b"".join(found).decode(dialect.encoding.codec)
        yield Part(codecs.BOM_UTF8 + text.encode(), tuple(lines), repeated)
        begin = end


def _bytes(file: BinaryIO, begin: int, end: int) -> bytes:
    file.seek(begin)
    return file.read(end - begin)
