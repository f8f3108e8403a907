"""What leaves: exactly the released columns, as text, readable again."""

import csv
import io
import tempfile
import unicodedata
import zipfile
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from imgate.plugin_api import TranslationFault
from imgate_jobkraftwerk.translate import configure

CSV = configure({})
XLSX = configure({"format": "xlsx"})


def csv_rows(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))


def columns(body):
    header, *rows = csv_rows(body)
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}


def test_header_holds_released_columns_and_the_envelope_only(adapter, release, envelope):
    body = adapter.to_partner(release({"work": {"status": {"kind": "in_school"}}}), envelope)
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.count(b"\r\n") == 2
    assert csv_rows(body) == [
        [
            *("Nachrichten-Nr.", "Erstellt", "Absender", "Empfänger", "Klient-Nr.", "Zweck", "Zeile", "Inhalt"),
            *("Arbeit", "Arbeit seit", "Wochenstunden"),
            *("Freigaben", "Hinweis"),
        ],
        [
            *(envelope.message_id, "2026-02-02T08:00:00Z", "IM Winnenden", "Sozialamt, Team 3", "JK-4711", "Falldokumentation"),
            *("1", "Stammdaten", "Schule", "", ""),
            *("work.status: IM Winnenden, selbst, bis 2026-12-31", "unterliegt der Schweigepflicht (§ 203 StGB)"),
        ],
    ]


def test_entries_stand_in_rows_of_their_own_with_their_own_release(adapter, release, envelope):
    need = {"field": "debt", "text": "x"}
    record = {"person": {"sex": "w"}, "needs": {"support": [need, need]}, "plan": {"steps": []}}
    table = columns(adapter.to_partner(release(record, origin="jobcenter-a"), envelope))
    assert table["Zeile"] == ["1", "2", "3", "4"]
    assert table["Inhalt"] == ["Stammdaten", "Maßnahme", "Bedarf", "Bedarf"]
    assert table["Geschlecht"] == ["weiblich", "", "", ""]
    assert table["Maßnahme"] == ["", "keine", "", ""]
    assert table["Freigaben"][1] == "plan.steps: IM Winnenden, jobcenter-a, bis 2026-12-31"
    assert set(table["Hinweis"]) == {"unterliegt der Schweigepflicht (§ 203 StGB)"}


def test_a_name_of_a_unit_cannot_make_up_another_release(adapter, release, envelope):
    table = columns(adapter.to_partner(release({"person": {"sex": "w"}}, discloser="X | person.name: B"), envelope))
    assert table["Freigaben"] == ["person.sex: X \\| person.name: B, selbst, bis 2026-12-31"]


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@x", "=cmd|'/c calc'!A1", "＝1", "'=1", '=HYPERLINK("http://x.example")'])
def test_formulas_stay_text_in_both_formats(release, envelope, text):
    record = {"needs": {"support": [{"field": "debt", "text": text}]}}
    as_csv = CSV.to_partner(release(record), envelope)
    assert columns(as_csv)["Bedarf"] == ["'" + text]
    as_xlsx = XLSX.to_partner(release(record), envelope)
    sheet = zipfile.ZipFile(io.BytesIO(as_xlsx)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet
    assert sheet.count(b"<c ") == sheet.count(b't="s"')
    for body in (as_csv, as_xlsx):
        assert CSV.from_partner(body).people[0].record == record


texts = st.one_of(
    st.text(st.sampled_from("'=+-@\uff1d\u200b |\\:()keine,;/\"\n\tä1_x0041"), max_size=10),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20),
).filter(lambda text: text and text == unicodedata.normalize("NFC", text).strip())
lines = texts.filter(lambda text: "\n" not in text and "\t" not in text)


@given(
    note=st.none() | texts,
    needs=st.lists(texts, max_size=3),
    bring=st.none() | st.lists(lines, max_size=3),
    value=lines,
    sign=st.none() | lines,
)
def test_any_text_comes_back_from_both_formats(release, envelope, note, needs, bring, value, sign):
    record = {
        "contact_persons": {
            "jobcenter": {
                **({} if sign is None else {"organisation_sign": sign}),
                "unit": "JC",
                "channels": [{"kind": "other", "value": value, "note": value}],
            }
        },
        "plan": {"steps": [{"title": value, "who": "client", "state": "open", **({} if note is None else {"note": note})}]},
        "appointments": {"upcoming": [{"at": "2026-02-03T09:30:00Z", "with": value, **({} if bring is None else {"bring": bring})}]},
        "needs": {"support": [{"text": text, "field": "debt"} for text in needs]},
    }
    for adapter in (CSV, XLSX):
        reading = CSV.from_partner(adapter.to_partner(release(record), envelope))
        assert reading.problems == ()
        assert reading.people[0].record == record


@given(reference=lines.filter(str.isprintable))
def test_any_reference_comes_back(release, envelope, reference):
    named = type(envelope)(envelope.message_id, envelope.created_at, envelope.sender, envelope.recipient, reference, envelope.purpose)
    for adapter in (CSV, XLSX):
        assert CSV.from_partner(adapter.to_partner(release({"person": {"sex": "x"}}), named)).people[0].reference == reference


@pytest.mark.parametrize("adapter", [CSV, XLSX])
def test_a_contact_person_comes_back_with_every_channel(adapter, release, envelope):
    channels = [{"kind": "phone", "value": "+4971951410", "note": "vormittags"}, {"kind": "email", "value": "a@example.org"}]
    person = {"unit": "Jobcenter", "name": {"family": "Roth"}, "channels": channels}
    record = {"contact_persons": {"jobcenter": person, "integration_management": {"unit": "IM", "channels": []}}}
    assert adapter.from_partner(adapter.to_partner(release(record), envelope)).people[0].record == record


def test_workbook_has_one_sheet_of_texts(workbook_adapter, release, envelope):
    body = workbook_adapter.to_partner(release({"housing": {"situation": {"kind": "own_flat", "rooms": 3}}}), envelope)
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert book.sheet_names == ["imgate"]
    header, row = book.get_sheet_by_index(0).to_python()
    assert dict(zip(header, row, strict=True))["Zimmer"] == "3"


@pytest.mark.parametrize("name", ["worksheets/sheet1.xml", "sharedStrings.xml", "styles.xml"])
def test_a_workbook_leaves_as_it_was_reviewed(workbook_adapter, release, envelope, name, snapshot):
    """Every cell is typed as text, also those that somebody fills in below; a telephone number needs no apostrophe then."""
    record = {"contact": {"phone": "+4971519500"}, "work": {"status": {"kind": "in_school"}}, "needs": {"support": []}}
    body = workbook_adapter.to_partner(release(record), envelope)
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        assert files.read(f"xl/{name}").decode() == snapshot


def test_a_workbook_is_made_in_memory_and_leaves_nothing_on_the_disk(monkeypatch, tmp_path, workbook_adapter, release, envelope):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert workbook_adapter.to_partner(release({"work": {"status": {"kind": "in_school"}}}), envelope).startswith(b"PK")


@pytest.mark.parametrize("adapter", [CSV, XLSX])
def test_same_input_same_bytes_whatever_the_clock(time_machine, adapter, release, envelope):
    time_machine.move_to("2026-01-01")
    first = adapter.to_partner(release({"person": {"sex": "w"}}), envelope)
    time_machine.move_to("2031-07-01")
    assert adapter.to_partner(release({"person": {"sex": "w"}}), envelope) == first


def test_more_text_than_a_cell_of_a_workbook_holds_is_a_fault(workbook_adapter, release, envelope):
    record = {"appointments": {"upcoming": [{"at": "2026-02-03T09:30:00Z", "with": "JC", "bring": ["x" * 2000] * 17}]}}
    with pytest.raises(TranslationFault) as caught:
        workbook_adapter.to_partner(release(record), envelope)
    assert caught.value.scope == "appointments.upcoming"
    assert caught.value.sentence == "has more text than one cell of a workbook can hold; write CSV instead"


def windows_1252(tmp_path):
    text = (resources.files("imgate_jobkraftwerk") / "mapping.toml").read_text("utf-8")
    path = tmp_path / "mapping.toml"
    path.write_text(text.replace('encoding = "utf-8" ', 'encoding = "windows-1252" '), "utf-8")
    return configure({"mapping": str(path)})


def test_windows_1252_where_the_mapping_asks_for_it(tmp_path, release, envelope):
    record = {"person": {"name": {"family": "Müßig"}}}
    body = windows_1252(tmp_path).to_partner(release(record), envelope)
    assert "Müßig".encode("cp1252") in body
    assert CSV.from_partner(body).people[0].record == record


def test_a_sign_that_windows_1252_lacks_is_a_fault_and_no_question_mark(tmp_path, release, envelope):
    with pytest.raises(TranslationFault) as caught:
        windows_1252(tmp_path).to_partner(release({"person": {"name": {"family": "Al-Ḥasan"}}}), envelope)
    assert caught.value.scope == "person.name"
    assert caught.value.sentence == ('has a sign that the encoding of the mapping does not have; set encoding = "utf-8", or write XLSX')
    assert caught.value.__context__ is None


def test_a_leaf_that_the_tables_do_not_know_is_a_fault(adapter, release, envelope):
    with pytest.raises(TranslationFault) as caught:
        adapter.to_partner(release({"residence": {"status": {"code": "1", "new": "x"}}}), envelope)
    assert caught.value.scope == "residence.status"
    assert caught.value.sentence == "has a leaf that these tables do not know, or lacks one that they need"


@pytest.mark.parametrize(("letters", "fits"), [(32_767, True), (32_768, False)])
def test_a_cell_of_a_workbook_is_filled_up_to_what_excel_holds(workbook_adapter, release, envelope, letters, fits):
    record = {"appointments": {"upcoming": [{"at": "2026-02-03T09:30:00Z", "with": "x" * letters}]}}
    if fits:
        assert workbook_adapter.to_partner(release(record), envelope)
    else:
        with pytest.raises(TranslationFault, match="more text than one cell"):
            workbook_adapter.to_partner(release(record), envelope)
