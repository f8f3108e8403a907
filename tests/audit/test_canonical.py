"""Which JSON is made canonical by what: the general library for anything, orjson for what the catalogue lets into an entry."""

import json
import math

import orjson
import pytest
import rfc8785

from imgate.audit.canonical import canonical
from imgate.audit.catalogue import CATALOGUE, Kind, problem_of
from imgate.audit.entry import content_of
from imgate.audit.events import Event, EventName
from tests.audit.written import AT


def pairs(shared):
    return json.loads((shared / "data/vectors/jcs.json").read_text(encoding="utf-8"))["pairs"]


def test_the_general_library_gives_every_published_form(shared):
    found = {pair["name"]: rfc8785.dumps(json.loads(pair["input"])).decode() for pair in pairs(shared)}
    assert found == {pair["name"]: pair["output"] for pair in pairs(shared)}
    assert len(found) >= 6


def test_sorted_json_gives_those_without_whole_fractions_and_names_beyond_ascii(shared):
    given = {pair["name"]: (json.loads(pair["input"]), pair["output"].encode()) for pair in pairs(shared)}
    same = {name for name, (content, output) in given.items() if orjson.dumps(content, option=orjson.OPT_SORT_KEYS) == output}
    # `structures` holds 56.0, and the names in `weird` are sorted otherwise in UTF-16: neither can be in an entry.
    assert same == given.keys() - {"structures", "weird"}


# What differs between the two, and is of no kind of the catalogue.
BEYOND = [1.0, 1e30, 2**53, -1, math.nan, None, {"a": 1}, [1], "\ud83d"]


@pytest.mark.parametrize("value", BEYOND, ids=repr)
def test_what_the_two_write_differently_is_let_into_no_field(value):
    for name, shape in CATALOGUE.items():
        for field in shape.fields:
            problem = problem_of(name, {field: value})
            assert problem is not None


def test_no_field_bears_a_name_that_the_two_sort_differently_or_that_an_entry_bears_itself():
    names = {field for shape in CATALOGUE.values() for field in shape.fields}
    assert all(name.isascii() and name.isidentifier() for name in names)
    assert "id" not in names  # by which the verifier finds an entry's own


FULL = {
    Kind.ID: "0d3b5e8a-8f3f-4a0c-9c55-6a1d1f2c7b11",
    Kind.WORD: "residence.status:revoked\\\"'/<>&",
    Kind.NAME: 'Ämter & „Söhne“ 😀 / \u200a\ufb33é\\ "',
    Kind.DIGEST: "a" * 64,
    Kind.COUNT: 2**53 - 1,
    Kind.FLAG: False,
    Kind.WORDS: ["b", "a", "\\"],
    Kind.NAMES: ["Ärztin", "Zoë", "😀"],
    Kind.IDS: [],
}


@pytest.mark.parametrize("name", list(EventName))
def test_an_entry_of_each_event_is_what_the_general_library_writes(name):
    fields = {field: FULL[kind] for field, kind in CATALOGUE[name].fields.items()}
    printable = {field: value.replace("\u200a", "") if isinstance(value, str) else value for field, value in fields.items()}
    _, content = content_of(Event(name, AT, "worker", "subject", printable))
    assert content == rfc8785.dumps(json.loads(content)) == canonical(json.loads(content))
