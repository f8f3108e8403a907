"""The gateway at a glance: numbers and states, in the order and with the limits that are told."""

import asyncio

import pytest

from imgate.exchange import overview
from imgate.exchange.delivery import deliver_to
from imgate.exchange.overview import Tally, deliveries_by_day, ending_soon, overdue, scope_flows, standings
from imgate.plugin_api import NotDelivered
from imgate.vocabulary.words import Direction, ExchangeState
from tests.exchange.conftest import ABH, CONTACT, JOBCENTER, REFERENCE, message

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def allowed(world):
    world.declare("language.level", "contact_persons.jobcenter")
    world.link()
    return world


def other(world, number):
    world.declare("language.level", client=f"K-{number}")
    world.link(f"R-{number}", client=f"K-{number}")
    return world.send(LEVEL, client=f"K-{number}")["id"]


def test_a_partner_of_whom_nothing_is_known_is_well(world):
    standing = standings(world.corridor)[ABH]
    assert (standing.waiting, standing.failed, standing.oldest_at, standing.stuck) == (Tally(), Tally(), None, False)
    assert (standing.breaker.failures, standing.breaker.open_until) == (0, None)


def test_what_waits_is_counted_with_its_partner_and_its_age(allowed):
    allowed.send(LEVEL)
    began = allowed.now
    allowed.later(days=3)
    standing = standings(allowed.corridor)
    assert (standing[JOBCENTER].waiting, standing[JOBCENTER].long_waiting, standing[JOBCENTER].oldest_at) == (Tally(1), Tally(1), began)
    assert standing[ABH].waiting == Tally()


def test_what_waits_for_less_than_three_days_waits_not_long(allowed):
    allowed.send(LEVEL)
    allowed.later(days=2, hours=23, minutes=59)
    assert standings(allowed.corridor)[JOBCENTER].long_waiting == Tally()


def test_more_than_are_counted_one_by_one_is_told_as_that(allowed, monkeypatch):
    monkeypatch.setattr(overview, "COUNTED", 2)
    for number in range(2):
        other(allowed, number)
    assert standings(allowed.corridor)[JOBCENTER].waiting == Tally(2)
    other(allowed, 3)
    assert standings(allowed.corridor)[JOBCENTER].waiting == Tally(2, more=True)


def test_nothing_is_stuck_that_the_partner_fetches(allowed):
    allowed.send(LEVEL)
    allowed.later(days=2)
    assert not standings(allowed.corridor)[JOBCENTER].stuck


def test_something_is_stuck_that_is_due_for_ten_minutes(scripted, allowed):
    allowed.send(LEVEL)
    allowed.later(minutes=9, seconds=59)
    assert not standings(allowed.corridor)[JOBCENTER].stuck
    allowed.later(seconds=1)
    assert standings(allowed.corridor)[JOBCENTER].stuck


def test_nothing_is_stuck_while_a_partner_is_left_in_peace(scripted, allowed):
    exchange = allowed.send(LEVEL)["id"]
    scripted.outcomes = [NotDelivered("not_connected", retry_after=3600.0)]
    asyncio.run(deliver_to(allowed.corridor, allowed.corridor.partners[JOBCENTER]))
    other(allowed, 1)
    allowed.later(minutes=30)
    assert allowed.shown(exchange)["attempts"] == 1
    assert not standings(allowed.corridor)[JOBCENTER].stuck


def test_what_waits_behind_an_earlier_message_about_the_same_client_is_not_stuck(scripted, allowed):
    allowed.declare("language.level", "person.name")
    allowed.send(LEVEL)
    scripted.outcomes = [NotDelivered("timeout", retry_after=None)] * 3
    asyncio.run(deliver_to(allowed.corridor, allowed.corridor.partners[JOBCENTER]))
    allowed.send({"person": {"name": {"family": "Öztürk", "given": "Ǧamīla"}}})
    with allowed.corridor.store.transaction() as tx:
        (first, _) = tx.exchanges.in_states([ExchangeState.QUEUED], overview.Cursor()).items
        allowed.later(minutes=20)
        tx.outbox.later(first.id, allowed.now)
    assert not standings(allowed.corridor)[JOBCENTER].stuck


def test_what_has_waited_longer_than_the_term_is_overdue(allowed):
    allowed.send(LEVEL)
    allowed.later(days=30)
    assert overdue(allowed.corridor, 30) == Tally()
    allowed.later(seconds=1)
    assert overdue(allowed.corridor, 30) == Tally(1)


def test_declarations_that_end_soon_are_counted_over_all_pages(world, monkeypatch):
    monkeypatch.setattr(overview, "COUNTED", 3)
    for number in range(2):
        world.declare("language.level", client=f"K-{number}", valid_until="2026-03-31")
    world.declare("language.level", client="K-9", valid_until="2026-12-31")
    world.declare("language.level", client="K-8", valid_until="2026-03-31", signed=False)
    assert ending_soon(world.corridor, 30) == Tally(2)
    assert ending_soon(world.corridor, 28) == Tally()
    for number in range(3, 6):
        world.declare("language.level", client=f"K-{number}", valid_until="2026-03-31")
    assert ending_soon(world.corridor, 30) == Tally(3, more=True)


def test_days_are_the_gateways_and_what_partners_sent_is_no_delivery(allowed):
    allowed.now = allowed.now.replace(hour=23, minute=30)  # half past midnight in Berlin
    allowed.send(LEVEL)
    allowed.post(message(JOBCENTER, REFERENCE, CONTACT))
    allowed.work()
    (count,) = deliveries_by_day(allowed.corridor, 30)
    assert (count.day.isoformat(), count.direction, count.count) == ("2026-03-03", Direction.TO_PARTNER, 1)


def test_so_many_days_end_with_today(allowed):
    allowed.send(LEVEL)
    allowed.later(days=29)
    assert len(deliveries_by_day(allowed.corridor, 30)) == 1
    allowed.later(days=1)
    assert deliveries_by_day(allowed.corridor, 30) == []


def test_flows_are_what_was_handed_out_and_not_what_waits(allowed):
    allowed.send(LEVEL)
    assert scope_flows(allowed.corridor, 90) == []
    allowed.outbox()
    (flow,) = scope_flows(allowed.corridor, 90)
    assert (flow.partner, flow.direction, flow.scope, flow.count) == (JOBCENTER, Direction.TO_PARTNER, "language.level", 1)
