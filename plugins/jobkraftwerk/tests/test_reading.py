"""What a table may and may not look like, and what each mistake costs."""

import datetime
import io

import pytest
import xlsxwriter

from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate_jobkraftwerk import rows
from imgate_jobkraftwerk.people import Person
from imgate_jobkraftwerk.translate import configure

HEAD = "Klient-Nr.;Nachname;Vorname;Geburtsdatum;Arbeit"
PLAN = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"
CANARY = "Geheimnis"
at = datetime.datetime.fromisoformat


def table(*rows, head=HEAD):
    return "\r\n".join([head, *rows, ""])


def people(reading):
    return {person.reference: person.record for person in reading.people}


def workbook(*sheets, hidden=()):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet()
            if number in hidden:
                sheet.hide()
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime.date):
                        sheet.write_datetime(line, column, cell, day)
                    else:
                        sheet.write(line, column, cell)
    return target.getvalue()


# --- whole files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "table_empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf\r\n ;; \r\n", "table_empty", id="blanks only"),
        pytest.param(b"Nachname;Vorname\r\nA;B\r\n", "header_unknown", id="nobody is named"),
        pytest.param(table("K1;A;B;;").replace(";", "|").encode(), "header_unknown", id="unknown delimiter"),
        pytest.param(table("K1;A;B;;").encode("utf-16"), "encoding_utf16", id="UTF-16 with its mark"),
        pytest.param(table("K1;A;B;;").encode("utf-16-be"), "header_unknown", id="UTF-16 without a mark"),
        pytest.param(b"\xef\xbb\xbf" + table("K1;M\xfcller;;;").encode("cp1252"), "encoding_mixed", id="a mark that lies"),
        pytest.param(table("K1;Müller;;;").encode() + "K2;Gößl;;;\r\n".encode("cp1252"), "encoding_mixed", id="two encodings in one file"),
        pytest.param(table("K1;A;;;").encode() + b"K2;\x81;;;\r\n", "encoding_unknown", id="neither of the two"),
        pytest.param(table('K1;"A;;;', "K2;B;;;").encode(), "quoting_broken", id="a quotation mark never closed"),
        pytest.param(table('K1;"A"x;;;').encode(), "quoting_broken", id="text after the closing mark"),
        pytest.param(b'"Klient-Nr.;Nachname\r\nK1;A\r\n', "quoting_broken", id="a header with a mark never closed"),
        pytest.param(table(f"K1;{'x' * 200_000};;;").encode(), "cell_too_large", id="a huge cell"),
        pytest.param(
            table("K1;A;B;;", head="Klient-Nr.;Nachname;nachname ;Geburtsdatum;Arbeit").encode(), "header_duplicate", id="a name twice"
        ),
        pytest.param(table("K1;A;B;;", head="Klient-Nr.;Nachname;X;x;Arbeit").encode(), "header_duplicate", id="an unknown name twice"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 50, "workbook_broken", id="a workbook that is none"),
    ],
)
def test_unusable_files_are_refused_as_a_whole(adapter, body, code):
    with pytest.raises(MessageUnreadable) as caught:
        adapter.from_partner(body)
    assert caught.value.code == code


def test_a_broken_quotation_is_reported_where_its_row_begins(adapter):
    with pytest.raises(MessageUnreadable) as caught:
        adapter.from_partner(table("K1;A;;;", f'K2;"{CANARY};;;', "K3;B;;;").encode())
    assert caught.value.line == 3
    assert CANARY not in repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_found_out(adapter, encoding, delimiter, newline):
    body = table("K1;Müßig;Šárka;03.1994;Schule").replace(";", delimiter).replace("\r\n", newline).encode(encoding, errors="replace")
    reading = adapter.from_partner(body)
    assert people(reading)["K1"]["person"]["name"]["family"] == "Müßig"
    assert people(reading)["K1"]["work"] == {"status": {"kind": "in_school"}}


def test_header_may_be_written_otherwise(adapter):
    reading = adapter.from_partner(table("x;K1;A", head="Etwas; klient-nr. ;NACHNAME").encode())
    assert people(reading) == {"K1": {"person": {"name": {"family": "A"}}}}
    assert reading.problems == (RowProblem(1, 1, "column_without_scope"),)


def test_unknown_columns_are_reported_once_and_by_number(adapter):
    """The name of a column that nobody knows is the sender's word: it may be anything."""
    reading = adapter.from_partner(table("K1;A;;;;x", "K2;B;;;;y", head=f"{HEAD};{CANARY}").encode())
    assert reading.problems == (RowProblem(1, 6, "column_without_scope"),)
    assert set(people(reading)) == {"K1", "K2"}


# --- rows --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        pytest.param("K1;A;B", None, "row_too_short", id="too short"),
        pytest.param("K1;A;B;;;x", None, "row_too_long", id="too long"),
        pytest.param(";A;B;;", "Klient-Nr.", "reference_missing", id="nobody"),
        pytest.param("  ;A;B;;", "Klient-Nr.", "reference_missing", id="a blank"),
        pytest.param(f"{'K' * 65};A;B;;", "Klient-Nr.", "reference_invalid", id="a long reference"),
        pytest.param('"K\n1";A;B;;', "Klient-Nr.", "reference_invalid", id="a line break in a reference"),
        pytest.param("K1;A;B;31.02.1990;", "Geburtsdatum", "date_invalid", id="no such day"),
        pytest.param("K1;A;B;29.02.2023;", "Geburtsdatum", "date_invalid", id="no leap year"),
        pytest.param("K1;A;B;00.03.1994;", "Geburtsdatum", "date_invalid", id="day zero"),
        pytest.param("K1;A;B;13.1994;", "Geburtsdatum", "date_invalid", id="month thirteen"),
        pytest.param("K1;A;B;1.2.94;", "Geburtsdatum", "date_invalid", id="two digits of a year"),
        pytest.param("K1;A;B;03/1994;", "Geburtsdatum", "date_invalid", id="a slash"),
        pytest.param("K1;A;B;٠٣.1994;", "Geburtsdatum", "date_invalid", id="digits of another script"),
        pytest.param("K1;A;B;0000;", "Geburtsdatum", "date_invalid", id="year zero"),
        pytest.param("K1;A;B;;Bundeskanzler", "Arbeit", "not_in_list", id="no such word"),
        pytest.param("K1;ريم;B;;", "Nachname", "not_din91379", id="another script in a name"),
        pytest.param("K1;=cmd|'/c calc'!A1;B;;", "Nachname", "not_din91379", id="a formula for a name"),
        pytest.param("K1;A\x07;B;;", "Nachname", "control_character", id="a control character"),
    ],
)
def test_a_bad_cell_costs_its_row_and_no_other(adapter, row, column, code):
    reading = adapter.from_partner(table("K8;C;D;1990;", row, "K9;E;F;;Schule").encode())
    assert reading.problems == (RowProblem(3, column, code),)
    assert set(people(reading)) == {"K8", "K9"}


def test_all_bad_cells_of_a_row_are_reported_at_once(adapter):
    reading = adapter.from_partner(table("K1;A;B;99;Nichts").encode())
    assert reading.problems == (RowProblem(2, "Geburtsdatum", "date_invalid"), RowProblem(2, "Arbeit", "not_in_list"))


def test_what_is_missing_is_reported_with_its_column(adapter):
    reading = adapter.from_partner(table("K1;1.1.2026;Arbeit;Ziel;Schritt;;;offen;", head=PLAN).encode())
    assert reading.problems == (RowProblem(2, "Wer", "missing"),)


def test_lines_are_counted_in_the_file_as_sent(adapter):
    row = 'K1;1.1.2026;Arbeit;Ziel;Schritt;IM;;offen;"Hinweis\nüber drei\r\nZeilen"'
    reading = adapter.from_partner(table("", row, "", ";;;;;;;;", ";x;;;;;;;", head=PLAN).encode())
    assert reading.people[0].line == 3
    assert reading.problems == (RowProblem(8, "Klient-Nr.", "reference_missing"),)


def test_empty_cells_say_nothing(adapter):
    reading = adapter.from_partner(table("K1;;;;", "K2; ;\u00a0;;").encode())
    assert (reading.people, reading.problems) == ((), ())


def test_trailing_empty_cells_are_no_matter(adapter):
    reading = adapter.from_partner(table("K1;A;;;;;;", head=f"{HEAD};;").encode())
    assert people(reading) == {"K1": {"person": {"name": {"family": "A"}}}}
    assert reading.problems == ()


def test_lone_quotation_marks_within_a_cell_stay(adapter):
    row = 'K1;;Arbeit;Ziel;Brett 5" lang;IM;;offen;„deutsch“ und “englisch”'
    reading = adapter.from_partner(table(row, head=PLAN).encode())
    step = people(reading)["K1"]["plan"]["steps"][0]
    assert (step["title"], step["note"]) == ('Brett 5" lang', "„deutsch“ und “englisch”")


def test_decomposed_letters_are_composed(adapter):
    reading = adapter.from_partner(table("K1;Mu\u0308ller;;;").encode())
    assert people(reading)["K1"]["person"]["name"]["family"] == "Müller"


# --- several rows about one person ---------------------------------------------------------------------------------------------


def test_rows_about_one_person_become_one(adapter):
    reading = adapter.from_partner(table("K1;A;;;", "K2;B;;;", "K1;A;C;1990;").encode())
    assert [person.reference for person in reading.people] == ["K1", "K2"]
    assert reading.people[0].record["person"] == {"name": {"family": "A", "given": "C"}, "birth": {"date": "1990"}}


def test_a_row_that_contradicts_an_earlier_one_is_left_out(adapter):
    reading = adapter.from_partner(table("K1;A;;1990;", "K1;A;C;1991;Schule").encode())
    assert reading.problems == (RowProblem(3, "Geburtsdatum", "contradicts_earlier_row"),)
    assert people(reading)["K1"] == {"person": {"name": {"family": "A"}, "birth": {"date": "1990"}}}


@pytest.mark.parametrize(
    ("second", "column"), [("K1;A;C;1990;", "Vorname"), ("K1;B;B;1990;", "Nachname"), ("K1;A;B;1991;", "Geburtsdatum")]
)
def test_of_a_contradiction_the_column_is_told_in_which_it_stands(adapter, second, column):
    reading = adapter.from_partner(table("K1;A;B;1990;", second).encode())
    assert reading.problems == (RowProblem(3, column, "contradicts_earlier_row"),)


def test_of_a_contradiction_about_a_channel_its_column_is_told(adapter):
    rows = ["K1;Frau Roth;07195 141010", "K1;Frau Roth;07195 141011"]
    reading = adapter.from_partner(table(*rows, head="Klient-Nr.;pAp Jobcenter;Telefon pAp").encode())
    assert reading.problems == (RowProblem(3, "Telefon pAp", "contradicts_earlier_row"),)


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        (["10.01.2026", "05.01.2026"], "2026-01-05"),
        (["05.01.2026", "10.01.2026"], "2026-01-05"),
        (["10.01.2026", ""], "2026-01-10"),
        (["", "10.01.2026"], "2026-01-10"),
        (["", ""], None),
        (["", "", "10.01.2026", ""], "2026-01-10"),
    ],
)
def test_of_a_goal_the_first_day_is_kept_on_which_it_is_said_to_have_been_agreed(adapter, days, kept):
    rows = [f"K1;{day};Arbeit;Ziel;Schritt {number};IM;;offen;" for number, day in enumerate(days)]
    (goal,) = people(adapter.from_partner(table(*rows, head=PLAN).encode()))["K1"]["plan"]["goals"]
    assert goal.get("agreed_on") == kept


def test_an_id_that_is_made_up_is_none_that_the_file_has():
    person = Person(1)
    person.add({"plan.goals": [{"id": each, "field": "work", "title": each} for each in ("z1", "z3")]}, joins_plan=False)
    row = {"plan.goals": [{"field": "work", "title": "Ziel"}], "plan.steps": [{"title": "Schritt"}]}
    person.add(row, joins_plan=True)
    plan = person.incoming("K1").record["plan"]
    assert [goal["id"] for goal in plan["goals"]] == ["z1", "z3", "z4"]
    assert plan["steps"] == [{"title": "Schritt", "goal": "z4"}]


def test_equal_goals_are_one_and_keep_the_first_day(adapter):
    rows = ["K1;10.01.2026;Arbeit;Ziel;Eins;IM;;offen;", "K1;05.01.2026;Arbeit;Ziel;Zwei;JC;;offen;", "K1;;Wohnen;Ziel;;;;;"]
    plan = people(adapter.from_partner(table(*rows, head=PLAN).encode()))["K1"]["plan"]
    assert plan["goals"] == [
        {"id": "z1", "field": "work", "title": "Ziel", "agreed_on": "2026-01-05"},
        {"id": "z2", "field": "housing", "title": "Ziel"},
    ]
    assert [(step["title"], step["goal"]) for step in plan["steps"]] == [("Eins", "z1"), ("Zwei", "z1")]


def test_a_step_without_a_goal_has_none(adapter):
    plan = people(adapter.from_partner(table("K1;;;;Schritt;Klient;;offen;", head=PLAN).encode()))["K1"]["plan"]
    assert plan == {"steps": [{"title": "Schritt", "who": "client", "state": "open"}]}


def test_none_at_all_and_then_one_is_a_contradiction(adapter):
    rows = ["K1;;;keine;;;;;", "K1;;Arbeit;Ziel;;;;;"]
    reading = adapter.from_partner(table(*rows, head=PLAN).encode())
    assert people(reading)["K1"] == {"plan": {"goals": []}}
    assert [(problem.line, problem.code) for problem in reading.problems] == [(3, "contradicts_earlier_row")]


# --- workbooks -----------------------------------------------------------------------------------------------------------------


def test_an_empty_sheet_is_no_table_and_holds_up_none(adapter):
    reading = adapter.from_partner(workbook([], [HEAD.split(";"), ["K1", "A", "B", 1990, ""]], [[""], []]))
    assert list(people(reading)) == ["K1"]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("  wie es steht ", "  wie es steht "),
        ("", ""),
        (True, "ja"),
        (False, "nein"),
        (815.0, "815"),
        (-2.0, "-2"),
        (19.5, "19.5"),
        (datetime.date(1994, 3, 1), "1994-03-01"),
        (at("1994-03-01T00:00:00"), "1994-03-01"),
        (at("2026-02-03T09:30:00"), "2026-02-03 09:30:00"),
        (at("2026-02-03T00:30:00"), "2026-02-03 00:30:00"),
        (at("2026-02-03T00:00:07.000250"), "2026-02-03 00:00:07"),
        (at("2026-02-03T01:00:00"), "2026-02-03 01:00:00"),
        (datetime.time(9, 30), "09:30:00"),
    ],
)
def test_what_excel_takes_a_cell_for_is_written_as_people_write_it(cell, said):
    assert rows._text(cell) == said


def test_what_a_workbook_holds_comes_out_as_text():
    (found,) = rows.tables_of(io.BytesIO(workbook([["A", "B", "C", "D"], [True, 7, 2.5, at("2026-02-03T09:30:00")]])), len)
    assert [row.cells for row in found.rows] == [["ja", "7", "2.5", "2026-02-03 09:30:00"]]


def test_lines_of_a_workbook_are_those_that_excel_shows_also_below_empty_rows(adapter):
    reading = adapter.from_partner(
        workbook([[], [""], HEAD.split(";"), [], ["K1", "A", "B", "gestern", "Schule"], ["K2", "C", "D", 1990, ""]])
    )
    assert reading.problems == (RowProblem(5, "Geburtsdatum", "date_invalid"),)
    assert [(person.reference, person.line) for person in reading.people] == [("K2", 6)]


def test_what_excel_took_for_numbers_and_days_is_read_as_meant(adapter):
    day = datetime.date(1994, 3, 1)
    reading = adapter.from_partner(workbook([HEAD.split(";"), [815, "A", "B", day, "Schule"], ["K2", "C", "D", 2008, ""]]))
    assert people(reading)["815"]["person"]["birth"] == {"date": "1994-03-01"}
    assert people(reading)["K2"]["person"]["birth"] == {"date": "2008"}


def test_sheets_are_told_apart_by_their_headers(adapter):
    clients = [HEAD.split(";"), ["K1", "A", "B", "", ""]]
    plan = [[], PLAN.split(";"), ["K1", "", "Arbeit", "Ziel", "", "", "", "", ""]]
    reading = adapter.from_partner(workbook(clients, [["Notizen"], ["x"]], plan))
    assert reading.problems == (RowProblem(1, None, "header_unknown"),)
    assert set(people(reading)["K1"]) == {"person", "plan"}


def test_hidden_sheets_stay_where_they_are(adapter):
    reading = adapter.from_partner(workbook([HEAD.split(";"), ["K1", "A"]], [HEAD.split(";"), ["K2", "B"]], hidden=(1,)))
    assert set(people(reading)) == {"K1"}


def test_a_formula_counts_as_what_the_sender_saw(adapter):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD.split(";"))
        sheet.write_string(1, 0, "K1")
        sheet.write_formula(1, 1, '=HYPERLINK("http://127.0.0.1/?"&A1,"Klick")', None, "Klick")
    assert people(adapter.from_partner(target.getvalue()))["K1"]["person"]["name"] == {"family": "Klick"}


# --- imgate's own table comes back ---------------------------------------------------------------------------------------------


def test_message_id_and_purpose_are_read(adapter, release, envelope):
    reading = adapter.from_partner(adapter.to_partner(release({"person": {"sex": "w"}}), envelope))
    assert (reading.message_id, reading.purpose) == (envelope.message_id, "case_documentation")


def test_an_unknown_purpose_is_handed_on_and_replaced_by_no_default(adapter, release, envelope):
    body = adapter.to_partner(release({"person": {"sex": "w"}}), envelope).replace(b"Falldokumentation", b"Werbung")
    assert adapter.from_partner(body).purpose == "Werbung"


def test_two_purposes_in_one_message_are_refused(adapter, release, envelope):
    lines = adapter.to_partner(release({"person": {"sex": "w"}}), envelope).splitlines(keepends=True)
    other = lines[1].replace(b"Falldokumentation", b"Wohnen")
    with pytest.raises(MessageUnreadable, match=r"^envelope_contradicts$") as caught:
        adapter.from_partner(b"".join([*lines, other]))
    assert (caught.value.line, caught.value.column) == (3, "Zweck")


def test_nothing_personal_shows_in_repr(adapter):
    reading = adapter.from_partner(table(f"K1;{CANARY};;;").encode())
    assert CANARY not in repr(reading) + repr(reading.people)
    assert repr(Person(1, {"person.name": {"family": CANARY}})) == "Person(...)"


def test_other_words_and_separators_of_a_mapping_count(tmp_path):
    mapping = tmp_path / "mapping.toml"
    built_in = configure({}).mapping
    envelope = "\n".join(f'{part} = "{name}"' for part, name in built_in.envelope.items())
    mapping.write_text(
        f'[message.envelope]\n{envelope}\n[message.columns]\n"Lage" = "work.status.kind"\n'
        '[sheets.a]\nreference = "Nr"\n[sheets.a.columns]\n"Lage" = "work.status.kind"\n'
        '"Pass" = { leaf = "person.nationality", separator = "," }\n'
        '[values.work_status]\nemployed = ["in Lohn"]\n',
        "utf-8",
    )
    adapter = configure({"mapping": str(mapping)})
    reading = adapter.from_partner(b"Nr;Lage;Pass\nK1;in Lohn;Syrien, Irak\nK2;Teilzeit;Korea, Republik\nK3;Schule;Korea, Republik\n")
    assert people(reading)["K1"] == {"person": {"nationality": ["475", "438"]}, "work": {"status": {"kind": "employed"}}}
    assert people(reading)["K3"]["person"] == {"nationality": ["467"]}
    assert reading.problems == (RowProblem(3, "Lage", "not_in_list"),)
