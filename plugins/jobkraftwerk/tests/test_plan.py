"""Entries of the plan: what makes a goal and a step, and what a row of the plan must not leave out."""

import pytest

from imgate.plugin_api import RowProblem

PLAN = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"
GOOD = "K8;10.12.2025;Arbeit;Ziel;Schritt;IM;31.01.2026;offen;"


def read(adapter, *rows):
    reading = adapter.from_partner("\r\n".join([PLAN, *rows, ""]).encode())
    return {person.reference: person.record["plan"] for person in reading.people}, reading.problems


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        pytest.param("K1;12.2025;Arbeit;Ziel;;;;;", "Datum", "date_invalid", id="a goal agreed on in a month"),
        pytest.param("K1;2025;Arbeit;Ziel;;;;;", "Datum", "date_invalid", id="a goal agreed on in a year"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;IM;03.2026;offen;", "Frist", "date_invalid", id="a step due in a month"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;IM;bald;offen;", "Frist", "date_invalid", id="a step due soon"),
        pytest.param("K1;;Freizeit;Ziel;;;;;", "Bereich", "not_in_list", id="another area"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;Onkel;;offen;", "Wer", "not_in_list", id="somebody else"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;IM;;vielleicht;", "Status", "not_in_list", id="another state"),
        pytest.param("K1;;;Ziel;;;;;", "Bereich", "missing", id="a goal without area"),
        pytest.param("K1;10.12.2025;Arbeit;;;;;;", "Ziel", "missing", id="a goal without title"),
        pytest.param("K1;;Arbeit;Ziel;;IM;;offen;", "Maßnahme", "missing", id="a step without title"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;;;offen;", "Wer", "missing", id="a step of nobody"),
        pytest.param("K1;;Arbeit;Ziel;Schritt;IM;;;", "Status", "missing", id="a step without state"),
        pytest.param("K1;;;;;;;;nur eine Bemerkung", "Maßnahme", "missing", id="a remark alone"),
        pytest.param(f"K1;;Arbeit;{'x' * 2_001};;;;;", "Ziel", "too_long", id="a title as long as a letter"),
    ],
)
def test_an_entry_that_says_half_of_it_is_left_out_and_named(adapter, row, column, code):
    plans, problems = read(adapter, GOOD, row, GOOD.replace("K8", "K9"))
    assert RowProblem(3, column, code) in problems
    assert set(plans) == {"K8", "K9"}


def test_goals_of_two_people_are_never_one(adapter):
    plans, problems = read(adapter, GOOD, GOOD.replace("K8", "K9"))
    assert problems == ()
    assert plans["K8"] == plans["K9"]
    assert plans["K8"]["goals"][0] is not plans["K9"]["goals"][0]


def test_the_same_title_in_another_area_is_another_goal(adapter):
    plans, _ = read(adapter, GOOD, GOOD.replace("Arbeit", "Wohnen"))
    assert [(goal["id"], goal["field"]) for goal in plans["K8"]["goals"]] == [("z1", "work"), ("z2", "housing")]
    assert [step["goal"] for step in plans["K8"]["steps"]] == ["z1", "z2"]


def test_a_row_left_out_leaves_neither_its_goal_nor_its_step(adapter):
    plans, _ = read(adapter, GOOD.replace("31.01.2026", "31.02.2026"), GOOD.replace("Ziel", "Anderes"))
    assert [goal["title"] for goal in plans["K8"]["goals"]] == ["Anderes"]
    assert plans["K8"]["steps"][0]["goal"] == plans["K8"]["goals"][0]["id"]


def test_line_breaks_and_quotation_marks_of_a_remark_stay(adapter):
    plans, _ = read(adapter, GOOD + '"Zeile mit\r\nUmbruch; „so“ und ""so"""')
    assert plans["K8"]["steps"][0]["note"] == 'Zeile mit\nUmbruch; „so“ und "so"'


def test_no_goal_at_all_is_said_by_one_word_alone(adapter):
    plans, problems = read(adapter, "K1;;;keine;;;;;", "K2;;;;keine;;;;", "K3;;Arbeit;keine;;;;;")
    assert plans["K1"] == {"goals": []}
    assert plans["K2"] == {"steps": []}
    assert plans["K3"]["goals"][0]["title"] == "keine"
    assert problems == ()


def test_a_goal_that_contradicts_leaves_no_step_that_belongs_to_it(adapter):
    plans, problems = read(adapter, "K8;;;keine;;;;;", GOOD, GOOD.replace("Schritt", "Anderer"))
    assert plans["K8"] == {"goals": []}
    assert [(problem.line, problem.code) for problem in problems] == [(3, "contradicts_earlier_row"), (4, "contradicts_earlier_row")]
