"""An entry's form, and the events that may stand in it."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from imgate.audit.canonical import canonical
from imgate.audit.catalogue import CATALOGUE, Kind, problem_of
from imgate.audit.entry import content_of
from imgate.audit.events import Event, EventName
from imgate.audit.reference import reference
from imgate.audit.verify import leaf_hash

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UUID = "0d3b5e8a-8f3f-4a0c-9c55-6a1d1f2c7b11"

texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(max_codepoint=127))
values = st.recursive(
    texts | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_sorted_json_is_canonical_for_what_entries_may_hold(content):
    assert canonical(content) == rfc8785.dumps(content)


def test_leaves_are_hashed_as_rfc_9162_says():
    assert leaf_hash(b"") == bytes.fromhex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()


def test_an_entry_holds_what_the_event_says_and_nothing_else():
    event = Event(EventName.LINK_SET, AT, "caller", "subject-1", {"partner": "jobcenter"})
    entry_id, content = content_of(event)
    assert content == (
        b'{"actor":"caller","at":"2026-03-02T09:30:00.000000+00:00","event":"link_set","fields":{"partner":"jobcenter"},"id":"'
        + entry_id.encode()
        + b'","subject":"subject-1"}'
    )
    assert content == rfc8785.dumps(json.loads(content))


def test_fields_without_a_value_and_missing_subjects_are_absent():
    event = Event(EventName.REJECTED, AT, "caller", None, {"exchange": UUID, "partner": "jobcenter", "reason": None})
    _, content = content_of(event)
    assert b"reason" not in content
    assert b"subject" not in content
    assert b"null" not in content


SAMPLES = {
    Kind.ID: UUID,
    Kind.WORD: "residence.status:revoked",
    Kind.NAME: "Jobcenter Rems-Murr, Team 412 – Süd",
    Kind.DIGEST: "a" * 64,
    Kind.COUNT: 3,
    Kind.FLAG: True,
    Kind.WORDS: ["residence.status", "language.level"],
    Kind.NAMES: ["Ämter"],
    Kind.IDS: [UUID, UUID],
}
WRONG = {
    Kind.ID: ["K-2026-0815", UUID.upper(), UUID + "\n", 1, None],
    Kind.WORD: ["Amina Muster", "", "ä", "x" * 129, "a\nb", 1, ["a"]],
    Kind.NAME: ["", "a\nb", 1, "x" * 501],
    Kind.DIGEST: ["a" * 63, "A" * 64, b"a" * 64],
    Kind.COUNT: [-1, True, 1.0, "1", 2**53],
    Kind.FLAG: [0, 1, "true"],
    Kind.WORDS: ["a", [""], ["a", ""], ["a b"], ["a\nb"], ["a", "b\nc"], [1], ("a",), [["a"]]],
    Kind.NAMES: [[""], ["a\nb"], "a", [1]],
    Kind.IDS: [["x"], [UUID + "\n" + UUID], UUID, [""], [None]],
}


def sample(name):
    return {field: SAMPLES[kind] for field, kind in CATALOGUE[name].fields.items()}


@pytest.mark.parametrize("name", list(EventName))
def test_every_event_is_in_the_catalogue(name):
    assert problem_of(name, sample(name)) is None
    assert CATALOGUE[name].meaning.endswith(".")


@pytest.mark.parametrize("name", list(EventName))
def test_an_unknown_or_missing_field_is_a_bug(name):
    assert "surname" in problem_of(name, sample(name) | {"surname": "Muster"})
    for field in CATALOGUE[name].fields.keys() - CATALOGUE[name].optional:
        fields = sample(name)
        del fields[field]
        assert field in problem_of(name, fields)
    for field in CATALOGUE[name].optional:
        fields = sample(name)
        del fields[field]
        assert problem_of(name, fields) is None


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, wrong in WRONG.items() for value in wrong])
def test_a_value_of_another_kind_is_a_bug_and_is_not_shown(kind, value):
    name, field = next((name, field) for name in EventName for field, of in CATALOGUE[name].fields.items() if of is kind)
    problem = problem_of(name, sample(name) | {field: value})
    assert problem == f"{name}.{field} is no {kind}"


@pytest.mark.parametrize("empty", [Kind.WORDS, Kind.NAMES, Kind.IDS])
def test_lists_may_be_empty(empty):
    name, field = next((name, field) for name in EventName for field, of in CATALOGUE[name].fields.items() if of is empty)
    assert problem_of(name, sample(name) | {field: []}) is None


def test_an_entry_that_breaks_the_catalogue_is_not_made():
    with pytest.raises(ValueError, match=r"link_set\.partner is no word"):
        content_of(Event(EventName.LINK_SET, AT, "caller", None, {"partner": "Amina Muster"}))


def test_the_reference_page_is_the_catalogue():
    page = Path(__file__).parents[2] / "docs" / "reference" / "audit-events.md"
    assert page.read_text(encoding="utf-8") == reference(), "run `python -m imgate.audit.reference > docs/reference/audit-events.md`"
