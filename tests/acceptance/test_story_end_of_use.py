"""The end of use, told on both databases: who was handed something is told once, however many workers look, and the log agrees."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from imgate.exchange import boxes
from imgate.exchange.expiry import end_due
from imgate.exchange.ledger import ledger
from imgate.storage.proof import verify_store
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.exchange.told import BOTH, answer, by_telephone, notices, remind, run, runs


@pytest.fixture
def pair(house):
    """Two gateways on one database, and a partner that was handed something by the first."""
    first, second = house(), house()
    first.link()
    first.declaration = first.declare("language.level", "residence.status", valid_until="2026-06-30")
    first.send(BOTH)
    for item in first.outbox():
        boxes.outbox_ack(first.corridor, first.call(), JOBCENTER, item["id"])
    first.later(minutes=1)
    second.now = first.now
    return first, second


def at_once(step, stories):
    with ThreadPoolExecutor(len(stories)) as pool:
        return list(pool.map(step, stories))


def events(story):
    with story.gateway.store.reading() as tx:
        return Counter(json.loads(entry.content)["event"] for entry in tx.audit_log.entries())


def test_a_revocation_is_told_answered_and_leaves_the_ledger(pair):
    story, _ = pair
    story.revoke(story.declaration)
    (told,) = notices(story)
    assert told["scopes"] == "language.level residence.status"
    assert len(ledger(story.corridor, CLIENT)["items"]) == 2
    answer(story, told["messageId"], "ended")
    assert ledger(story.corridor, CLIENT)["items"] == []
    assert story.outbox() == []
    assert run(story)["state"] == "answered"
    assert verify_store(story.gateway.store).sound


def test_two_workers_that_find_the_same_declaration_expired_tell_it_once(pair):
    for story in pair:
        story.now = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    at_once(lambda story: end_due(story.corridor), [*pair, *pair])
    assert run(pair[0])["cause"] == "expired"
    assert len(notices(pair[1])) == 1
    assert events(pair[0])["end_of_use_told"] == 1
    assert verify_store(pair[0].gateway.store).sound


def test_two_workers_send_one_reminder(pair):
    pair[0].revoke(pair[0].declaration)
    for item in pair[0].outbox():
        boxes.outbox_ack(pair[0].corridor, pair[0].call(), JOBCENTER, item["id"])
    for story in pair:
        story.later(days=15)
    at_once(remind, [*pair, *pair])
    assert [told["reminder"] for told in notices(pair[1])] == ["1"]
    assert events(pair[0])["end_of_use_reminded"] == 1


def test_an_answer_and_a_reminder_that_cross_leave_nothing_waiting_for_ever(pair):
    first, second = pair
    first.revoke(first.declaration)
    for item in first.outbox():
        boxes.outbox_ack(first.corridor, first.call(), JOBCENTER, item["id"])
    for story in pair:
        story.later(days=15)
    steps = [(first, lambda: remind(first)), (second, lambda: by_telephone(second, run(second)["id"], "ended"))]
    at_once(lambda step: step[1](), steps)
    assert run(first)["state"] == "answered"
    first.outbox()
    assert first.outbox() == []
    first.later(days=30)
    assert remind(first) == 0


def test_two_that_revoke_at_once_tell_it_once(pair):
    answers = at_once(lambda story: story.revoke(pair[0].declaration), [*pair, *pair])
    assert sum("revocation" in each for each in answers) == 1
    assert len(runs(pair[0])) == 1
    assert len(notices(pair[0])) == 1
