"""Retention: what nobody fetches is deleted when its term ends, and not a day earlier."""

from imgate.exchange.retention import end_retention
from tests.exchange.conftest import JOBCENTER, REFERENCE, message

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
CONTACT = {"contact_persons": {"jobcenter": {"unit": "Jobcenter Rems-Murr", "channels": []}}}


def test_what_nobody_fetched_is_cancelled_when_its_term_ends(world):
    world.link()
    world.declare("language.level", "contact_persons.jobcenter")
    exchange = world.send(RECORD)["id"]
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    world.later(days=180)
    assert end_retention(world.corridor, 180) == 0
    world.later(seconds=1)
    assert end_retention(world.corridor, 180) == 2
    assert end_retention(world.corridor, 180) == 0
    assert world.outbox() == []
    assert world.inbox() == []
    shown = world.shown(exchange)
    assert shown["state"] == "cancelled"
    assert shown["history"][-1]["detail"] == "retention_ended"


def test_what_was_handed_out_keeps_its_state_and_loses_its_payload(world):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    world.outbox()
    world.later(days=181)
    assert end_retention(world.corridor, 180) == 1
    assert world.outbox() == []
    assert world.shown(exchange)["state"] == "delivered"


def test_what_is_on_its_way_is_left_to_its_attempt(world, scripted):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    with world.corridor.store.transaction() as tx:
        tx.outbox.begun(exchange, world.now)
    world.later(days=181)
    assert end_retention(world.corridor, 180) == 0
