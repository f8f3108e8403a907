"""A leaf that a later catalogue adds to an item is not covered by a declaration of an earlier one: minimising drops it."""

from dataclasses import replace
from typing import Annotated, NotRequired

import pytest
from typing_extensions import TypedDict

from imgate.consent.minimise import minimise
from imgate.record import CATALOGUE, Catalogue, Label, Scope, Since
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.sensitivity import Sensitivity
from tests.consent.specimen import ID, decision, declaration, partner
from tests.consent.test_minimise import TODAY

SCOPE = "work.job_search"


def later(since, version=3) -> Catalogue:
    """Give a catalogue in which these leaves of one item came later."""
    entry = replace(CATALOGUE.scopes[SCOPE], leaves_since=since)
    return replace(CATALOGUE, version=version, scopes={**CATALOGUE.scopes, SCOPE: entry})


def left(value, since, signed_under=1):
    """Give what passes of the item, or the reason why nothing does."""
    of = partner(catalogue=later(since))
    found = decision(declaration(scopes=[SCOPE], catalogue=signed_under), scopes=(SCOPE,), of=of)
    reduced = minimise(of, found, {"work": {"job_search": value}}, {}, {ID: "unit"}, TODAY)
    assert (SCOPE in reduced.released.releases) is not (SCOPE in reduced.withheld)
    return reduced.withheld.get(SCOPE) or reduced.released.record["work"]["job_search"]


@pytest.mark.parametrize(
    ("value", "since", "kept"),
    [
        ({"a": 1, "b": 2}, {"b": 2}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1}),
        ({"a": 1, "b": None}, {"b": 2}, {"a": 1}),
        ({"a": {"x": 1, "y": 2}, "b": 2}, {"a.y": 2}, {"a": {"x": 1}, "b": 2}),
        ({"a": {"y": 2}, "b": 2}, {"a.y": 2}, {"b": 2}),  # what held nothing else goes with it
        ({"a": None, "b": 2}, {"a.y": 2}, {"a": None, "b": 2}),
        ([{"a": 1, "b": 2}, {"a": 3}], {"b": 2}, [{"a": 1}, {"a": 3}]),
        ([{"b": 2}, {"a": 3}], {"b": 2}, [{"a": 3}]),
        ({"a": [{"x": 1, "y": 2}, {"y": 3}]}, {"a.y": 2}, {"a": [{"x": 1}]}),
        ({"a": [{"y": 3}], "b": 1}, {"a.y": 2}, {"b": 1}),
        ({"a": [], "b": 1}, {"a.y": 2}, {"a": [], "b": 1}),  # an empty list was said
        ([], {"b": 2}, []),
        ({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 3}, {"a": 1}),
    ],
)
def test_later_leaves_are_dropped_and_all_others_stay(value, since, kept):
    """In lists, in parts, and with whatever is emptied by it."""
    assert left(value, since) == kept


@pytest.mark.parametrize(
    ("value", "since"),
    [
        ({"b": 2}, {"b": 2}),
        ([{"b": 2}, {"b": 3}], {"b": 2}),
        ({"a": {"y": 2}}, {"a.y": 2}),
        ({"a": [{"y": 3}]}, {"a.y": 2}),
        ({"b": 2, "c": 3}, {"b": 2, "c": 3}),
        ({"a": {"y": 2}, "b": 1}, {"a": 2, "a.y": 2, "b": 2}),
    ],
)
def test_an_item_minimised_to_nothing_is_withheld(value, since):
    """``nothing_left``: an empty shell would still say that there was something."""
    assert left(value, since) is Reason.NOTHING_LEFT


@pytest.mark.parametrize(("signed_under", "kept"), [(1, {"a": 1}), (2, {"a": 1, "b": 2}), (3, {"a": 1, "b": 2, "c": 3})])
def test_a_declaration_covers_the_leaves_of_its_own_catalogue(signed_under, kept):
    """And of the earlier ones."""
    assert left({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 3}, signed_under) == kept


def test_a_part_without_leaves_of_its_own_is_left_as_it_was():
    """A value that is no mapping has no leaf to drop."""
    assert left("text", {"b": 2}) == "text"


def test_the_declaration_that_is_named_counts_and_not_the_newest():
    """Of two that pass, the one that ends first is named, and its catalogue decides."""
    of = partner(catalogue=later({"b": 2}))
    old = declaration(scopes=[SCOPE], valid_until="2026-10-31")
    new = declaration(id_="99999999-0000-4000-8000-000000000000", scopes=[SCOPE], catalogue=2)
    found = decision(old, new, scopes=(SCOPE,), of=of)
    reduced = minimise(of, found, {"work": {"job_search": {"a": 1, "b": 2}}}, {}, dict.fromkeys((old.id, new.id), "unit"), TODAY)
    assert reduced.released.record == {"work": {"job_search": {"a": 1}}}


def test_an_item_of_which_nothing_is_left_holds_nothing_up_that_comes_behind_it():
    """The next item passes as if the first had not been there."""
    of = partner(catalogue=later({"b": 2}))
    record = {"work": {"job_search": {"b": 2}}, "language": {"level": {"cefr": "B1"}}}
    found = decision(declaration(scopes=[SCOPE, "language.level"], catalogue=1), scopes=(SCOPE, "language.level"), of=of)
    reduced = minimise(of, found, record, {}, {ID: "unit"}, TODAY)
    assert reduced.withheld == {SCOPE: Reason.NOTHING_LEFT}
    assert reduced.released.record == {"language": {"level": {"cefr": "B1"}}}


class Level(TypedDict):
    """An item to which catalogue 2 added a leaf, and one within a list."""

    cefr: Annotated[str, Label("Niveau")]
    spoken: NotRequired[Annotated[str, Label("gesprochen"), Since(2)]]
    tests: NotRequired[Annotated[list["Exam"], Label("Prüfungen")]]


class Exam(TypedDict):
    """What is within the list."""

    name: NotRequired[Annotated[str, Label("Name")]]
    points: NotRequired[Annotated[int, Label("Punkte"), Since(2)]]


class LanguageSection(TypedDict, total=False):
    """Language."""

    level: Annotated[Level, Scope("Sprachstand", Sensitivity.CONFIDENTIAL)]


class LaterRecord(TypedDict, total=False):
    """A record of catalogue 2."""

    language: Annotated[LanguageSection, Label("Deutsch")]


def test_a_leaf_that_the_records_types_mark_as_later_is_dropped():
    """From the mark beside the type down to the bytes: nobody writes the list of later leaves a second time."""
    of = partner(catalogue=Catalogue.of(LaterRecord, version=2))
    value = {"cefr": "B1", "spoken": "B2", "tests": [{"name": "DTZ", "points": 80}, {"points": 90}]}
    for signed_under, kept in ((1, {"cefr": "B1", "tests": [{"name": "DTZ"}]}), (2, value)):
        found = decision(declaration(catalogue=signed_under), of=of)
        assert minimise(of, found, {"language": {"level": value}}, {}, {ID: "unit"}, TODAY).released.record == {"language": {"level": kept}}
