"""A title that runs out is told while the item that told of it is at hand: never before it was handed out, never without permission."""

import dataclasses

import pytest

from imgate.exchange import again, running_out
from imgate.exchange.ports import Unreadable
from imgate.exchange.stored import Cursor
from imgate.storage import SqlStore
from tests.exchange.conftest import ABH, CLIENT, message

ENDING = {"residence": {"status": {"code": "1", "since": "2024-05-02", "until": "2026-04-15"}}}


@pytest.fixture
def told(world):
    """A world in which the Ausländerbehörde has told of a title that runs out, and the case system was handed it."""
    world.link("33/2-815", partner=ABH)
    world.declaration = world.declare("residence.status", partner=ABH)
    world.post(message(ABH, "33/2-815", ENDING), partner=ABH)
    world.work()
    return world


def received(world, **cursor):
    return running_out.received(world.corridor, Cursor(**cursor))["items"]


def test_what_was_not_handed_out_yet_is_not_told(told):
    assert received(told) == []
    assert told.disclosures() == []


def test_what_was_handed_out_is_told_with_its_day_and_no_value(told):
    told.inbox()
    (item,) = received(told)
    assert (item["client"], item["partner"]) == (CLIENT, ABH)
    assert item["hints"] == [{"code": "runs_out", "scope": "residence.status", "on": "2026-04-15", "apply_by": "2026-04-15"}]


def test_what_is_allowed_no_more_is_not_told(told):
    told.inbox()
    told.pause(told.declaration)
    assert received(told) == []


def test_what_does_not_run_out_soon_is_not_told(told):
    told.inbox()
    told.corridor = dataclasses.replace(told.corridor, remind_days=10)
    assert received(told) == []


def test_what_became_narrower_is_told_as_far_as_it_is_allowed_and_nothing_is_written(world, monkeypatch):
    world.link("33/2-815", partner=ABH)
    world.declare("residence.status", partner=ABH)
    world.declare("residence.work_permission", partner=ABH, valid_until="2026-03-31")
    both = {"residence": ENDING["residence"] | {"work_permission": {"code": "01", "until": "2026-04-20"}}}
    world.post(message(ABH, "33/2-815", both), partner=ABH)
    world.work()
    (item,) = world.inbox()
    assert [hint["scope"] for hint in received(world)[0]["hints"]] == ["residence.status", "residence.work_permission"]
    before = world.shown(item["id"])
    world.later(days=40)
    monkeypatch.setattr(SqlStore, "transaction", lambda self: pytest.fail("it writes"))
    assert [hint["scope"] for hint in received(world)[0]["hints"]] == ["residence.status"]
    assert world.shown(item["id"]) == before


def test_one_that_cannot_be_read_is_left_out(told, monkeypatch):
    told.inbox()

    def broken(*_):
        raise Unreadable("broken")

    monkeypatch.setattr(again, "open_inbox", broken)
    assert received(told) == []


def test_telling_of_it_is_no_hand_out(told):
    told.inbox()
    before = told.disclosures()
    received(told)
    assert told.disclosures() == before
