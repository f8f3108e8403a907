"""No table gets past the guard that could harm the machine or be read in two ways; and the core sees which columns leave."""

import io
import struct
import zipfile

import pytest
import xlsxwriter

from imgate.adapters.tables import CSV_MEDIA_TYPE, XLSX_MEDIA_TYPE, TableLimits, columns_present, guard_table
from imgate.plugin_api import MessageUnreadable

CANARY = "Geheimnis"
SMALL = TableLimits(size=100_000, entries=20, inflated=1_000_000, cells=10_000, text=100_000)


def workbook(*rows, **options):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell)
    return target.getvalue()


def parts_of(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, content)
    return target.getvalue()


GOOD = parts_of(workbook(["Klient-Nr.", "Nachname"], ["K1", CANARY]))
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;">]>'


def with_part(name, content):
    return packed({**GOOD, name: content})


def with_cells(cells):
    return with_part(SHEET, HEAD + cells + TAIL)


def with_relation(relation):
    name = "xl/_rels/workbook.xml.rels"
    return with_part(name, GOOD[name].replace(b"</Relationships>", relation + b"</Relationships>"))


def lying_about_its_size(body, name):
    """Let an entry declare that it is one byte long, in the directory and before the content."""
    broken = bytearray(body)
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        offset = 46 if signature == b"PK\x01\x02" else 30
        start = -1
        while (start := broken.find(signature, start + 1)) >= 0:
            if broken[start + offset :].startswith(name.encode()):
                struct.pack_into("<I", broken, start + at, 1)
    return bytes(broken)


def flagged_as_encrypted(body):
    broken = bytearray(body)
    start = broken.find(b"PK\x01\x02")
    struct.pack_into("<H", broken, start + 8, 1)
    return bytes(broken)


LONG_STRING = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 30_000 + b"</t></si></sst>"

REFUSED = {
    "nothing": (b"", "table_empty"),
    "too large": (b"x" * 100_001, "table_too_large"),
    "NUL in CSV": (b"Klient-Nr.;A\r\nK1;\x00\r\n", "nul_byte"),
    "UTF-16": ("Klient-Nr.;A\r\n".encode("utf-16"), "encoding_utf16"),
    "UTF-16, the other way round": (b"\xfe\xff" + "K".encode("utf-16-be"), "encoding_utf16"),
    "UTF-16 without a mark": ("Klient-Nr.;A\r\n".encode("utf-16-le"), "nul_byte"),
    "workbook of Excel 97, or with a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "format_unsupported"),
    "ZIP that breaks off": (packed(GOOD)[:-200], "zip_broken"),
    "ZIP of nothing": (b"PK\x03\x04" + b"\x00" * 80, "zip_broken"),
    "no workbook": (packed({"a.txt": b"x"}), "format_unsupported"),
    "OpenDocument": (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "format_unsupported"),
    "too many entries": (packed({**GOOD, **{f"xl/{n}.xml": b"<a/>" for n in range(20)}}), "zip_too_many_entries"),
    "upward name": (with_part("xl/../../etc/passwd", b"<a/>"), "zip_name_unsafe"),
    "absolute name": (with_part("/etc/passwd", b"<a/>"), "zip_name_unsafe"),
    "name of another system": (with_part("c:\\x.xml", b"<a/>"), "zip_name_unsafe"),
    "name twice but for capitals": (with_part(SHEET.upper(), b"<a/>"), "zip_name_unsafe"),
    "encrypted": (flagged_as_encrypted(packed(GOOD)), "zip_encrypted"),
    "unusual compression": (packed(GOOD, zipfile.ZIP_BZIP2), "format_unsupported"),
    "bomb that says so": (with_part("xl/x.xml", b"<a>" + b" " * 1_000_000 + b"</a>"), "zip_too_large"),
    "bomb in a picture": (with_part("xl/media/a.png", b"\x00" * 1_000_001), "zip_too_large"),
    "macros": (with_part("xl/vbaProject.bin", b"x"), "macros"),
    "external link": (with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "external_link"),
    "relation to an address": (
        with_relation(b'<Relationship Id="x" Type="a/attachedTemplate" Target="http://127.0.0.1/x" TargetMode="External"/>'),
        "external_link",
    ),
    "sheet that is called a picture": (
        with_relation(b'<Relationship Id="x" Type="a/worksheet" Target="media/a.png"/>'),
        "format_unsupported",
    ),
    "document type": (with_part(SHEET, BOMB + HEAD + TAIL), "xml_doctype"),
    "document type in UTF-16": (with_part(SHEET, (BOMB + HEAD + TAIL).decode().encode("utf-16")), "xml_doctype"),
    "document type in a part that nobody reads": (with_part("docProps/custom.dat", BOMB + b"<a/>"), "xml_doctype"),
    "broken XML": (with_part(SHEET, HEAD), "xml_broken"),
    "unknown encoding": (with_part(SHEET, b'<?xml version="1.0" encoding="x-klingon"?>' + HEAD + TAIL), "xml_broken"),
    "cell far out": (with_cells(b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>'), "table_too_large"),
    "cell far out, in small letters": (with_cells(b'<row r="1"><c r="xfd1048576"><v>1</v></c></row>'), "table_too_large"),
    "cell beyond any sheet": (with_cells(b'<row><c r="ZZZZ1"><v>1</v></c></row>'), "table_too_large"),
    "row far down": (with_cells(b'<row r="1"><c r="J1"/></row><row r="1048576"><c><v>1</v></c></row>'), "table_too_large"),
    "row beyond any sheet": (with_cells(b'<row r="99999999999999999999"><c/></row>'), "table_too_large"),
    "row zero": (with_cells(b'<row r="0"><c/></row>'), "table_too_large"),
    "reference that is none": (with_cells(b'<row r="1"><c r="$A$1"/></row>'), "xml_broken"),
    "with another prefix": (
        with_part(SHEET, b'<q:worksheet xmlns:q="u"><q:row q:r="1" r="9"><q:c r="XFD9999"/></q:row></q:worksheet>'),
        "table_too_large",
    ),
    "string beyond a cell": (with_part("xl/sharedStrings.xml", LONG_STRING.replace(b"x" * 30_000, b"x" * 32_768)), "cell_too_large"),
    "one long string for many cells": (
        packed({**GOOD, "xl/sharedStrings.xml": LONG_STRING, SHEET: HEAD + b"<row>" + b'<c t="s"><v>0</v></c>' * 4 + b"</row>" + TAIL}),
        "table_too_large",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    body, code = REFUSED[name]
    with pytest.raises(MessageUnreadable) as caught:
        guard_table(body, SMALL)
    assert caught.value.code == code
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_a_bomb_that_lies_about_its_size_is_not_inflated():
    honest = with_part("xl/x.xml", b"<a>" + b" " * 50_000_000 + b"</a>")
    with pytest.raises(MessageUnreadable, match=r"zip_broken|zip_too_large"):
        guard_table(lying_about_its_size(honest, "xl/x.xml"), SMALL)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"Klient-Nr.;Nachname\r\nK1;M\xfcller\r\n", id="CSV in Windows-1252"),
        pytest.param(b"nothing of a table", id="text, which is for the adapter to refuse"),
        pytest.param(packed(GOOD), id="a workbook"),
        pytest.param(packed(GOOD, zipfile.ZIP_STORED), id="a workbook that is not compressed"),
        pytest.param(
            with_part(
                "xl/worksheets/_rels/sheet1.xml.rels",
                b'<a><Relationship Id="a" Type="x/hyperlink" Target="mailto:a@b.example" TargetMode="External"/></a>',
            ),
            id="a mail address that Excel made a link of",
        ),
    ],
)
def test_let_through(body):
    guard_table(body, SMALL)


def test_defaults_take_a_large_export_of_an_office():
    guard_table(workbook(*([f"K-{number}", "x" * 50] for number in range(20_000))))


# --- the check of what leaves --------------------------------------------------------------------------------------------------

TABLES = {
    CSV_MEDIA_TYPE: lambda rows: (
        "\ufeff" + "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)
    ).encode(),
    XLSX_MEDIA_TYPE: lambda rows: workbook(*rows),
}


@pytest.mark.parametrize("media_type", TABLES)
def test_columns_and_whether_anything_stands_below_them(media_type):
    rows = [["A", "B; b", 'C"', "D"], ["1", "", "", ""], ["", "", "", "zwei\nZeilen"]]
    assert columns_present(TABLES[media_type](rows), media_type) == {"A": True, "B; b": False, 'C"': False, "D": True}


@pytest.mark.parametrize("media_type", TABLES)
def test_a_column_that_stands_twice_is_no_table(media_type):
    with pytest.raises(MessageUnreadable, match="header_duplicate"):
        columns_present(TABLES[media_type]([["A", "A"], ["1", "2"]]), media_type)


@pytest.mark.parametrize(
    ("body", "media_type", "code"),
    [
        (b"", CSV_MEDIA_TYPE, "table_empty"),
        (b'"A";"B"\r\n"1', CSV_MEDIA_TYPE, "quoting_broken"),
        (b"A;B\r\n", XLSX_MEDIA_TYPE, "format_unsupported"),
        (b"PK\x03\x04", XLSX_MEDIA_TYPE, "format_unsupported"),
    ],
)
def test_what_is_no_table_is_told(body, media_type, code):
    with pytest.raises(MessageUnreadable, match=code):
        columns_present(body, media_type)


def test_single_column_and_other_encoding():
    assert columns_present("Größe\r\nx\r\n".encode("cp1252"), CSV_MEDIA_TYPE) == {"Größe": True}


def test_a_sheet_has_a_million_cells_at_most():
    guard_table(with_cells(b'<row r="62500"><c r="P62500"><v>1</v></c></row>'))
    with pytest.raises(MessageUnreadable) as unreadable:
        guard_table(with_cells(b'<row r="62501"><c r="P62501"><v>1</v></c></row>'))
    assert unreadable.value.code == "table_too_large"


@pytest.mark.parametrize("media_type", TABLES)
def test_what_stands_beside_the_columns_does_not_leave(media_type):
    with pytest.raises(MessageUnreadable, match="row_too_long"):
        columns_present(TABLES[media_type]([["A", "B"], ["1", "2", "3"]]), media_type)


def test_a_second_sheet_does_not_leave():
    body = io.BytesIO()
    with xlsxwriter.Workbook(body) as workbook:
        for _ in range(2):
            workbook.add_worksheet().write_row(0, 0, ["A"])
    with pytest.raises(MessageUnreadable, match="sheet_unexpected"):
        columns_present(body.getvalue(), XLSX_MEDIA_TYPE)
