"""A record is refused for whatever the reference page does not allow, at every place of it, and unchanged otherwise."""

import copy
import json
import os
import subprocess
import sys
import traceback
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import is_typeddict

from imgate.record import CaseRecord, RecordInvalid, parse_json, validate_record
from imgate.record.fields import Field, element_of, fields_of, record_types_within
from imgate.record.sections.rules import ENTRIES_MAX, NUMBER_MAX

LONG = bool(os.environ.get("IMGATE_LONG"))


def problems(record):
    """The problems of a record, as pairs; none if it is accepted."""
    try:
        validate_record(record)
    except RecordInvalid as invalid:
        return [(problem.code, problem.pointer) for problem in invalid.problems]
    return []


def places(kind, value, place=()):
    """Yield (place, dict, its type) for each object in a record."""
    inner, _ = element_of(kind)
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(inner, one, (*place, index))
    elif isinstance(value, dict) and is_typeddict(inner):
        yield place, value, inner
        for field in fields_of(inner):
            if field.name in value:
                yield from places(field.kind, value[field.name], (*place, field.name))


def leaves(record) -> typing.Iterator[tuple[tuple[str | int, ...], Field]]:
    """Yield the place of every field in a record, sections and items included."""
    for place, value, kind in places(CaseRecord, record):
        for field in fields_of(kind):
            if field.name in value:
                yield (*place, field.name), field


def pointer(place):
    return "".join(f"/{step}" for step in place)


def changed(record, place, change):
    """A copy of the record in which ``change(container, last step)`` was done."""
    record = copy.deepcopy(record)
    at = record
    for step in place[:-1]:
        at = at[step]
    change(at, place[-1])
    return record


def put(record, place, value):
    return changed(record, place, lambda at, step: at.__setitem__(step, value))


# ---- what loads


def test_our_samples_load_unchanged(sample):
    record = parse_json(sample.read_bytes())
    assert validate_record(record) == record


def test_the_shared_cases_load_unchanged(shared):
    files = sorted((shared / "data" / "cases").glob("*.json"))
    assert len(files) == 3
    for file in files:
        record = parse_json(file.read_bytes())
        assert validate_record(record) == record, file.name


def test_synthetic_cases_load_unchanged(shared):
    count = 10_000 if LONG else 1_000
    made = subprocess.run([sys.executable, shared / "data" / "make_cases.py", str(count)], capture_output=True, check=True)
    lines = made.stdout.splitlines()
    assert len(lines) == count
    for line in lines:
        record = parse_json(line)["record"]
        assert validate_record(record) == record


@pytest.mark.parametrize("record", [{}, {"person": {}}, {"person": {"nationality": []}}, {"education": {"school": {}}}], ids=repr)
def test_nothing_has_to_be_said(record):
    assert validate_record(record) == record


def test_the_checked_record_is_a_copy(full):
    checked = validate_record(full)
    full["person"]["name"]["family"] = "Andere"
    full["work"]["history"].clear()
    assert checked["person"]["name"]["family"] == "Ṣāleḥī-Rāstgār"
    assert len(checked["work"]["history"]) == 2


def test_text_is_normalised_names_are_trimmed_and_nothing_else_is_touched(full):
    untidy = put(put(full, ("person", "name", "given"), " S\u030cīrīn Golnāz "), ("needs", "support", 0, "text"), "Ku\u0308che\n")
    tidy = put(put(full, ("person", "name", "given"), "Šīrīn Golnāz"), ("needs", "support", 0, "text"), "Küche\n")
    assert validate_record(untidy) == tidy


# ---- what is refused, at every place


@pytest.mark.parametrize("value", [None, [], "", "{}", 1, True, [{}], b"{}", ("person",)], ids=repr)
def test_what_is_no_object_is_no_record(value):
    (problem,) = problems(value)
    assert problem == ("null" if value is None else "wrong_type", "")


def test_an_unknown_field_is_refused_wherever_it_stands_and_is_not_named(full):
    objects = list(places(CaseRecord, full))
    assert {kind for _, _, kind in objects} == set(record_types_within(CaseRecord))
    for place, _, _ in objects:
        assert problems(put(full, (*place, "Krebs"), "ja")) == [("unknown_field", pointer(place) + "/?")]


def test_a_field_of_another_item_is_unknown_too(full):
    assert problems(put(full, ("person", "title"), "Dr.")) == [("unknown_field", "/person/title")]
    assert problems(put(full, ("residence", "status", "note"), "x")) == [("unknown_field", "/residence/status/note")]


def test_null_is_accepted_where_the_reference_has_a_question_mark_and_nowhere_else(full):
    for place, field in leaves(full):
        found = problems(put(full, place, None))
        if field.nullable:  # unless it was the only one of several of which one is needed
            assert {code for code, _ in found} <= {"one_of_missing"}, place
        else:
            assert found == [("null", pointer(place))]


def test_an_item_is_never_null(full):
    for section, items in full.items():
        assert problems({section: None}) == [("null", f"/{section}")]
        for item in items:
            assert problems({section: {item: None}}) == [("null", f"/{section}/{item}")]


def test_an_entry_of_a_list_is_never_null(full):
    for place, field in leaves(full):
        if typing.get_origin(field.kind) is list:
            assert problems(put(full, place, [None])) == [("null", f"{pointer(place)}/0")]


def test_a_leaf_that_must_be_there_is_missed_by_name(full):
    for place, field in leaves(full):
        if len(place) > 2 and field.required:
            without = changed(full, place, lambda at, step: at.pop(step))
            assert ("missing", pointer(place)) in problems(without)


def test_a_leaf_that_need_not_be_there_is_not_missed(full):
    for place, field in leaves(full):
        if not field.required:
            without = changed(full, place, lambda at, step: at.pop(step))
            assert {code for code, _ in problems(without)} <= {"one_of_missing"}


def test_the_wrong_type_is_refused_everywhere_and_nothing_is_coerced(full):
    for place, field in leaves(full):
        for value in ({"x": 1}, [1], 1, 1.0, True, "1", "true"):
            fits = {
                dict: is_typeddict(field.kind) and isinstance(value, dict),
                list: typing.get_origin(field.kind) is list and isinstance(value, list),
                int: field.kind is int and type(value) is int,
                bool: field.kind is bool and type(value) is bool,
                str: isinstance(value, str) and (field.kind is str or typing.get_origin(field.kind) is typing.Literal),
            }
            if not any(fits.values()):
                assert problems(put(full, place, value)) == [("wrong_type", pointer(place))], (place, value)


def test_a_word_that_is_not_in_its_list_is_refused(full):
    for place, field in leaves(full):
        if typing.get_origin(field.kind) is typing.Literal:
            words = typing.get_args(field.kind)
            for value in ("", "OTHER", f" {words[0]}", f"{words[0]}\n", words[0].swapcase() if words[0].isalpha() else "xyz"):
                assert problems(put(full, place, value)) == [("not_in_list", pointer(place))]
            assert problems(put(full, place, "\ud800")) == [("lone_surrogate", pointer(place))]


@pytest.mark.parametrize("place", [("person", "sex"), ("person", "marital_status"), ("language", "level", "cefr")])
def test_published_lists_have_no_other(full, place):
    assert problems(put(full, place, "other")) == [("not_in_list", pointer(place))]


def test_word_lists_end_in_other():
    coded = set()
    for record_type in record_types_within(CaseRecord):
        for field in fields_of(record_type):
            if typing.get_origin(field.kind) is typing.Literal:
                words = typing.get_args(field.kind)
                assert "other" not in words[:-1]
                if words[-1] != "other":
                    coded.add((record_type.__name__, field.name))
    assert coded == {
        ("PersonSection", "sex"),
        ("PersonSection", "marital_status"),
        ("ResidenceStatus", "code"),
        ("WorkPermission", "code"),
        ("LanguageLevel", "cefr"),
    }


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("identifiers", "jobcenter_number"), "62401BG0004711"),  # the household's number, never the person's
        (("identifiers", "azr_number"), 71107000318),
        (("residence", "status", "code"), 1),
        (("residence", "status", "code"), "8"),
        (("residence", "status", "since"), "2024-10"),
        (("residence", "status", "since"), "2023-02-29"),
        (("residence", "work_permission", "code"), "1"),
        (("residence", "domicile_restriction", "area"), "BW"),
        (("person", "nationality"), "439"),
        (("person", "nationality"), ["Iran"]),
        (("person", "name", "family"), "صالحی"),
        (("person", "name", "family"), "Ṣāleḥī\n"),
        (("person", "birth", "date"), "07.11.2007"),
        (("person", "birth", "date"), "2007-11-31"),
        (("person", "birth", "place"), "كرمانشاه"),
        (("contact", "address", "street"), "Straße\u0000"),
        (("contact", "address", "information_block"), "false"),
        (("contact", "address", "information_block"), 0),
        (("contact_persons", "jobcenter", "unit"), "مركز"),
        (("appointments", "upcoming", 0, "at"), "2026-03-29T03:15:00"),
        (("work", "status", "hours"), -1),
        (("work", "status", "hours"), NUMBER_MAX + 1),
        (("work", "status", "hours"), 2**70),
        (("work", "status", "hours"), 19.5),
        (("notes", "counselling", 0, "text"), "x" * 2001),
        (("notes", "counselling", 0, "text"), "a\ud800b"),
        (("work", "job_search", "occupations", 1), "  "),
    ],
)
def test_what_the_reference_page_does_not_allow_is_refused_where_it_stands(full, place, value):
    assert next(found for _, found in problems(put(full, place, value))).startswith(pointer(place))


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (("person", "name", "family"), "Ṣāleḥī\u0000", "control_character"),
        (("person", "name", "family"), "Ṣāleḥī\n", "control_character"),
        (("person", "name", "family"), "صالحی", "not_din91379"),
        (("contact", "address", "city"), "Tü\tbingen", "control_character"),
        (("contact", "address", "city"), "Київ", "not_din91379"),
        (("contact_persons", "jobcenter", "unit"), "Team\u0085", "control_character"),
        (("contact_persons", "jobcenter", "unit"), "مركز", "not_din91379"),
        (("residence", "file_number"), "12\n", "control_character"),
        (("notes", "counselling", 0, "text"), "a\r\nb", "control_character"),
        (("notes", "counselling", 0, "text"), "\n \n", "empty"),
        (("notes", "counselling", 0, "text"), "", "empty"),
        (("residence", "file_number"), "  ", "empty"),
        (("contact", "email"), "nobody", "shape"),
        (("appointments", "upcoming", 0, "at"), "morgen", "time_invalid"),
    ],
)
def test_the_code_tells_what_is_wrong_with_a_text(full, place, value, code):
    assert problems(put(full, place, value)) == [(code, pointer(place))]


@pytest.mark.parametrize("name", [{}, {"birth_name": "X"}, {"family": None}, {"family": None, "given": None, "birth_name": "X"}], ids=repr)
def test_a_name_needs_a_family_or_a_given_name(name):
    assert problems({"person": {"name": name}}) == [("one_of_missing", "/person/name")]


@pytest.mark.parametrize("name", [{"family": "Omid"}, {"given": "Omid", "family": None}, {"family": "Omid", "given": None}], ids=repr)
def test_one_name_is_enough(name):
    assert validate_record({"person": {"name": name}}) == {"person": {"name": name}}


@pytest.mark.parametrize("contact", [{}, {"unit": None}, {"unit": None, "name": None}, {"unit_number": "67704"}], ids=repr)
def test_a_contact_person_needs_a_unit_or_a_name(contact):
    assert problems({"contact_persons": {"jobcenter": {**contact, "channels": []}}}) == [("one_of_missing", "/contact_persons/jobcenter")]


def test_a_contact_persons_name_needs_a_name_in_it(full):
    assert problems(put(full, ("contact_persons", "jobcenter", "name"), {})) == [("one_of_missing", "/contact_persons/jobcenter/name")]


def test_an_address_without_word_of_an_information_block_can_be_read():
    # The contract withholds it (address_blocked), so it has to get that far.
    address = {"street": "Am Bach", "postal_code": "71364", "city": "Winnenden"}
    assert validate_record({"contact": {"address": address}}) == {"contact": {"address": address}}


def test_a_list_has_a_bound():
    assert validate_record({"person": {"nationality": ["475"] * ENTRIES_MAX}})
    assert problems({"person": {"nationality": ["475"] * (ENTRIES_MAX + 1)}}) == [("too_many", "/person/nationality")]
    for record_type in record_types_within(CaseRecord):
        for field in fields_of(record_type):
            if typing.get_origin(field.kind) is list:
                assert any(getattr(mark, "metadata", None) for mark in field.marks), f"{field.name} has no bound"


def test_all_problems_are_told_at_once(full):
    record = put(put(put(full, ("person", "sex"), "?"), ("contact", "phone"), "1"), ("notes", "counselling", 0, "on"), "2026")
    assert problems(record) == [
        ("not_in_list", "/person/sex"),
        ("shape", "/contact/phone"),
        ("date_invalid", "/notes/counselling/0/on"),
    ]


# ---- nothing leaks

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["canary", "canary\x00", "\ud800canary", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["canary", "name", "/canary~"]), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), value=_json)
def test_whatever_stands_at_whatever_place_is_accepted_or_refused_without_being_repeated(data, value, repository):
    full = json.loads((repository / "samples" / "K-2026-1101.json").read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from([place for place, _ in leaves(full)]))
    refused = None
    try:
        validate_record(put(full, place, value))
    except RecordInvalid as invalid:
        refused = invalid
    if refused is not None:
        assert refused.problems
        assert refused.__cause__ is None
        assert refused.__context__ is None
        assert "canary" not in "".join(traceback.format_exception_only(refused)) + repr(refused.problems)
