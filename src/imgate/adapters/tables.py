"""Guard tables before anything reads them, and say which columns stand in a table that is about to leave.

Both are done here and not in a plugin: a plugin is never asked whether a check applies, and the check of what leaves
must not rest on the code that wrote it. A table is CSV, or XLSX (ECMA-376: a ZIP of XML parts).
"""

import csv
import io
import os
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook

from imgate.adapters.table_parts import SHARED_STRINGS, PartGuard
from imgate.plugin_api import MessageUnreadable

CSV_MEDIA_TYPE: Final = "text/csv"
XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_MIB: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
# The compound file of Excel 97, and of every workbook with a password.
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# UTF-16 and UTF-32, either way round; the little-endian mark of UTF-32 begins with that of UTF-16.
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_DELIMITERS: Final = (";", ",", "\t")
_ENCRYPTED: Final = 0x1
_CHUNK: Final = 64 * 1024
# What zipfile is known to raise on broken input, beside its own BadZipFile.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much a table may ask of this machine. ``cells`` is the area of a sheet, ``text`` the characters in it.

    ``file`` is for a CSV file that is cut into tables, so that no more than one of them is in memory.
    """

    size: int = 64 * _MIB
    file: int = 1024 * _MIB
    entries: int = 500
    inflated: int = 256 * _MIB
    cells: int = 1_000_000
    text: int = 256 * _MIB


DEFAULT_LIMITS: Final = TableLimits()


def guard_table(body: bytes, limits: TableLimits = DEFAULT_LIMITS) -> None:
    """Refuse a table that could harm the machine or be read in two ways, before any parser sees it.

    Not checked: whether it is a table at all, its encoding and its columns; that is the adapter's to say. Raises
    MessageUnreadable with one of the codes ``table_empty`` ``table_too_large`` ``encoding_utf16`` ``nul_byte``
    ``format_unsupported`` ``zip_broken`` ``zip_too_many_entries`` ``zip_name_unsafe`` ``zip_encrypted``
    ``zip_too_large`` ``xml_broken`` ``xml_doctype`` ``external_link`` ``macros`` ``cell_too_large``.
    """
    if not body:
        raise MessageUnreadable("table_empty")
    if len(body) > limits.size:
        raise MessageUnreadable("table_too_large")
    if body.startswith(_ZIP):
        _guard_workbook(body, limits)
    elif body.startswith(_OLE):
        raise MessageUnreadable("format_unsupported")
    elif body.startswith(_WIDE):
        raise MessageUnreadable("encoding_utf16")
    elif b"\x00" in body:
        raise MessageUnreadable("nul_byte")


def guard_table_file(file: BinaryIO, limits: TableLimits = DEFAULT_LIMITS) -> None:
    """Refuse a file that could harm the machine before it is cut into tables; each of those goes through ``guard_table`` itself.

    A workbook only opens as a whole, so ``guard_table`` looks at it here too. Leaves the file anywhere. Raises MessageUnreadable with
    the codes of ``guard_table``.
    """
    file.seek(0)
    first = chunk = file.read(_CHUNK)
    if first.startswith((_ZIP, _OLE)):
        guard_table(first + file.read(limits.size), limits)
        return
    if not first:
        raise MessageUnreadable("table_empty")
    if first.startswith(_WIDE):
        raise MessageUnreadable("encoding_utf16")
    if file.seek(0, os.SEEK_END) > limits.file:
        raise MessageUnreadable("table_too_large")
    file.seek(len(first))
    while chunk:
        if b"\x00" in chunk:
            raise MessageUnreadable("nul_byte")
        chunk = file.read(_CHUNK)


def columns_present(body: bytes, media_type: str) -> dict[str, bool]:
    """Return the column names of a table that imgate is about to send, and whether any cell below each is filled.

    Raises MessageUnreadable where it is no table of that media type, where a column stands twice, and where something stands outside
    the columns: ``row_too_long`` ``sheet_unexpected``.
    """
    rows = _workbook_rows(body) if media_type == XLSX_MEDIA_TYPE else _csv_rows(body)
    header = next(rows, None)
    if header is None:
        raise MessageUnreadable("table_empty")
    filled = dict.fromkeys(header, False)
    if len(filled) != len(header):
        raise MessageUnreadable("header_duplicate")
    for row in rows:
        if len(row) > len(header):
            raise MessageUnreadable("row_too_long")
        for name, cell in zip(header, row, strict=False):
            filled[name] = filled[name] or cell != ""
    if filled.get(""):
        raise MessageUnreadable("row_too_long")
    return filled


def _guard_workbook(body: bytes, limits: TableLimits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            _guard_entries(entries, limits)
            left = limits.inflated
            guard = PartGuard(limits.cells, limits.text)
            # Shared strings come first: the cells of the sheets refer to them.
            for entry in sorted(entries, key=lambda entry: entry.filename.lower() != SHARED_STRINGS):
                left = _guard_part(archive, entry, guard, left)
    except _BROKEN as error:
        raise MessageUnreadable("zip_broken") from error


def _guard_entries(entries: list[zipfile.ZipInfo], limits: TableLimits) -> None:
    if len(entries) > limits.entries:
        raise MessageUnreadable("zip_too_many_entries")
    names = {entry.filename.lower() for entry in entries}
    # Two entries of one name are a way to show one table to this guard and another to the reader.
    if len(names) != len(entries) or not all(_is_safe(entry.filename) for entry in entries):
        raise MessageUnreadable("zip_name_unsafe")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise MessageUnreadable("zip_encrypted")
    if sum(entry.file_size for entry in entries) > limits.inflated:
        raise MessageUnreadable("zip_too_large")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise MessageUnreadable("format_unsupported")
    if any(posixpath.basename(name) == "vbaproject.bin" for name in names):
        raise MessageUnreadable("macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise MessageUnreadable("external_link")
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise MessageUnreadable("format_unsupported")


def _is_safe(name: str) -> bool:
    return not name.startswith("/") and "\\" not in name and ":" not in name and name.isprintable() and ".." not in name.split("/")


def _guard_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, guard: PartGuard, left: int) -> int:
    """Inflate one part piece by piece, whatever size it declares, and return what may still be inflated."""
    part = guard.part(entry.filename)
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise MessageUnreadable("zip_too_large")
            part.feed(chunk)
    part.close()
    return left


def _csv_rows(body: bytes) -> Iterator[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    delimiter = max(_DELIMITERS, key=lambda delimiter: _width(text, delimiter))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise MessageUnreadable("quoting_broken") from error


def _width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), ()))
    except csv.Error:
        return 0


def _workbook_rows(body: bytes) -> Iterator[list[str]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(body))
        sheets = len(workbook.sheet_names)
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile) as error:
        raise MessageUnreadable("format_unsupported") from error
    if sheets != 1:
        raise MessageUnreadable("sheet_unexpected")
    yield from ([str(cell) for cell in row] for row in rows)
