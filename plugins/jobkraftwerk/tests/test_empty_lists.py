"""The word ``keine`` says that a list is empty; a text that happens to read so is told from it, both ways."""

import csv
import io

import pytest

PLAN = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"


def written(adapter, release, envelope, record):
    """Give what stands in each column, row by row, and the record that is read again."""
    body = adapter.to_partner(release(record), envelope)
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";")
    reading = adapter.from_partner(body)
    assert reading.problems == ()
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}, reading.people[0].record


def plan_of(adapter, row):
    reading = adapter.from_partner(f"{PLAN}\r\n{row}\r\n".encode())
    return [person.record["plan"] for person in reading.people], [(problem.column, problem.code) for problem in reading.problems]


@pytest.mark.parametrize(
    ("title", "cell"), [("keine", r"\keine"), (r"\keine", r"\\keine"), ("Schulden: keine", "Schulden: keine"), ("x", "x")]
)
def test_a_title_that_reads_like_no_entry_is_one(adapter, release, envelope, title, cell):
    record = {"plan": {"steps": [{"title": title, "who": "client", "state": "open"}]}}
    columns, again = written(adapter, release, envelope, record)
    assert columns["Maßnahme"] == [cell]
    assert again == record


def test_a_list_without_an_entry_is_one_word(adapter, release, envelope):
    columns, again = written(adapter, release, envelope, {"plan": {"steps": []}})
    assert columns["Maßnahme"] == ["keine"]
    assert again == {"plan": {"steps": []}}


@pytest.mark.parametrize(("bring", "cell"), [([], "keine"), (["keine"], r"\keine"), (["Pass", "keine"], "Pass | keine")])
def test_a_list_in_one_cell_is_told_from_its_own_word(adapter, release, envelope, bring, cell):
    record = {"appointments": {"upcoming": [{"at": "2026-02-03T09:30:00Z", "with": "JC", "bring": bring}]}}
    columns, again = written(adapter, release, envelope, record)
    assert columns["Mitzubringen"] == [cell]
    assert again == record


@pytest.mark.parametrize("said", ["keine", r"\keine"])
def test_where_no_list_can_be_meant_the_word_stands_as_it_is(adapter, release, envelope, said):
    record = {
        "contact": {"address": {"street": said, "postal_code": "71364", "city": "Winnenden"}},
        "plan": {"steps": [{"title": "x", "who": "client", "state": "open", "note": said}]},
    }
    columns, again = written(adapter, release, envelope, record)
    assert (columns["Straße"][0], columns["Maßnahme Bemerkung"][1]) == (said, said)
    assert again == record


def test_a_row_says_that_there_is_no_entry_only_in_the_column_for_that(adapter):
    assert plan_of(adapter, "K1;;;;;;;;keine") == ([], [("Maßnahme", "missing"), ("Wer", "missing"), ("Status", "missing")])


def test_what_a_row_says_beside_an_empty_list_counts(adapter):
    ((plan,), problems) = plan_of(adapter, "K1;;;keine;Schritt;IM;;offen;")
    assert plan["goals"] == []
    assert [step["title"] for step in plan["steps"]] == ["Schritt"]
    assert problems == []
