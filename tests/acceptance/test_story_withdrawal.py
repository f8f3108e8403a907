"""What a client takes back while messages wait, told on both databases: what may not leave any more does not, bytes and all."""

import base64
import json

import pytest

from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.storage.proof import verify_store
from tests.acceptance.inbound_writers import message
from tests.exchange.conftest import CLIENT, JOBCENTER, REFERENCE
from tests.exchange.told import notice

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "benefits": {"regime": {"code": "sgb2", "household_number": "62401//0004711"}},
    "appointments": {"upcoming": [{"at": "2026-04-01T07:00:00Z", "with": "Fr. Kälberer"}]},
}
SCOPES = ("language.level", "benefits.regime", "appointments.upcoming")


@pytest.fixture
def waiting(story):
    """A declaration, a link, and a message that waits under them."""
    story.link()
    story.declaration = story.declare(*SCOPES)
    story.exchange = story.send(RECORD)["id"]
    return story


def fetched(story):
    return {item["id"]: base64.b64decode(item["content"]) for item in story.outbox()}


def as_previewed(story, exchange, content):
    """Give the bytes as a preview would show them: without their own id and time."""
    at = story.shown(exchange)["created_at"].encode()
    return content.replace(exchange.encode(), b"00000000-0000-0000-0000-000000000000").replace(at, b"1970-01-01T00:00:00Z")


def preview(story):
    return base64.b64decode(story.preview(RECORD)["message"]["content"])


def states(story):
    return [line["state"] for line in story.shown(story.exchange)["history"]]


def is_sound(story):
    report = verify_store(story.gateway.store)
    assert report.sound, report.findings


def test_a_revocation_cancels_what_waits(waiting):
    assert waiting.revoke(waiting.declaration)["cancelled"] == 1
    assert waiting.outbox() == []
    assert states(waiting) == ["queued", "cancelled"]
    assert waiting.disclosures() == []
    is_sound(waiting)


def test_what_was_handed_out_is_named_and_never_handed_out_again(waiting):
    assert list(fetched(waiting)) == [waiting.exchange]
    revoked = waiting.revoke(waiting.declaration)
    assert (revoked["cancelled"], revoked["already_sent"]) == (0, [waiting.exchange])
    (told,) = fetched(waiting).values()  # that its use has ended, and nothing else
    assert set(notice(told)["scopes"].split()) == set(SCOPES)
    assert b"B1" not in told
    assert b"0004711" not in told
    assert states(waiting) == ["queued", "delivered"]
    is_sound(waiting)


def test_part_of_it_revoked_leaves_exactly_the_bytes_of_the_rest(waiting):
    whole = as_previewed(waiting, waiting.exchange, fetched(waiting)[waiting.exchange])
    assert whole == preview(waiting)
    waiting.revoke(waiting.declaration, ["benefits.regime"])
    narrower = as_previewed(waiting, waiting.exchange, fetched(waiting)[waiting.exchange])
    assert narrower == preview(waiting)
    assert b"62401//0004711" in whole
    assert b"62401//0004711" not in narrower
    assert waiting.shown(waiting.exchange)["released"] == ["language.level", "appointments.upcoming"]
    assert {"scope": "benefits.regime", "reason": "revoked"} in waiting.shown(waiting.exchange)["withheld"]
    assert [one["scopes"] for one in waiting.disclosures()] == [list(SCOPES), ["language.level", "appointments.upcoming"]]
    is_sound(waiting)


def test_a_pause_cancels_what_waits_and_its_end_brings_nothing_back(waiting):
    waiting.pause(waiting.declaration)
    assert waiting.send(RECORD)["state"] == "withheld"
    waiting.resume(waiting.declaration)
    assert waiting.outbox() == []
    assert states(waiting) == ["queued", "cancelled"]
    assert waiting.send(RECORD)["state"] == "queued"
    is_sound(waiting)


def test_a_successor_takes_over_at_its_first_day_and_not_before(waiting):
    successor = waiting.declare("language.level", supersedes=waiting.declaration, valid_from="2026-03-04")
    assert as_previewed(waiting, waiting.exchange, fetched(waiting)[waiting.exchange]) == preview(waiting)
    assert waiting.shown(waiting.exchange)["declarations"] == [waiting.declaration]
    waiting.later(days=2)
    narrower = fetched(waiting)[waiting.exchange]
    assert b"62401//0004711" not in narrower
    assert as_previewed(waiting, waiting.exchange, narrower) == preview(waiting)
    assert waiting.shown(waiting.exchange)["declarations"] == [successor]
    waiting.revoke(successor)
    assert waiting.send(RECORD)["state"] == "withheld"  # nothing that happens to the successor revives the old one
    is_sound(waiting)


def test_another_reference_stands_in_what_waits_and_the_old_one_matches_nobody(waiting):
    before = fetched(waiting)[waiting.exchange]
    waiting.link("355A999999")
    after = fetched(waiting)[waiting.exchange]
    assert after == before.replace(REFERENCE.encode(), b"355A999999") != before
    old, new = (waiting.post(message(JOBCENTER, reference, RECORD)) for reference in (REFERENCE, "355A999999"))
    waiting.work()
    assert waiting.report(old)["people"] == [{"unknown_reference": REFERENCE, "taken": [], "withheld": []}]
    assert waiting.report(new)["people"][0]["client"] == CLIENT
    is_sound(waiting)


def test_without_its_link_nothing_waits_and_nothing_is_sent(waiting):
    receipt = waiting.post(message(JOBCENTER, REFERENCE, RECORD))
    waiting.work()
    assert waiting.unlink()["cancelled"] == 2
    assert waiting.outbox() == waiting.inbox() == []
    with pytest.raises(Refused) as refused:
        waiting.send(RECORD)
    assert refused.value.code == "link_missing"
    assert waiting.shown(waiting.report(receipt)["people"][0]["exchange"])["state"] == "cancelled"
    is_sound(waiting)


def test_a_term_that_ends_takes_with_it_what_waits(waiting):
    waiting.now = waiting.now.replace(year=2027, month=1, day=1)
    assert waiting.outbox() == []
    assert states(waiting) == ["queued", "cancelled"]


def test_erasing_a_client_takes_with_it_what_waits(waiting):
    waiting.post(message(JOBCENTER, REFERENCE, RECORD))
    waiting.work()
    late = waiting.post(message(JOBCENTER, REFERENCE, {**RECORD, "person": {}}))
    assert erase_client(waiting.gateway.store, CLIENT, waiting.now, "operator")
    assert waiting.outbox() == waiting.inbox() == waiting.disclosures() == []
    assert "client" not in waiting.shown(waiting.exchange)
    assert waiting.shown(waiting.exchange)["state"] == "cancelled"
    waiting.work()
    assert waiting.report(late)["people"][0]["taken"] == []  # nobody is known by this reference any more
    with pytest.raises(Refused) as refused:
        waiting.send(RECORD)
    assert refused.value.code == "link_missing"
    is_sound(waiting)


def test_after_erasing_nothing_names_the_client(waiting):
    waiting.outbox()
    erase_client(waiting.gateway.store, CLIENT, waiting.now, "operator")
    with waiting.gateway.store.reading() as tx:
        told = json.dumps([json.loads(entry.content) for entry in tx.audit_log.entries()])
        assert tx.clients.find(CLIENT) is None
        assert tx.links.by_reference(JOBCENTER, REFERENCE) is None
        assert [one.client for one in tx.exchanges.page("", Cursor()).items] == []
    assert CLIENT not in told
    assert REFERENCE not in told
