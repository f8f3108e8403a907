"""Delivery: on record before anything leaves, decided at every attempt, nothing lost."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from imgate.exchange import delivery, history
from imgate.exchange.declarations import register
from imgate.exchange.ports import BadCursor
from imgate.exchange.stored import Cursor
from imgate.plugin_api import NotDelivered, RefusedByPartner
from tests.exchange.told import notice

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
}


def deliver(world):
    return asyncio.run(delivery.deliver_due(world.corridor))


def test_a_delivered_message_is_gone_and_disclosed(world, scripted):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    assert deliver(world) == 1
    assert deliver(world) == 0
    assert [parcel.message_id for parcel in scripted.parcels] == [exchange]
    assert world.shown(exchange)["state"] == "delivered"
    assert len(world.disclosures()) == 1


def test_nothing_is_handed_to_the_transport_after_a_revocation(world, scripted):
    world.link()
    declaration = world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    world.revoke(declaration)
    assert deliver(world) == 0
    assert scripted.parcels == []
    assert world.shown(exchange)["state"] == "cancelled"


def test_a_second_attempt_is_decided_again_and_narrower(world, scripted):
    scripted.outcomes = [NotDelivered("http_503")]
    world.link()
    declaration = world.declare("language.level", "residence.status")
    world.send(RECORD)
    deliver(world)
    world.revoke(declaration, ["residence.status"])
    world.later(hours=1)
    deliver(world)
    first, second, told = scripted.parcels
    assert first.message_id == second.message_id
    assert notice(told.content)["scopes"] == "residence.status"
    assert b"2024-05-02" in first.content
    assert b"2024-05-02" not in second.content


def test_a_failed_attempt_is_tried_again_later_and_not_at_once(world, scripted):
    scripted.outcomes = [NotDelivered("not_connected")]
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    deliver(world)
    assert deliver(world) == 0
    assert world.disclosures() == []  # nobody was reached
    world.later(hours=1)
    assert deliver(world) == 1
    assert world.shown(exchange)["state"] == "delivered"


def test_the_partners_own_pause_is_kept(world, scripted):
    scripted.outcomes = [NotDelivered("http_429", retry_after=7200)]
    world.link()
    world.declare("language.level")
    world.send(RECORD)
    deliver(world)
    world.later(minutes=90)
    assert deliver(world) == 0
    world.later(minutes=31)
    assert deliver(world) == 1


def test_what_the_partner_refuses_is_rejected_and_disclosed(world, scripted):
    scripted.outcomes = [RefusedByPartner("http_404")]
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    deliver(world)
    assert world.shown(exchange)["state"] == "rejected"
    assert len(world.disclosures()) == 1
    world.later(days=1)
    assert deliver(world) == 0


def test_after_days_of_silence_it_is_given_up_and_says_so(world, scripted):
    scripted.outcomes = [NotDelivered("http_503")] * 100
    world.corridor = dataclasses.replace(world.corridor, give_up_after=timedelta(days=3))
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    for _ in range(90):
        deliver(world)
        world.later(hours=1)
    assert world.shown(exchange)["state"] == "failed"
    assert deliver(world) == 0


def test_a_revocation_during_an_attempt_names_it_as_on_its_way(world, scripted):
    answers = []
    world.link()
    declaration = world.declare("language.level")

    def revoked_meanwhile(_):
        answers.append(world.revoke(declaration))
        return NotDelivered("http_503")

    scripted.outcomes = [revoked_meanwhile]
    exchange = world.send(RECORD)["id"]
    deliver(world)
    assert answers[0]["in_flight"] == [exchange]
    world.later(hours=1)
    deliver(world)
    assert [notice(parcel.content) is None for parcel in scripted.parcels] == [True, False]  # no attempt begins after it but to tell
    assert world.shown(exchange)["state"] == "cancelled"


def test_an_attempt_whose_end_nobody_recorded_is_made_again_and_counts_as_disclosed(world, scripted):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]

    class WorkerDied(Exception):
        pass

    def dies(_):
        raise WorkerDied

    scripted.outcomes = [dies]
    try:
        deliver(world)
    except* WorkerDied:
        pass
    world.later(seconds=int(timedelta(minutes=6).total_seconds()))
    assert deliver(world) == 1
    assert world.shown(exchange)["state"] == "delivered"
    assert len(world.disclosures()) == 2


def test_each_attempt_leaves_one_log_line_and_is_counted_where_it_is_shown(world, scripted):
    scripted.outcomes = [NotDelivered("http_503")]
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    assert "attempts" not in world.shown(exchange)
    with capture_logs() as lines:
        deliver(world)
        world.later(hours=1)
        deliver(world)
    said = [(line["event"], line["log_level"], line["exchange"], line["outcome"], line["attempt"]) for line in lines]
    assert said == [
        ("delivery", "warning", exchange, "not_delivered:http_503", 1),
        ("delivery", "info", exchange, "delivered", 2),
    ]
    assert lines[0]["next_at"] is not None
    assert lines[1]["next_at"] is None
    assert "355A000815" not in str(lines)
    assert world.shown(exchange)["attempts"] == 2


@pytest.mark.parametrize("listed", [history.page, history.disclosures, register.page])
@pytest.mark.parametrize("client", ["K-2026-1101", "K-0"])
def test_a_bad_cursor_does_not_tell_who_is_a_client(world, listed, client):
    world.link()
    with pytest.raises(BadCursor):
        listed(world.corridor, client, Cursor("x"))
