"""The partner's word on ways on which it comes by itself: receipts, its own messages, and a call that there is news."""

import asyncio
import itertools

import pytest

from imgate.exchange import intake
from imgate.exchange.arrivals import fetch_arrivals
from imgate.exchange.boxes import outbox_ack
from imgate.exchange.delivery import deliver_due
from imgate.exchange.receipts import called_back, read_receipts
from imgate.exchange.stored import Cursor
from imgate.plugin_api import Arrived, NotDelivered, Receipt
from tests.exchange.conftest import JOBCENTER, PROPOSAL, REFERENCE, ScriptedTransport, message

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


class Answering(ScriptedTransport):
    """A way back as well: receipts, messages, and calls, as the test says."""

    def __init__(self):
        super().__init__()
        self.told = []
        self.asked = []
        self.waiting = []
        self.closed = []
        self.genuine = b"news"

    async def receipts(self, sent):
        self.asked.append([one.message_id for one in sent])
        return self.told() if callable(self.told) else self.told

    async def arrived(self, limit):
        return self.waiting() if callable(self.waiting) else self.waiting[:limit]

    async def close(self, message):
        self.closed.append(message.message_id)
        self.waiting = [one for one in self.waiting if one is not message]

    def is_genuine(self, headers, body, unix_time):
        return body == self.genuine


@pytest.fixture
def answering(world):
    transport = Answering()
    world.by(transport)
    world.link()
    world.declare("language.level", "work.proposals")
    return transport


def delivered(world):
    exchange = world.send(RECORD)["id"]
    asyncio.run(deliver_due(world.corridor))
    return exchange


def read(world):
    return asyncio.run(read_receipts(world.corridor, world.corridor.partners[JOBCENTER]))


def fetch(world):
    return asyncio.run(fetch_arrivals(world.corridor, world.corridor.partners[JOBCENTER]))


def test_nobody_is_asked_about_what_was_not_delivered(world, answering):
    answering.outcomes = [NotDelivered("http_503")]
    delivered(world)
    assert read(world) == 0
    assert answering.asked == []


def test_a_receipt_makes_it_acknowledged(world, answering):
    exchange = delivered(world)
    answering.told = [Receipt(exchange)]
    assert read(world) == 1
    assert world.shown(exchange)["state"] == "acknowledged"
    world.later(days=1)
    assert read(world) == 0


def test_a_refusal_is_shown_with_its_reason_and_is_final(world, answering):
    exchange = delivered(world)
    answering.told = [Receipt(exchange, "schema_violation"), Receipt(exchange)]
    read(world)
    shown = world.shown(exchange)
    assert (shown["state"], shown["history"][-1]["detail"]) == ("rejected", "schema_violation")


def test_a_reason_that_is_no_word_is_not_kept(world, answering):
    exchange = delivered(world)
    answering.told = [Receipt(exchange, "Frau Beispiel wohnt hier nicht")]
    read(world)
    assert world.shown(exchange)["history"][-1]["detail"] == "refused"


def test_a_receipt_for_what_was_not_asked_about_changes_nothing(world, answering):
    exchange = delivered(world)
    world.by(ScriptedTransport())
    other = world.send(RECORD)["id"]
    world.by(answering)
    answering.told = [Receipt(other)]
    assert read(world) == 0
    assert world.shown(other)["state"] == "queued"
    assert world.shown(exchange)["state"] == "delivered"


def broken():
    raise RuntimeError("Beispiel")


@pytest.mark.parametrize("told", [NotDelivered("http_503"), broken, []])
def test_without_a_word_it_stays_delivered_and_is_asked_about_later(world, answering, told):
    exchange = delivered(world)
    answering.told = told
    assert read(world) == 0
    assert read(world) == 0  # not at once again
    assert len(answering.asked) == 1
    world.later(minutes=10)
    answering.told = [Receipt(exchange)]
    assert read(world) == 1


def test_the_partners_own_word_ends_the_waiting(world, answering):
    exchange = delivered(world)
    outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    assert read(world) == 0
    assert answering.asked == []


def test_a_genuine_call_has_it_asked_about_at_once(world, answering):
    exchange = delivered(world)
    read(world)
    answering.told = [Receipt(exchange)]
    assert not called_back(world.corridor, JOBCENTER, {}, b"forged")
    assert not called_back(world.corridor, "abh-winnenden", {}, b"news")
    assert not called_back(world.corridor, "nobody", {}, b"news")
    assert read(world) == 0
    assert called_back(world.corridor, JOBCENTER, {}, b"news")
    assert read(world) == 1
    assert world.shown(exchange)["state"] == "acknowledged"


def test_what_arrives_is_taken_like_every_message_and_closed_once_it_is_safe(world, answering):
    answering.waiting = [Arrived("m-1", "application/xml", message(JOBCENTER, REFERENCE, PROPOSAL))]
    assert fetch(world) == 1
    assert answering.closed == ["m-1"]
    world.work()
    assert world.inbox()[0]["record"] == PROPOSAL


def test_what_could_not_be_closed_comes_again_and_is_taken_once(world, answering):
    arrived = Arrived("m-1", "application/xml", message(JOBCENTER, REFERENCE, PROPOSAL))
    for _ in range(2):
        answering.waiting = [arrived]
        fetch(world)
    world.work()
    assert len(world.inbox()) == 1


def test_what_cannot_be_used_goes_on_record_and_holds_up_nobody(world, answering):
    good = Arrived("m-2", "application/xml", message(JOBCENTER, REFERENCE, PROPOSAL))
    answering.waiting = [Arrived("m-1", "application/xml", b"<kaputt"), good]
    assert fetch(world) == 2
    assert answering.closed == ["m-1", "m-2"]
    reports = intake.page(world.corridor, JOBCENTER, Cursor())["items"]
    assert [bool(report["problems"]) for report in reports] == [True, False]
    world.work()
    assert len(world.inbox()) == 1


@pytest.mark.parametrize("waiting", [lambda: NotDelivered("not_connected"), broken])
def test_a_way_that_is_down_loses_nothing(world, answering, waiting):
    answering.waiting = waiting
    assert fetch(world) == 0
    assert answering.closed == []


def test_a_young_message_is_asked_about_sooner_than_an_old_one(world, answering):
    delivered(world)
    asked_at = []
    for second in range(3000):
        read(world)
        if len(answering.asked) > len(asked_at):
            asked_at.append(second)
        world.later(seconds=1)
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked_at)]
    assert pauses[0] == 2
    assert pauses == sorted(pauses)
    assert pauses[-1] == 600
