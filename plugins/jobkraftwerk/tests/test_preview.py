"""The preview says how a file is understood, and nothing that stands in its cells or that only the sender named."""

import io

import pytest
import xlsxwriter

from imgate.plugin_api import ColumnDescription, MessageUnreadable
from imgate_jobkraftwerk.translate import configure

HEAD = "Klient-Nr.;Nachname;VORNAME;Letztes Gespräch;Geheimnis"


def described(body, adapter=None):
    return (adapter or configure({})).describe(io.BytesIO(body))


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-bom"), ("cp1252", "windows-1252")], ids=["plain", "mark", "1252"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encoding_and_delimiter_are_told(encoding, name, delimiter):
    description = described(f"{HEAD}\r\nK1;Müßig;;;x\r\n".replace(";", delimiter).encode(encoding))
    assert (description.format, description.encoding, description.delimiter) == ("csv", name, delimiter)


def test_each_column_is_told_with_its_leaf_and_those_of_the_sender_by_number():
    (sheet,) = described(f"{HEAD}\r\nK1;A;;;x\r\n\r\nK2;B;;;x\r\n".encode()).sheets
    assert (sheet.number, sheet.kind, sheet.rows) == (1, "sheets.clients", 2)
    assert sheet.columns == (
        ColumnDescription(1, "Klient-Nr.", "reference"),
        ColumnDescription(2, "Nachname", "person.name.family"),
        ColumnDescription(3, "Vorname", "person.name.given"),
        ColumnDescription(4, "Letztes Gespräch", None),
        ColumnDescription(5, None, None),
    )
    assert "Geburtsdatum" in sheet.missing
    assert "Letztes Gespräch" not in sheet.missing


def test_what_is_missing_is_what_could_hold_something_and_is_not_there():
    (sheet,) = described(f"{HEAD}\r\nK1;A;;;x\r\n".encode()).sheets
    known = next(known for known in configure({}).mapping.sheets if known.name == sheet.kind)
    assert sheet.missing == tuple(column.name for column in known.columns if column.name not in ("Nachname", "Vorname"))


def test_the_published_exports_are_understood(shared):
    folder = shared / "data/jobkraftwerk"
    clients = described((folder / "export_utf8_bom.csv").read_bytes())
    plan = described((folder / "plan_windows1252.csv").read_bytes())
    assert (clients.encoding, clients.sheets[0].kind, clients.sheets[0].rows, clients.sheets[0].missing) == (
        "utf-8-bom",
        "sheets.clients",
        3,
        (),
    )
    assert (plan.encoding, plan.sheets[0].kind, plan.sheets[0].rows, plan.sheets[0].missing) == ("windows-1252", "sheets.plan", 4, ())


def test_sheets_of_a_workbook_are_told_apart_also_those_that_are_left_out():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in {"Geheimnis": [["Notizen"], ["x"]], "Klienten": [["Klient-Nr.", "Nachname"], ["K1", "A"]]}.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    description = described(target.getvalue())
    assert (description.format, description.encoding, description.delimiter) == ("xlsx", None, None)
    assert [(sheet.number, sheet.kind, sheet.rows) for sheet in description.sheets] == [(1, None, 1), (2, "sheets.clients", 1)]
    assert "Geheimnis" not in repr(description)


def test_a_message_of_imgates_own_is_known_as_one(adapter, release, envelope):
    (sheet,) = described(adapter.to_partner(release({"person": {"sex": "w"}}), envelope)).sheets
    assert sheet.kind == "message"
    assert {column.holds for column in sheet.columns} == {"envelope", "reference", "person.sex"}


def test_no_value_and_no_word_of_the_sender_is_told():
    body = f"{HEAD}\r\nK1;Streng;Vertraulich;;x\r\n".encode()
    shown = repr(described(body))
    assert not [word for word in ("Geheimnis", "Streng", "Vertraulich", "K1") if word in shown]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "table_empty"),
        (b"\r\n;;\r\n", "table_empty"),
        (b"Klient-Nr.;Nachname;nachname\r\n", "header_duplicate"),
        (b'Klient-Nr.;Nachname\r\nK1;"A\r\n', "quoting_broken"),
        (b"PK\x03\x04broken", "workbook_broken"),
    ],
)
def test_what_cannot_be_read_cannot_be_described(body, code):
    with pytest.raises(MessageUnreadable, match=f"^{code}$"):
        described(body)


def test_an_unknown_header_is_shown_as_such_with_the_column_that_names_clients_missing():
    (sheet,) = described(b"Vorgang;Betrag\r\n1;2\r\n").sheets
    assert (sheet.kind, sheet.rows, sheet.columns, sheet.missing) == (None, 1, (), ("Klient-Nr.",))
