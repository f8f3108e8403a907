"""What happens between two steps of an exchange, told on both databases: the last word before anything leaves is the client's."""

import asyncio
import base64
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from imgate.exchange import inbound, outbound
from imgate.exchange.delivery import deliver_due
from imgate.exchange.refusals import Refused
from imgate.plugin_api import Delivered, NotDelivered, RefusedByPartner
from tests.acceptance.inbound_writers import message
from tests.exchange.conftest import CLIENT, JOBCENTER, REFERENCE, ScriptedTransport

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "benefits": {"regime": {"code": "sgb2", "household_number": "62401//0004711"}},
}
SCOPES = ("language.level", "benefits.regime")


class InBetween:
    """A store in which something happens just before each of the first commits: whatever a step relied on may be gone."""

    def __init__(self, store, *happenings):
        self._store = store
        self._happenings = list(happenings)

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def commit(self, job):
        if self._happenings:
            self._happenings.pop(0)()
        return await self._store.commit(job)


def send_while(story, *happenings):
    """Send the record while these things happen between its decision and its commit."""
    corridor = dataclasses.replace(story.corridor, store=InBetween(story.corridor.store, *happenings))
    return json.loads(asyncio.run(outbound.send(corridor, story.call(), story.request(RECORD))).body)


@pytest.fixture
def declared(story):
    story.link()
    story.declaration = story.declare(*SCOPES)
    return story


def contents(story):
    return [base64.b64decode(item["content"]) for item in story.outbox()]


def audited(story, event):
    with story.gateway.store.reading() as tx:
        told = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return [entry["fields"] for entry in told if entry["event"] == event]


def test_a_revocation_between_decision_and_commit_withholds_everything(declared):
    sent = send_while(declared, lambda: declared.revoke(declared.declaration))
    assert sent["state"] == "withheld"
    assert {one["reason"] for one in sent["withheld"]} == {"revoked"}
    assert declared.outbox() == []
    assert len(audited(declared, "exchange_withheld")) == 1
    assert audited(declared, "exchange_permitted") == []


def test_a_partial_revocation_between_decision_and_commit_narrows(declared):
    sent = send_while(declared, lambda: declared.revoke(declared.declaration, ["benefits.regime"]))
    assert sent["released"] == ["language.level"]
    (content,) = contents(declared)
    assert b"62401//0004711" not in content


def test_a_pause_between_decision_and_commit_withholds(declared):
    assert send_while(declared, lambda: declared.pause(declared.declaration))["state"] == "withheld"
    assert declared.outbox() == []


def test_another_reference_between_decision_and_commit_stands_in_the_message(declared):
    send_while(declared, lambda: declared.link("355A999999"))
    (content,) = contents(declared)
    assert b"355A999999" in content
    assert REFERENCE.encode() not in content


def test_a_link_that_goes_between_decision_and_commit_stops_the_exchange(declared):
    with pytest.raises(Refused) as refused:
        send_while(declared, declared.unlink)
    assert refused.value.code == "link_missing"
    assert declared.outbox() == []


def test_what_changes_again_and_again_ends_in_a_refusal_and_not_in_a_message(declared):
    turns = [lambda: declared.pause(declared.declaration), lambda: declared.resume(declared.declaration)] * 5
    with pytest.raises(Refused) as refused:
        send_while(declared, *turns)
    assert refused.value.code == "busy"
    assert declared.outbox() == []


@pytest.fixture
def pushed(declared):
    """The partner is handed its messages; gives the transport too."""
    declared.transport = ScriptedTransport()
    declared.by(declared.transport)
    declared.exchange = declared.send(RECORD)["id"]
    return declared


def about_somebody_else(story, client):
    """Send the same about another client, whose messages wait for nobody's."""
    story.link(client.replace("-", "/"), client=client)
    story.declare(*SCOPES, client=client)
    return story.send(RECORD, client=client)["id"]


def test_a_revocation_before_the_attempt_is_the_last_word(pushed):
    assert pushed.revoke(pushed.declaration)["cancelled"] == 1
    asyncio.run(deliver_due(pushed.corridor))
    assert pushed.transport.parcels == []
    assert [line["state"] for line in pushed.shown(pushed.exchange)["history"]] == ["queued", "cancelled"]
    assert len(audited(pushed, "exchange_cancelled")) == 1


def test_a_partial_revocation_before_the_attempt_narrows_what_leaves(pushed):
    pushed.revoke(pushed.declaration, ["benefits.regime"])
    asyncio.run(deliver_due(pushed.corridor))
    (parcel,) = pushed.transport.parcels
    assert b"62401//0004711" not in parcel.content
    assert pushed.disclosures()[0]["scopes"] == ["language.level"]
    assert pushed.shown(pushed.exchange)["withheld"] == [{"scope": "benefits.regime", "reason": "revoked"}]


def test_a_scope_that_was_taken_out_does_not_come_back_with_another_declaration(pushed):
    pushed.revoke(pushed.declaration, ["benefits.regime"])
    pushed.declare("benefits.regime")
    asyncio.run(deliver_due(pushed.corridor))
    (parcel,) = pushed.transport.parcels
    assert b"62401//0004711" not in parcel.content
    assert pushed.disclosures()[0]["scopes"] == ["language.level"]


@pytest.mark.parametrize("late", [NotDelivered("http_503"), RefusedByPartner("http_404"), Delivered()])
def test_a_worker_that_comes_too_late_changes_nothing(pushed, late):
    """Its lease had run out, another one delivered: the exchange stays delivered, and both attempts are on record."""

    def meanwhile(_):
        pushed.later(minutes=5)
        with ThreadPoolExecutor(1) as other:
            other.submit(asyncio.run, deliver_due(pushed.corridor)).result()
        return late

    pushed.transport.outcomes = [meanwhile, Delivered()]
    asyncio.run(deliver_due(pushed.corridor))
    pushed.later(days=1)
    asyncio.run(deliver_due(pushed.corridor))
    assert [parcel.message_id for parcel in pushed.transport.parcels] == [pushed.exchange] * 2
    assert [line["state"] for line in pushed.shown(pushed.exchange)["history"]] == ["queued", "delivered"]
    assert len(audited(pushed, "delivery_ended")) == 2


def test_a_transport_that_breaks_its_promise_stops_no_other_delivery(pushed):
    """A transport raises nothing; one that does is treated as one that did not deliver."""

    def broken(parcel):
        raise RuntimeError(f"with {parcel.content!r}")

    async def takes_its_time(parcel):
        await asyncio.sleep(0.05)
        pushed.transport.parcels.append(parcel)
        return broken(parcel) if parcel.message_id == pushed.exchange else Delivered()

    pushed.transport.deliver = takes_its_time
    others = [about_somebody_else(pushed, f"K-2026-120{number}") for number in range(3)]
    asyncio.run(deliver_due(pushed.corridor))
    assert {pushed.shown(other)["state"] for other in others} == {"delivered"}
    assert pushed.shown(pushed.exchange)["state"] == "queued"
    assert pushed.disclosures()[0]["exchange"]


def test_what_nobody_knows_the_end_of_counts_as_disclosed(pushed):
    pushed.transport.outcomes = [NotDelivered("timeout")]
    asyncio.run(deliver_due(pushed.corridor))
    assert [one["exchange"] for one in pushed.disclosures()] == [pushed.exchange]


def test_a_message_that_two_workers_hold_is_taken_once(story):
    """The lease of the first had run out while it was still at work."""
    story.link()
    story.declare(*SCOPES)
    receipt = story.post(message(JOBCENTER, REFERENCE, RECORD))
    at = story.now
    with story.corridor.store.transaction() as tx:
        (item,) = tx.intake.claim(at, at.replace(hour=23), 10)
    inbound.take(story.corridor, item)
    inbound.take(story.corridor, item)
    assert len(story.inbox()) == 1
    assert len(story.report(receipt)["people"]) == 1
    assert len(audited(story, "message_taken")) == 1
    assert story.inbox()[0]["client"] == CLIENT
