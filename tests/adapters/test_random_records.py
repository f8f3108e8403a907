"""A released valid record always makes a valid message with the same values in it: no schema is narrower than the record."""

import importlib
import json
import os
import random
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgate.adapters.registry import load_plugins
from imgate.conformance.adapter import ENVELOPE
from imgate.conformance.released import release
from imgate.conformance.variations import item_of, known_part, scopes_of
from imgate.conformance.xml_partner import XmlPartner
from imgate.vocabulary.words import Direction
from tests.adapters.random_records import is_valid, records

LONG = bool(os.environ.get("IMGATE_LONG"))
TO, FROM = Direction.TO_PARTNER, Direction.FROM_PARTNER
# The fine title is taken from lists of the AZR only; the record's type takes any list.
NARROWER_ON_PURPOSE = {"residence.title"}


def an_adapter(name):
    adapter = load_plugins().adapter(name, {})
    module = importlib.import_module(f"imgate_{name}.translate")
    return adapter, XmlPartner(module.NAMESPACE, module.FROM_PARTNER, module.ITEMS)


ADAPTERS = {name: an_adapter(name) for name in ("jobcenter", "auslaenderbehoerde")}
many = settings(max_examples=1000 if LONG else 60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", ADAPTERS)
@many
@given(data=st.data())
def test_every_valid_record_can_be_sent(name, data):
    adapter, partner = ADAPTERS[name]
    record = data.draw(records(adapter.ceiling[TO]))
    released = release(record, scopes_of(record))
    valid = adapter.validate(adapter.translate(released, ENVELOPE))
    assert partner.read(valid.content) == known_part(released.record)


@pytest.mark.parametrize("name", ADAPTERS)
@many
@given(data=st.data())
def test_every_valid_record_can_come_back(name, data):
    adapter, partner = ADAPTERS[name]
    record = data.draw(records(adapter.ceiling[FROM] - NARROWER_ON_PURPOSE))
    (person,) = adapter.read(partner.write("R-1", record)).people
    assert person.record == known_part(record)


@pytest.mark.parametrize("name", ADAPTERS)
def test_hard_cases_can_be_sent(name, shared):
    """One-name clients, partly known dates, two nationalities; an item that the record's types refuse is left out."""
    adapter, partner = ADAPTERS[name]
    paths = sorted((shared / "data" / "cases").glob("*.json"))
    assert paths
    for path in paths:
        record = json.loads(path.read_text(encoding="utf-8"))
        refused = {
            scope for scope in scopes_of(record) if not is_valid({scope.split(".")[0]: {scope.split(".")[1]: item_of(record, scope)}})
        }
        released = release(record, adapter.ceiling[TO] - refused)
        valid = adapter.validate(adapter.translate(released, ENVELOPE))
        assert partner.read(valid.content) == known_part(released.record)


@pytest.mark.parametrize("name", ADAPTERS)
def test_synthetic_cases_can_be_sent(name, shared, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(shared / "data")
    make_cases = importlib.import_module("make_cases")
    rng = random.Random(1)  # noqa: S311  # the same cases each time
    towns = make_cases._rows("ags_bw.json")
    nations = [row["DESTATIS-Schluessel-Staatsangehoerigkeit"] for row in make_cases._rows("staatsangehoerigkeit.json")]
    adapter, partner = ADAPTERS[name]
    for _ in range(3000 if LONG else 300):
        released = release(make_cases.make_record(rng, towns, nations), adapter.ceiling[TO])
        if released.releases:
            valid = adapter.validate(adapter.translate(released, ENVELOPE))
            assert partner.read(valid.content) == known_part(released.record)
