"""One thing that is broken holds up nobody else, and never the client's own word. Told on both databases."""

import asyncio
import dataclasses

import pytest

from imgate.exchange import inbound
from imgate.exchange.delivery import deliver_due
from imgate.plugin_api import Incoming
from tests.acceptance.inbound_writers import ABH, message
from tests.exchange.conftest import CLIENT, JOBCENTER, REFERENCE, ScriptedTransport

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "benefits": {"regime": {"code": "sgb2"}}}
SCOPES = ("language.level", "benefits.regime")
OTHER = "K-2026-1102"


@pytest.fixture
def two(story):
    """Two clients, each with a declaration; the first one's message is the one that breaks."""
    story.link()
    story.link("355A000816", client=OTHER)
    story.declaration = story.declare(*SCOPES)
    story.declare(*SCOPES, client=OTHER)
    return story


def run(story, sql):
    with story.gateway.store.engine.begin() as connection:
        connection.exec_driver_sql(sql)


def spoil(story, table, column, where):
    """Change what is at rest, as a bad disk does."""
    run(story, f"UPDATE {table} SET {column} = substr({column}, 2) WHERE {where}")  # noqa: S608  # our own names


class BrokenTranslator:
    """An adapter that a new version broke."""

    def __init__(self, translator):
        self._translator = translator

    def __getattr__(self, name):
        return getattr(self._translator, name)

    def to_partner(self, released, envelope):
        raise RuntimeError("broken")

    def from_partner(self, body):
        raise RuntimeError("broken")


def break_adapter(story, partner=JOBCENTER):
    partners = dict(story.corridor.partners)
    adapter = partners[partner].adapter
    broken = dataclasses.replace(adapter, translator=BrokenTranslator(adapter.translator))
    partners[partner] = dataclasses.replace(partners[partner], adapter=broken)
    story.corridor = dataclasses.replace(story.corridor, partners=partners)


def test_a_revocation_stands_where_the_rest_cannot_be_built_anew(two):
    two.send(RECORD)
    break_adapter(two)
    revoked = two.revoke(two.declaration, ["benefits.regime"])
    assert revoked["cancelled"] == 1
    assert two.outbox() == []


def test_a_revocation_stands_where_what_waits_cannot_be_read(two):
    exchange = two.send(RECORD)["id"]
    spoil(two, "outbox", "released", f"exchange = '{exchange}'")
    assert two.revoke(two.declaration, ["benefits.regime"])["cancelled"] == 1
    assert two.outbox() == []


def test_a_revocation_stands_where_what_came_in_cannot_be_read(two):
    two.post(message(JOBCENTER, REFERENCE, {"benefits": RECORD["benefits"], "work": {"measures": []}}))
    two.declare("work.measures")
    two.work()
    spoil(two, "inbox", "record", "true")
    assert two.revoke(two.declaration, ["benefits.regime"])["cancelled"] == 1
    assert two.inbox() == []


def test_a_message_that_cannot_be_read_holds_up_no_other_in_the_outbox(two):
    spoiled, other = two.send(RECORD)["id"], two.send(RECORD, client=OTHER)["id"]
    spoil(two, "outbox", "message", f"exchange = '{spoiled}'")
    assert [item["id"] for item in two.outbox()] == [other]
    assert two.shown(spoiled)["state"] == "failed"


def test_a_message_that_cannot_be_read_holds_up_no_other_delivery(two):
    transport = ScriptedTransport()
    two.by(transport)
    spoiled, other = two.send(RECORD)["id"], two.send(RECORD, client=OTHER)["id"]
    spoil(two, "outbox", "message", f"exchange = '{spoiled}'")
    asyncio.run(deliver_due(two.corridor))
    assert [parcel.message_id for parcel in transport.parcels] == [other]


def test_an_item_that_cannot_be_read_holds_up_no_other_in_the_inbox(two):
    for reference in (REFERENCE, "355A000816"):
        two.post(message(JOBCENTER, reference, {"benefits": RECORD["benefits"]}))
    two.work()
    spoil(two, "inbox", "record", "position = (SELECT min(position) FROM inbox)")
    assert [item["client"] for item in two.inbox()] == [OTHER]


def test_what_came_in_and_cannot_be_opened_holds_up_no_other(two):
    spoiled, other = (two.post(message(JOBCENTER, reference, {"benefits": RECORD["benefits"]})) for reference in (REFERENCE, "355A000816"))
    spoil(two, "intake", "body", f"receipt = '{spoiled}'")
    two.work()
    assert two.report(other)["outcome"] == "taken"
    assert [item["client"] for item in two.inbox()] == [OTHER]


def test_a_message_that_breaks_its_adapter_holds_up_no_other(two):
    two.post(message(ABH, "ABH-1", {}), partner=ABH)
    other = two.post(message(JOBCENTER, REFERENCE, {"benefits": RECORD["benefits"]}))
    break_adapter(two, ABH)
    two.work()
    assert two.report(other)["outcome"] == "taken"


def test_a_fault_of_our_own_with_one_message_holds_up_no_other(two, monkeypatch):
    first, other = (two.post(message(JOBCENTER, reference, {"benefits": RECORD["benefits"]})) for reference in (REFERENCE, "355A000816"))
    person = inbound._person

    def faulty(*args):
        if any(isinstance(arg, Incoming) and arg.reference == REFERENCE for arg in args):
            raise KeyError("of our own")
        return person(*args)

    monkeypatch.setattr(inbound, "_person", faulty)
    two.work()
    assert [two.report(receipt)["outcome"] for receipt in (first, other)] == ["waiting", "taken"]


def test_erasing_a_client_during_an_attempt_stops_no_other_delivery(two):
    """The attempt's end is on record, and names nobody."""
    from imgate.storage.erase import erase_client

    transport = ScriptedTransport()
    two.by(transport)
    erased, other = two.send(RECORD)["id"], two.send(RECORD, client=OTHER)["id"]

    async def takes_its_time(parcel):
        if parcel.message_id == erased:
            await asyncio.to_thread(erase_client, two.gateway.store, CLIENT, two.now, "operator")
        return await ScriptedTransport.deliver(transport, parcel)

    transport.deliver = takes_its_time
    asyncio.run(deliver_due(two.corridor))
    assert two.shown(erased)["state"] == two.shown(other)["state"] == "delivered"
    assert "client" not in two.shown(erased)
