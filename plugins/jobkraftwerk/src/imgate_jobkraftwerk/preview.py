"""Say how a file is understood before anything of it is taken: what was found out, and which column goes where."""

from collections.abc import Mapping
from typing import BinaryIO

from imgate.plugin_api import ColumnDescription, FileDescription, SheetDescription
from imgate_jobkraftwerk.header import header_of, known_columns, sheet_of
from imgate_jobkraftwerk.mapping import Sheet, TableMapping, folded, written_path
from imgate_jobkraftwerk.rows import Row, dialect_of, is_workbook, tables_of


def describe_file(file: BinaryIO, mapping: TableMapping) -> FileDescription:
    """Describe a file. Reads all of it, but keeps none of its rows. Raises MessageUnreadable."""

    def score(names: list[str]) -> int:
        return known_columns(mapping, names)

    sheets = []
    for number, table in enumerate(tables_of(file, score), start=1):
        sheet = sheet_of(mapping, table.header.cells)
        rows = sum(1 for _ in table.rows)
        sheets.append(_unknown(number, rows, mapping) if sheet is None else _described(number, sheet, table.header, rows, mapping))
    if is_workbook(file):
        return FileDescription("xlsx", tuple(sheets))
    dialect = dialect_of(file, score)
    return FileDescription("csv", tuple(sheets), dialect.encoding.name, dialect.delimiter)


def _unknown(number: int, rows: int, mapping: TableMapping) -> SheetDescription:
    """Describe a sheet that the mapping does not know: what it lacks is the column by which any sheet names its clients."""
    return SheetDescription(number, None, rows, missing=tuple(dict.fromkeys(sheet.reference for sheet in mapping.sheets)))


def _described(number: int, sheet: Sheet, row: Row, rows: int, mapping: TableMapping) -> SheetDescription:
    header, _ = header_of(sheet, row, mapping.words)  # raises where a column stands twice
    known = {
        **{folded(name): (name, None) for name in sheet.without_scope},
        **{folded(name): (name, "envelope") for name in (*sheet.silent, sheet.message_id, sheet.purpose) if name is not None},
        **{folded(column.name): (column.name, written_path(column.scope, column.path)) for column in sheet.columns},
        folded(sheet.reference): (sheet.reference, "reference"),
    }
    names = [folded(name) for name in row.cells[: header.width]]
    columns = tuple(_column(position, name, known) for position, name in enumerate(names, start=1))
    missing = tuple(name for key, (name, holds) in known.items() if holds is not None and key not in names)
    return SheetDescription(number, sheet.name, rows, columns, missing)


def _column(number: int, name: str, known: Mapping[str, tuple[str, str | None]]) -> ColumnDescription:
    return ColumnDescription(number, *known.get(name, (None, None)))
