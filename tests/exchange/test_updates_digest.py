"""A weekly digest: what updates send is held, and is one message for each client and purpose when its moment has come."""

import asyncio
import json

import pytest

from imgate.exchange import updates
from imgate.exchange.weekly_digest import WeeklyDigest
from tests.exchange.conftest import ABH, JOBCENTER, ScriptedTransport, message
from tests.exchange.updating import B1, B2, LABOUR, RECORD, STATUS, SUBSCRIPTIONS, Updating, content, released

# The world's first moment is a Monday, 10:00 in Berlin.
MONDAY = "2026-03-09T05:00:00.000Z"


@pytest.fixture
def update(world):
    updating = Updating(world)
    updating.subscribe(SUBSCRIPTIONS, digest=WeeklyDigest.of("monday 06:00"))
    return updating


def test_an_update_is_held_until_the_next_digest(world, update):
    world.link()
    world.declare("language.level")
    (made,) = update(RECORD)["exchanges"]
    assert (made["state"], made["held_until"]) == ("queued", MONDAY)
    assert world.outbox() == []
    world.later(days=6, hours=19, minutes=59)
    assert world.outbox() == []
    world.later(minutes=1)
    assert [item["id"] for item in world.outbox()] == [made["id"]]
    (sent,) = content(world)
    assert b"B1" in sent


def test_a_further_update_takes_over_what_is_held_so_that_one_message_leaves(world, update):
    world.link()
    world.declare("language.level", "residence.status")
    (first,) = update({"language": {"level": B1}, "residence": {"status": STATUS}})["exchanges"]
    world.later(days=1)
    (second,) = update({"language": {"level": B2}})["exchanges"]
    assert sorted(second["released"]) == ["language.level", "residence.status"]
    assert world.shown(first["id"])["state"] == "overtaken"
    world.later(days=7)
    (sent,) = content(world)
    assert b"B2" in sent
    assert b"2024-05-02" in sent
    assert b"B1" not in sent
    assert update(RECORD | {"language": {"level": B2}})["exchanges"] == []


def test_what_is_held_counts_as_known(world, update):
    world.link()
    world.declare("language.level")
    update(RECORD)
    assert update(RECORD)["exchanges"] == []
    (value,) = update.known().values()
    assert world.shown(value.exchange)["state"] == "queued"


def test_a_value_that_changes_back_before_the_digest_is_sent_as_it_is_then(world, update):
    world.link()
    world.declare("language.level")
    for level in (B1, B2, B1):
        update({"language": {"level": level}})
    world.later(days=7)
    (sent,) = content(world)
    assert b"B1" in sent
    assert b"B2" not in sent


def test_what_is_no_longer_allowed_is_not_taken_over(world, update):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    update(RECORD)
    world.revoke(declaration, ["residence.status"])
    assert released(update({"language": {"level": B2}})) == {JOBCENTER: ["language.level"]}
    world.later(days=7)
    for sent in content(world):
        assert b"2024-05-02" not in sent


def test_what_ran_out_while_it_was_held_is_not_taken_over(world, update):
    world.link()
    world.declare("residence.status", valid_until="2026-03-04")
    world.declare("language.level")
    update(RECORD)
    world.later(days=4)
    (made,) = update({"language": {"level": B2}})["exchanges"]
    assert (made["released"], made["withheld"]) == (["language.level"], [])
    world.later(days=4)
    (sent,) = content(world)
    assert b"B2" in sent
    assert b"2024-05-02" not in sent


def test_an_ordinary_exchange_is_never_held_and_overtakes_what_is(world, update):
    world.link()
    world.declare("language.level", "residence.status")
    update(RECORD)
    sent = world.send({"language": {"level": B2}})
    assert [item["id"] for item in world.outbox()] == [sent["id"]]
    world.later(days=7)
    assert sum(b"B1" in each for each in content(world)) == 0
    assert sum(b"2024-05-02" in each for each in content(world)) == 1


def test_where_a_value_came_from_is_still_said_when_it_is_taken_over(world, update):
    world.link()
    world.link("ABH-1", partner=ABH)
    world.declare("residence.status", "language.level", onward_from=[ABH])
    world.declare("residence.status", partner=ABH)
    world.post(message(ABH, "ABH-1", {"residence": {"status": STATUS}}), partner=ABH)
    world.work()
    assert len(world.inbox()) == 1
    update({"residence": {"status": STATUS}}, provenance={"residence.status": ABH})
    (made,) = update({"language": {"level": B1}})["exchanges"]
    assert sorted(made["released"]) == ["language.level", "residence.status"]
    with world.corridor.store.reading() as tx:
        item = tx.outbox.get(JOBCENTER, made["id"])
    assert item.provenance == {"residence.status": ABH}
    world.later(days=7)
    assert ABH.encode() in content(world)[0] or "Ausländerbehörde".encode() in content(world)[0]


def test_the_clients_own_word_stays_said_when_it_is_taken_over(world, update):
    world.link()
    world.link("ABH-1", partner=ABH)
    world.declare("residence.status", "language.level")
    world.declare("residence.status", partner=ABH)
    world.post(message(ABH, "ABH-1", {"residence": {"status": STATUS}}), partner=ABH)
    world.work()
    assert len(world.inbox()) == 1
    update({"residence": {"status": STATUS}}, provenance={"residence.status": "self"})
    assert sorted(update({"language": {"level": B1}})["exchanges"][0]["released"]) == ["language.level", "residence.status"]


def test_what_has_become_due_is_left_alone_and_the_next_one_waits_for_the_next_digest(world, update):
    world.link()
    world.declare("language.level", "residence.status")
    (first,) = update({"residence": {"status": STATUS}})["exchanges"]
    world.later(days=6, hours=20)
    (second,) = update({"language": {"level": B1}})["exchanges"]
    assert second["released"] == ["language.level"]
    assert second["held_until"] == "2026-03-16T05:00:00.000Z"
    assert [item["id"] for item in world.outbox()] == [first["id"]]


def test_each_purpose_has_its_own_message(world, update):
    update.subscribe(
        {JOBCENTER: {LABOUR: frozenset({"language.level"}), "language_support": frozenset({"language.level"})}},
        digest=WeeklyDigest.of("monday 06:00"),
    )
    world.link()
    world.declare("language.level", purposes=[LABOUR, "language_support"])
    for level in (B1, B2):
        update({"language": {"level": level}})
    world.later(days=7)
    assert len(world.outbox()) == 2
    assert all(b"B2" in sent and b"B1" not in sent for sent in content(world))


def test_the_answer_of_a_repeat_under_a_key_is_the_same_while_it_is_held(world, update):
    world.link()
    world.declare("language.level")
    call = world.call(key="key-1", body=b"{}")
    assert json.loads(update.answer(RECORD, call=call).body) == json.loads(update.answer(RECORD, call=call).body)


def test_on_a_way_that_is_handed_messages_too_nothing_leaves_before(world, update):
    transport = ScriptedTransport()
    world.by(transport)
    world.link()
    world.declare("language.level")
    (made,) = update(RECORD)["exchanges"]
    with world.corridor.store.transaction() as tx:
        assert tx.outbox.claim(JOBCENTER, world.now, world.now, 10) == ()
    world.later(days=6, hours=20)
    with world.corridor.store.transaction() as tx:
        assert [item.exchange.id for item in tx.outbox.claim(JOBCENTER, world.now, world.now, 10)] == [made["id"]]


def test_what_is_held_keeps_nothing_back_that_is_not(world, update):
    world.by(ScriptedTransport())
    world.link()
    world.declare("language.level", "residence.status")
    update({"residence": {"status": STATUS}})
    sent = world.send({"language": {"level": B2}})
    with world.corridor.store.transaction() as tx:
        assert [item.exchange.id for item in tx.outbox.claim(JOBCENTER, world.now, world.now, 10)] == [sent["id"]]


def test_what_was_overtaken_while_it_was_taken_over_is_not_sent_again(world, update, monkeypatch):
    digest = WeeklyDigest.of("monday 06:00")
    world.link()
    world.declare("language.level", "residence.status")
    update(RECORD)
    update.subscribe({JOBCENTER: {LABOUR: frozenset({"language.level"})}}, digest=digest)  # so that only what is held knows of the status
    make, met = updates._make, []

    async def meeting(*given):
        made = await make(*given)
        if not met:
            met.append(await asyncio.to_thread(world.send, {"residence": {"status": STATUS | {"since": "2025-06-03"}}}))
        return made

    monkeypatch.setattr(updates, "_make", meeting)
    (made,) = update({"language": {"level": B2}})["exchanges"]
    assert made["released"] == ["language.level"]
    world.later(days=7)
    assert [b"2025-06-03" in sent for sent in content(world)] == [True, False]
    assert not any(b"2024-05-02" in sent for sent in content(world))
