"""Bytes as rows of text: CSV or XLSX, told by content, with encoding and delimiter found out.

Nothing is guessed where a wrong guess would damage names or move cells into other columns: then the file is refused.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from imgate.plugin_api import MessageUnreadable

_ZIP: Final = b"PK\x03\x04"
_DELIMITERS: Final = (";", ",", "\t")
# UTF-16 and UTF-32; Excel writes the former as "Unicode-Text".
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# What a letter of UTF-8 such as ü looks like in Windows-1252 (Ã¼): two files were pasted together.
_TWO_ENCODINGS: Final = re.compile(rb"\xc3[\x80-\xbf]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of the line in the file where it starts, and its cells as they stand there."""

    line: int
    cells: list[str]

    def __repr__(self) -> str:
        """Show the line only."""
        return f"Row({self.line})"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it. In a workbook each row is as wide as the sheet; in CSV a row may be too short."""

    header: Row
    rows: Iterator[Row]


# How many columns of a header are known; 0 if it is none.
Score = Callable[[list[str]], int]


def tables_of(body: bytes, score: Score) -> Iterator[Table]:
    """Give the tables in a file: one in CSV, each visible sheet that is not empty in a workbook.

    The header is the first row that is not empty. In CSV the delimiter is the one by which ``score`` knows most of its
    columns. Raises MessageUnreadable, also while the rows are being read.
    """
    if body.startswith(_ZIP):
        yield from _workbook_tables(body)
    else:
        yield _csv_table(_decoded(body), score)


def _decoded(body: bytes) -> str:
    if body.startswith(_WIDE):
        raise MessageUnreadable("encoding_utf16")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if body.startswith(b"\xef\xbb\xbf") or _TWO_ENCODINGS.search(body):
        raise MessageUnreadable("encoding_mixed")
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError:
        raise MessageUnreadable("encoding_unknown") from None


def _csv_table(text: str, score: Score) -> Table:
    found = max(_DELIMITERS, key=lambda delimiter: score(_header(text, delimiter)))
    rows = _csv_rows(text, found)
    header = next(rows, None)
    if header is None:
        raise MessageUnreadable("table_empty")
    return Table(header, rows)


def _header(text: str, delimiter: str) -> list[str]:
    try:
        row = next(_csv_rows(text, delimiter), None)
    except MessageUnreadable:
        return []
    return [] if row is None else row.cells


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        # A quotation mark that is not closed swallows the rows after it: where the next one starts nobody can tell.
        code = "cell_too_large" if str(error).startswith("field larger") else "quoting_broken"
        raise MessageUnreadable(code, line) from None


def _workbook_tables(body: bytes) -> Iterator[Table]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(body))
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
