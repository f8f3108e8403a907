"""Declarations end by themselves: once, on the right day in the gateway's zone, and one that is broken holds up no other."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from imgate.exchange.expiry import end_due
from imgate.plugin_api import Delivered
from imgate.storage.erase import erase_client
from tests.exchange.conftest import CLIENT
from tests.exchange.told import BOTH, LEVEL, deliver, notices, run, runs, scopes

MIDSUMMER = {"valid_until": "2026-06-30"}


@pytest.fixture
def handed_out(world):
    """Hand out both scopes under a declaration that runs until midsummer."""
    world.link()
    declaration = world.declare("language.level", "residence.status", **MIDSUMMER)
    world.send(BOTH)
    world.outbox()
    world.later(minutes=1)
    return declaration


def after_midsummer(world):
    world.now = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)  # midnight in Berlin


# Nothing ends too early, or without need


def test_nothing_ends_before_its_last_day_is_over_in_the_gateways_zone(world, handed_out):
    world.now = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
    assert end_due(world.corridor) == 0
    assert runs(world) == []


def test_who_was_handed_nothing_is_told_nothing(world):
    world.link()
    world.declare("language.level", **MIDSUMMER)
    after_midsummer(world)
    assert end_due(world.corridor) == 1
    assert runs(world) == []
    assert world.outbox() == []


def test_a_draft_that_expires_is_done_with(world, handed_out):
    world.declare("language.level", signed=False, valid_until="2026-05-31")
    world.now = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 1
    assert end_due(world.corridor) == 0
    assert runs(world) == []


def test_what_another_declaration_covers_goes_on(world, handed_out):
    world.declare("language.level")
    after_midsummer(world)
    end_due(world.corridor)
    assert scopes(world) == [["residence.status"]]


def test_where_another_covers_all_of_it_nobody_is_told(world, handed_out):
    world.declare("language.level", "residence.status")
    after_midsummer(world)
    assert end_due(world.corridor) == 1
    assert runs(world) == []


def test_what_was_revoked_before_does_not_end_again(world, handed_out):
    world.revoke(handed_out)
    after_midsummer(world)
    assert end_due(world.corridor) == 0
    assert len(runs(world)) == 1


def test_an_erased_client_is_not_looked_at(world, handed_out):
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    after_midsummer(world)
    assert end_due(world.corridor) == 0


# What ends


def test_expiry_is_told_once_with_the_day_on_which_it_came(world, handed_out):
    world.now = datetime(2026, 7, 3, 10, 0, tzinfo=UTC)  # the worker was away for a while
    assert end_due(world.corridor) == 1
    assert end_due(world.corridor) == 0
    (told,) = notices(world)
    assert told["endedOn"] == "2026-07-01"
    assert run(world)["cause"] == "expired"


def test_expiry_cancels_what_waits(world):
    world.link()
    world.declare("language.level", **MIDSUMMER)
    exchange = world.send(LEVEL)["id"]
    after_midsummer(world)
    end_due(world.corridor)
    assert world.shown(exchange)["state"] == "cancelled"
    assert world.outbox() == []


def test_a_partial_revocation_before_does_not_hide_the_rest(world, handed_out):
    world.revoke(handed_out, ["residence.status"])
    after_midsummer(world)
    end_due(world.corridor)
    assert scopes(world) == [["residence.status"], ["language.level"]]


def test_whoever_revokes_after_expiry_is_told_nothing_twice(world, handed_out):
    after_midsummer(world)
    end_due(world.corridor)
    world.later(minutes=1)
    assert "revocation" not in world.revoke(handed_out)
    assert len(notices(world)) == 1


# Successors


def test_a_successor_that_takes_effect_at_once_tells_what_it_does_not_cover(world, handed_out):
    successor = world.declare("language.level", signed=False, supersedes=handed_out)
    assert runs(world) == []
    world.sign(successor)
    assert scopes(world) == [["residence.status"]]
    assert run(world)["cause"] == "superseded"
    world.now = datetime(2026, 7, 3, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 0


def test_a_successor_that_covers_all_of_it_tells_nobody(world, handed_out):
    world.declare("language.level", "residence.status", supersedes=handed_out)
    assert runs(world) == []


def test_a_successor_with_a_later_first_day_ends_its_predecessor_on_that_day(world, handed_out):
    world.declare("language.level", supersedes=handed_out, valid_from="2026-05-01")
    world.now = datetime(2026, 4, 30, 21, 59, tzinfo=UTC)
    assert end_due(world.corridor) == 0
    world.now = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 1
    assert scopes(world) == [["residence.status"]]
    assert run(world)["cause"] == "superseded"


def test_an_unsigned_successor_ends_nothing(world, handed_out):
    world.declare("language.level", signed=False, supersedes=handed_out, valid_from="2026-05-01")
    world.now = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 0
    assert runs(world) == []


def test_a_successor_that_was_revoked_before_its_first_day_ends_nothing(world, handed_out):
    successor = world.declare("language.level", supersedes=handed_out, valid_from="2026-05-01")
    world.revoke(successor)
    world.now = datetime(2026, 5, 2, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 1
    assert end_due(world.corridor) == 0
    assert runs(world) == []
    after_midsummer(world)
    assert end_due(world.corridor) == 1
    assert run(world)["cause"] == "expired"


def test_an_unsigned_successor_beside_a_signed_one_is_not_waited_for(world, handed_out):
    world.declare("language.level", signed=False, supersedes=handed_out, valid_from="2026-05-01")
    world.declare("language.level", supersedes=handed_out, valid_from="2026-06-01")
    world.now = datetime(2026, 5, 2, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 0
    world.now = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    assert end_due(world.corridor) == 1


def test_what_another_worker_has_just_dealt_with_is_told_once_also_while_a_message_is_on_its_way(world, scripted):
    world.link()
    world.declare("language.level", **MIDSUMMER)

    def expires_meanwhile(parcel):
        after_midsummer(world)
        for _ in range(2):
            end_due(world.corridor)
            with world.gateway.store.transaction() as tx:  # as the other one had found it before
                tx.session.driver.execute("UPDATE declaration_heads SET ended_at = NULL")
        return Delivered()

    scripted.outcomes = [expires_meanwhile]
    world.send(LEVEL)
    deliver(world)
    assert run(world)["scopes"] == ["language.level"]


# What is broken


def test_one_that_cannot_be_read_holds_up_no_other(world, handed_out):
    for client in ("K-1", "K-2"):
        world.link(client, client=client)
        world.declare("language.level", client=client, valid_until="2026-04-30")
    with world.gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declaration_heads SET mac = x'00' WHERE ends_on = '2026-04-30'")
    after_midsummer(world)
    with capture_logs() as logs:
        assert end_due(world.corridor, limit=1) == 0
        assert end_due(world.corridor, limit=3) == 1
    assert run(world)["cause"] == "expired"
    assert {line["event"] for line in logs} == {"declaration_not_ended"}


def test_more_than_are_taken_at_once_are_taken_one_after_the_other(world):
    for number in range(5):
        world.declare("language.level", client=f"K-{number}", **MIDSUMMER)
    after_midsummer(world)
    assert [end_due(world.corridor, limit=2) for _ in range(4)] == [2, 2, 1, 0]
