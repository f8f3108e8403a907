"""The row report names the column that is meant, also where several hold parts of one scope, and rows may say a thing twice."""

import io

import pytest
import xlsxwriter

from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate_jobkraftwerk.translate import configure

NAMES = ["Klient-Nr.", "Nachname"]
NATIONALITY = "Klient-Nr.;Staatsangehörigkeit"
PLAN = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"


def people(reading):
    return {person.reference: person.record for person in reading.people}


def table(*rows, head):
    return "\r\n".join([head, *rows, ""])


def workbook(*sheets):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return target.getvalue()


def mapped(tmp_path, columns):
    """Read by a sheet with these columns."""
    envelope = "\n".join(f'{part} = "{name}"' for part, name in configure({}).mapping.envelope.items())
    path = tmp_path / "mapping.toml"
    path.write_text(
        f'[message.envelope]\n{envelope}\n[message.columns]\n[sheets.a]\nreference = "Nr"\n[sheets.a.columns]\n{columns}\n', "utf-8"
    )
    return configure({"mapping": str(path)})


def test_a_value_may_be_said_again(adapter):
    reading = adapter.from_partner(table("K1;Syrien", "K1;Syrien", head=NATIONALITY).encode())
    assert people(reading) == {"K1": {"person": {"nationality": ["475"]}}}
    assert reading.problems == ()


def test_another_value_is_a_contradiction_in_its_column(adapter):
    reading = adapter.from_partner(table("K1;Syrien", "K1;Irak", head=NATIONALITY).encode())
    assert people(reading) == {"K1": {"person": {"nationality": ["475"]}}}
    assert reading.problems == (RowProblem(3, "Staatsangehörigkeit", "contradicts_earlier_row"),)


def test_an_entry_where_there_was_none_is_a_contradiction_in_its_column(adapter):
    reading = adapter.from_partner(table("K1;;;;keine;;;;", "K1;;;;Schritt;IM;;offen;", head=PLAN).encode())
    assert reading.problems == (RowProblem(3, "Maßnahme", "contradicts_earlier_row"),)


def test_lists_of_two_people_are_never_one(adapter):
    """What one of them is completed by must not come to the other."""
    found = people(adapter.from_partner(table("K1;Syrien", "K2;Syrien", head=NATIONALITY).encode()))
    assert found["K1"] == found["K2"]
    assert found["K1"]["person"]["nationality"] is not found["K2"]["person"]["nationality"]


def test_of_a_name_within_a_contact_person_its_own_column_is_told(tmp_path):
    adapter = mapped(tmp_path, '"Stelle" = "contact_persons.jobcenter.unit"\n"Name" = "contact_persons.jobcenter.name.family"')
    reading = adapter.from_partner(f"Nr;Stelle;Name\nK1;JC;{'x' * 2_001}\n".encode())
    assert reading.problems == (RowProblem(2, "Name", "too_long"),)


def test_one_channel_and_all_channels_stand_side_by_side(tmp_path):
    jobcenter = "contact_persons.jobcenter"
    adapter = mapped(tmp_path, f'"JC" = "{jobcenter}.unit"\n"T" = "{jobcenter}.channels.phone"\n"Alle" = "{jobcenter}.channels"')
    reading = adapter.from_partner(b"Nr;JC;T;Alle\nK1;Jobcenter;07151 9500;E-Mail: a@example.org\n")
    assert reading.problems == ()
    assert people(reading)["K1"]["contact_persons"]["jobcenter"]["channels"] == [
        {"kind": "email", "value": "a@example.org"},
        {"kind": "phone", "value": "+4971519500"},
    ]


def test_only_the_column_of_a_telephone_is_read_as_one(tmp_path):
    jobcenter = "contact_persons.jobcenter"
    adapter = mapped(tmp_path, f'"JC" = "{jobcenter}.unit"\n"T" = "{jobcenter}.channels.phone"\n"M" = "{jobcenter}.channels.email"')
    reading = adapter.from_partner(b"Nr;JC;T;M\nK1;Jobcenter;07151 9500;a@example.org\n")
    assert people(reading)["K1"]["contact_persons"]["jobcenter"]["channels"] == [
        {"kind": "phone", "value": "+4971519500"},
        {"kind": "email", "value": "a@example.org"},
    ]


def test_words_before_a_value_are_dropped_with_the_blanks_behind_them(adapter):
    reading = adapter.from_partner(table("K1;Frau  Roth", head="Klient-Nr.;pAp Jobcenter").encode())
    assert people(reading)["K1"]["contact_persons"]["jobcenter"]["name"] == {"family": "Roth"}


def test_goals_with_numbers_of_their_own_stay_apart_though_they_read_alike(adapter, release, envelope):
    goals = [{"id": each, "title": "Ziel", "field": "work"} for each in ("a", "b")]
    record = {"plan": {"goals": goals, "steps": [{"title": "x", "who": "client", "state": "open", "goal": "b"}]}}
    assert adapter.from_partner(adapter.to_partner(release(record), envelope)).people[0].record == record


def test_goals_of_a_sheet_without_steps_stay_apart(tmp_path):
    adapter = mapped(tmp_path, '"Ziel" = "plan.goals.title"\n"Bereich" = "plan.goals.field"')
    reading = adapter.from_partner(b"Nr;Ziel;Bereich\nK1;Ziel;Arbeit\nK1;Ziel;Arbeit\n")
    assert people(reading)["K1"]["plan"]["goals"] == [{"title": "Ziel", "field": "work"}] * 2


def test_a_table_of_references_alone_is_known_and_says_nothing(adapter):
    reading = adapter.from_partner(table("K1", "K2", head=NAMES[0]).encode())
    assert (reading.people, reading.problems) == ((), ())


def test_a_reference_as_long_as_may_be_is_one(adapter):
    assert set(people(adapter.from_partner(table(f"{'K' * 64};A", head=";".join(NAMES)).encode()))) == {"K" * 64}


@pytest.mark.parametrize("head", ["Klient-Nr.;Nachname;nachname ;Arbeit", "Klient-Nr.;x;X"])
def test_of_a_name_that_stands_twice_the_second_place_is_told(adapter, head):
    with pytest.raises(MessageUnreadable, match=r"^header_duplicate$") as caught:
        adapter.from_partner(f"\r\n{head}\r\n".encode())
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_a_workbook_of_empty_sheets_is_an_empty_table(adapter):
    with pytest.raises(MessageUnreadable, match=r"^table_empty$") as caught:
        adapter.from_partner(workbook([], [[""]]))
    assert caught.value.line is None


def test_a_workbook_of_unknown_sheets_is_told_where_the_first_begins(adapter):
    with pytest.raises(MessageUnreadable, match=r"^header_unknown$") as caught:
        adapter.from_partner(workbook([[], ["Notizen"], ["x"]], [["Mehr"]]))
    assert caught.value.line == 2


def test_sheets_of_a_workbook_count_together(adapter):
    reading = adapter.from_partner(workbook([NAMES, ["K1", "A"]], [NAMES, ["K2", "B"]]))
    assert set(people(reading)) == {"K1", "K2"}
