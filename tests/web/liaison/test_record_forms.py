"""The form of a scope has a field for each leaf of the record's types that the format has a place for, and reads what was typed."""

import typing
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import is_typeddict

from imgate.plugin_api import Place
from imgate.record import CATALOGUE, CaseRecord, Problem, RecordInvalid, validate_record
from imgate.record.fields import element_of, fields_of
from imgate.web.liaison.record_forms import Entry, Kind, Rows, form_of, names_in, read_form

BERLIN = ZoneInfo("Europe/Berlin")
WHOLE = Place(("x",))


def leaves(kind):
    inner, _ = element_of(kind)
    if not is_typeddict(inner):
        return 1
    entries = 2 if typing.get_origin(kind) is list else 1
    return entries * sum(leaves(leaf.kind) for leaf in fields_of(inner))


def item_of(scope):
    section, _, item = scope.partition(".")
    found = next(each for each in fields_of(CaseRecord) if each.name == section)
    return next(each for each in fields_of(found.kind) if each.name == item)


def read(scope, typed, place=WHOLE):
    return read_form(scope, form_of(scope, place), lambda name: typed.get(name, ""), BERLIN)


def value(scope, typed):
    section, _, item = scope.partition(".")
    return read(scope, typed).record[section][item]


@pytest.mark.parametrize("scope", CATALOGUE.scopes)
def test_every_leaf_has_its_field(scope):
    kind = item_of(scope).kind
    entries = leaves(kind) // 2 if typing.get_origin(kind) is list and is_typeddict(element_of(kind)[0]) else leaves(kind)
    names = list(names_in(form_of(scope, WHOLE)))
    assert len(names) == len(set(names)) == entries


def test_what_the_format_has_no_place_for_has_no_field():
    place = Place(("x",), ("channels.note", "name"))
    names = list(names_in(form_of("contact_persons.jobcenter", place)))
    assert "value-channels-0-kind" in names
    assert not any("note" in name or "-name-" in name for name in names)


def test_where_a_leaf_that_must_be_there_has_no_place_there_is_no_form():
    assert form_of("contact_persons.jobcenter", Place(("x",), ("channels.value",))) is None
    assert form_of("appointments.upcoming", Place(("x",), ("at",))) is None


def test_closed_values_are_offered_with_their_words():
    form = form_of("work.measures", WHOLE)
    assert isinstance(form, Rows)
    (status,) = [part for part in form.rows[0].parts if part.key == "status"]
    assert ("approved", "bewilligt") in status.options
    assert status.required
    level = form_of("language.level", WHOLE)
    assert ("B1", "B1") in level.parts[0].options


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2026-03-10T09:30", "2026-03-10T09:30:00+01:00"),
        ("2026-07-10T09:30", "2026-07-10T09:30:00+02:00"),
        ("2026-07-10T09:30:00", "2026-07-10T09:30:00+02:00"),
        ("10.7.2026 9:30", "2026-07-10T09:30:00+02:00"),
        ("10.07.2026, 09:30", "2026-07-10T09:30:00+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),  # the first of the two
    ],
)
def test_a_time_is_by_the_clock_here(typed, at):
    assert value("appointments.upcoming", {"value-0-at": typed}) == [{"at": at}]


@pytest.mark.parametrize("typed", ["2026-03-29T02:30", "2026-03-10", "9:30", "0001-01-01T00:00", "10000-01-01T00:00", "morgen", "T"])
def test_a_time_that_there_is_not_is_refused(typed):
    with pytest.raises(RecordInvalid) as invalid:
        validate_record(read("appointments.upcoming", {"value-0-at": typed, "value-0-with": "x"}).record)
    assert [problem.code for problem in invalid.value.problems] == ["time_invalid"]


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2.5.2026", "2026-05-02"), ("02.05.2026", "2026-05-02"), ("5.2026", "2026-05"), ("2026", "2026"), ("2026-05-02", "2026-05-02")],
)
def test_a_day_may_be_written_as_germans_do(typed, day):
    assert value("benefits.regime", {"value-since": typed}) == {"since": day}


@pytest.mark.parametrize(
    ("typed", "number"), [("3", 3), ("007", 7), ("-3", "-3"), ("3,5", "3,5"), ("drei", "drei"), ("٣", "٣"), ("9" * 5000, "9" * 5000)]
)
def test_a_number_is_one_or_stays_as_it_was_typed(typed, number):
    assert value("work.status", {"value-hours": typed}) == {"hours": number}


@pytest.mark.parametrize(("typed", "said"), [("true", True), ("false", False), ("vielleicht", "vielleicht")])
def test_yes_and_no(typed, said):
    assert value("residence.fictional_effect", {"value-card": typed}) == {"card": said}


def test_each_line_of_a_list_is_an_entry():
    assert value("work.job_search", {"value-occupations": "Koch\n\n  Bäcker \n"}) == {"occupations": ["Koch", "Bäcker"]}


def test_what_was_not_typed_is_not_said():
    typed = read("contact_persons.jobcenter", {"value-unit": "Team 412"})
    assert typed.record == {"contact_persons": {"jobcenter": {"unit": "Team 412"}}}
    assert not typed.empty
    assert read("contact_persons.jobcenter", {}).empty


def test_a_problem_leads_back_to_where_it_was_typed():
    typed = read("contact_persons.jobcenter", {"value-channels-1-value": "1"})
    assert typed.name_of(Problem("missing", "/contact_persons/jobcenter/channels/0/kind")) == "value-channels-1-kind"
    assert typed.name_of(Problem("one_of_missing", "/contact_persons/jobcenter")) == "value"
    assert typed.name_of(Problem("shape", "/elsewhere")) == ""
    lines = read("work.job_search", {"value-occupations": "a\nb"})
    assert lines.name_of(Problem("too_long", "/work/job_search/occupations/1")) == "value-occupations"


def test_a_scope_that_is_one_leaf_has_one_field():
    form = form_of("residence.file_number", WHOLE)
    assert isinstance(form, Entry)
    assert (form.name, form.kind, form.required) == ("value", Kind.LINE, True)
    assert value("residence.file_number", {"value": "A 12"}) == "A 12"


def test_nothing_personal_shows_in_a_repr():
    assert "Müßig" not in repr(read("contact_persons.jobcenter", {"value-name-family": "Müßig"}))
