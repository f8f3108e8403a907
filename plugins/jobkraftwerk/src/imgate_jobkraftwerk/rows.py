"""Files as rows of text: CSV or XLSX, told by content, with encoding and delimiter found out.

Nothing is guessed where a wrong guess would move cells into other columns: then the file is refused.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from imgate.plugin_api import MessageUnreadable
from imgate_jobkraftwerk.text import Encoding, Lines, encoding_of

_ZIP: Final = b"PK\x03\x04"
_DELIMITERS: Final = (";", ",", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of the line in the file where it starts, its cells as they stand there, and in CSV its first byte."""

    line: int
    cells: list[str]
    begins: int = 0

    def __repr__(self) -> str:
        """Show the line only."""
        return f"Row({self.line})"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it. In a workbook each row is as wide as the sheet; in CSV a row may be too short."""

    header: Row
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written."""

    encoding: Encoding
    delimiter: str


# How many columns of a header are known; 0 if it is none.
Score = Callable[[list[str]], int]


def is_workbook(file: BinaryIO) -> bool:
    """Tell whether a file is packed, and so a workbook or nothing."""
    file.seek(0)
    return file.read(len(_ZIP)) == _ZIP


def tables_of(file: BinaryIO, score: Score) -> Iterator[Table]:
    """Give the tables in a file: one in CSV, each visible sheet that is not empty in a workbook.

    The header is the first row that is not empty. In CSV the delimiter is the one by which ``score`` knows most of its
    columns. Raises MessageUnreadable, also while the rows are being read.
    """
    if is_workbook(file):
        yield from _workbook_tables(file)
    else:
        dialect = dialect_of(file, score)
        rows = csv_rows(Lines(file, dialect.encoding), dialect.delimiter)
        yield Table(next(rows), rows)


def dialect_of(file: BinaryIO, score: Score) -> Dialect:
    """Find out how a CSV file is written. Raises MessageUnreadable where it holds no row at all."""
    encoding = encoding_of(file)
    headers = {delimiter: _header(file, encoding, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda delimiter: score(headers[delimiter] or []))
    if headers[delimiter] is None and next(csv_rows(Lines(file, encoding), delimiter), None) is None:
        raise MessageUnreadable("table_empty")
    return Dialect(encoding, delimiter)


def _header(file: BinaryIO, encoding: Encoding, delimiter: str) -> list[str] | None:
    try:
        row = next(csv_rows(Lines(file, encoding), delimiter), None)
    except MessageUnreadable:
        return None
    return None if row is None else row.cells


def csv_rows(lines: Lines, delimiter: str) -> Iterator[Row]:
    """Give the rows that are not empty. Once one is given, the lines stand where the next begins. Raises MessageUnreadable."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line, begins = 1, lines.position
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(line, cells, begins)
            line, begins = reader.line_num + 1, lines.position
    except csv.Error as error:
        # A quotation mark that is not closed swallows the rows after it: where the next one starts nobody can tell.
        code = "cell_too_large" if str(error).startswith("field larger") else "quoting_broken"
        raise MessageUnreadable(code, line) from None
    except MessageUnreadable as unreadable:
        raise MessageUnreadable(unreadable.code, line) from None


def _workbook_tables(file: BinaryIO) -> Iterator[Table]:
    try:
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        # What is hidden the sender may not know of: it stays where it is.
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
        ]
        tables = [_sheet_rows(workbook.get_sheet_by_name(name)) for name in names]
    except CalamineError:
        raise MessageUnreadable("workbook_broken") from None
    for rows in tables:
        if (header := next(rows, None)) is not None:
            yield Table(header, rows)


def _sheet_rows(sheet: CalamineSheet) -> Iterator[Row]:
    for line, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = [_text(cell) for cell in row]
        if any(map(str.strip, cells)):
            yield Row(line, cells)


def _text(cell: object) -> str:
    """Write what Excel took for a number, a date or a truth value as people write it."""
    match cell:
        case str():
            return cell
        case bool():
            return "ja" if cell else "nein"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
