"""Messages to partners by ids and states, for whoever runs the gateway."""

import asyncio
from dataclasses import fields
from datetime import timedelta

import pytest

from imgate.exchange.deliveries import FAILED, WAITING, Delivery, deliveries, delivery
from imgate.exchange.delivery import deliver_to
from imgate.exchange.ports import BadCursor
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.plugin_api import NotDelivered
from imgate.vocabulary.identifiers import NIL_UUID
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def allowed(world):
    world.declare("language.level", "contact_persons.jobcenter")
    world.link()
    return world


def listed(world, *states, partner=None):
    return deliveries(world.corridor, states or (WAITING, FAILED), partner, Cursor()).items


def attempt(world):
    asyncio.run(deliver_to(world.corridor, world.corridor.partners[JOBCENTER]))


def test_a_delivery_has_no_place_for_a_client():
    assert {field.name for field in fields(Delivery)}.isdisjoint({"client", "reference", "subject", "record"})


def test_nothing_of_a_client_stands_in_what_is_listed(allowed):
    allowed.send(LEVEL)
    (item,) = listed(allowed)
    with allowed.corridor.store.reading() as tx:
        keys = tx.clients.find(CLIENT)
    assert [word for word in (CLIENT, REFERENCE, keys.digest, keys.subject) if word in repr(item)] == []


def test_what_waits_to_be_fetched_is_said_to_be(allowed):
    exchange = allowed.send(LEVEL)["id"]
    (item,) = listed(allowed)
    assert (item.id, item.state, item.fetched, item.attempts, item.may_be_retried) == (exchange, WAITING, True, 0, False)


def test_what_was_tried_says_when_it_is_tried_again(scripted, allowed):
    allowed.send(LEVEL)
    scripted.outcomes = [NotDelivered("timeout")]
    attempt(allowed)
    (item,) = listed(allowed)
    assert (item.fetched, item.attempts, item.under_way) == (False, 1, False)
    assert item.tried_again_at > allowed.now


def test_what_was_given_up_says_why_and_may_be_retried(scripted, allowed):
    allowed.send(LEVEL)
    allowed.now += allowed.corridor.give_up_after + timedelta(seconds=1)
    scripted.outcomes = [NotDelivered("timeout")]
    attempt(allowed)
    (item,) = listed(allowed, FAILED)
    assert (item.state, item.why, item.may_be_retried, item.since, item.tried_again_at) == (FAILED, "timeout", True, allowed.now, None)
    assert listed(allowed, WAITING) == ()


def test_only_one_partners_are_listed_where_that_is_asked(allowed):
    allowed.send(LEVEL)
    assert len(listed(allowed, partner=JOBCENTER)) == 1
    assert listed(allowed, partner=ABH) == ()
    assert listed(allowed, partner="nobody") == ()


def test_what_is_done_is_not_listed(allowed):
    allowed.send(LEVEL)
    allowed.outbox()
    assert listed(allowed) == ()


def test_an_unknown_delivery_and_what_a_partner_sent_are_the_same(allowed):
    receipt = allowed.post(message(JOBCENTER, REFERENCE, CONTACT))
    allowed.work()
    inbound = allowed.report(receipt)["people"][0]["exchange"]
    for exchange in (inbound, NIL_UUID, ""):
        with pytest.raises(Refused) as refused:
            delivery(allowed.corridor, exchange)
        assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_one_delivery_is_shown_with_its_history(allowed):
    exchange = allowed.send(LEVEL)["id"]
    allowed.outbox()
    shown = delivery(allowed.corridor, exchange)
    assert [state for _, state, _ in shown.history] == ["queued", "delivered"]
    assert shown.released == ("language.level",)


def test_a_cursor_that_is_none_is_refused(allowed):
    with pytest.raises(BadCursor):
        deliveries(allowed.corridor, (WAITING,), None, Cursor("x"))
