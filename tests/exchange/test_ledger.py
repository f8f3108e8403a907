"""The ledger says who holds what now, and nothing of what was refused, ended, or never handed out."""

import pytest

from imgate.exchange import boxes
from imgate.exchange.expiry import end_due
from imgate.exchange.ledger import ledger
from imgate.exchange.requests import RejectRequest
from imgate.plugin_api import Delivered
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER
from tests.exchange.told import BOTH, LEVEL, answer, by_telephone, deliver, run


def held(world, client=CLIENT):
    return ledger(world.corridor, client)["items"]


def places(world):
    return [(item["partner"], item["scope"], item["purpose"]) for item in held(world)]


def hand_out(world, record=BOTH, **more):
    exchange = world.send(record, **more)["id"]
    partner = more.get("partner", JOBCENTER)
    world.outbox(partner)
    boxes.outbox_ack(world.corridor, world.call(), partner, exchange)
    world.later(minutes=1)
    return exchange


@pytest.fixture
def linked(world):
    world.link()
    return world


def test_nobody_holds_anything_of_an_unknown_client(world):
    assert ledger(world.corridor, "K-nobody") == {"items": []}


def test_what_only_waits_is_not_held(linked):
    linked.declare("language.level")
    linked.send(LEVEL)
    assert held(linked) == []


def test_what_the_partner_refused_is_not_held(linked):
    linked.declare("language.level")
    exchange = linked.send(LEVEL)["id"]
    linked.outbox()
    boxes.outbox_reject(linked.corridor, linked.call(), JOBCENTER, exchange, RejectRequest(code="not_ours"))
    assert held(linked) == []


def test_another_clients_holdings_are_not_shown(linked):
    linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.link("355A000001", client="K-2")
    assert held(linked, "K-2") == []


def test_it_is_held_since_the_first_hand_out_and_under_all_that_pass(linked):
    first = linked.declare("language.level", valid_until="2026-06-30")
    second = linked.declare("language.level", valid_until="2026-12-31")
    hand_out(linked, LEVEL)
    exchange = hand_out(linked, LEVEL)
    assert held(linked) == [
        {
            "partner": JOBCENTER,
            "scope": "language.level",
            "purpose": "labour_market_integration",
            "since": "2026-03-02T09:00:00.000Z",
            "last_at": "2026-03-02T09:01:00.000Z",
            "exchange": exchange,
            "declarations": sorted([first, second]),
            "until": "2026-12-31",
        }
    ]


def test_the_order_is_partner_scope_purpose(linked):
    linked.link(partner=ABH)
    linked.declare("language.level", partner=ABH)
    linked.declare("language.level", "residence.status", purposes=["labour_market_integration", "housing"])
    hand_out(linked)
    hand_out(linked, LEVEL, purpose="housing")
    hand_out(linked, LEVEL, partner=ABH)
    assert places(linked) == [
        (ABH, "language.level", "residence_matters"),
        (JOBCENTER, "language.level", "housing"),
        (JOBCENTER, "language.level", "labour_market_integration"),
        (JOBCENTER, "residence.status", "labour_market_integration"),
    ]


def test_what_is_paused_is_held_without_a_permission(linked):
    declaration = linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.pause(declaration)
    (item,) = held(linked)
    assert item["declarations"] == []
    assert "until" not in item
    assert "end_of_use" not in item


def test_what_was_told_is_held_until_the_partner_says_that_it_has_ended(linked):
    declaration = linked.declare("language.level", "residence.status")
    hand_out(linked)
    linked.revoke(declaration, ["residence.status"])
    ended = held(linked)[1]["end_of_use"]
    assert ended == {"revocation": run(linked)["id"], "at": "2026-03-02T09:01:00.000Z"}
    (item,) = linked.outbox()
    answer(linked, item["id"], "objected")
    assert held(linked)[1]["end_of_use"]["answer"] == "objected"
    answer(linked, item["id"], "ended")
    assert places(linked) == [(JOBCENTER, "language.level", "labour_market_integration")]


def test_what_is_kept_under_a_statute_is_held(linked):
    declaration = linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.revoke(declaration)
    (item,) = linked.outbox()
    answer(linked, item["id"], "kept_under_statute", "§ 84 SGB X")
    assert held(linked)[0]["end_of_use"]["answer"] == "kept_under_statute"


def test_what_is_handed_out_again_is_held_since_then(linked):
    declaration = linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.revoke(declaration)
    (item,) = linked.outbox()
    answer(linked, item["id"], "ended")
    linked.later(minutes=1)
    again = linked.declare("language.level")
    hand_out(linked, LEVEL)
    (now,) = held(linked)
    assert (now["since"], now["declarations"]) == ("2026-03-02T09:02:00.000Z", [again])
    assert "end_of_use" not in now


def test_what_was_handed_out_anew_before_the_answer_came_is_still_held(linked):
    declaration = linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.revoke(declaration)
    (item,) = linked.outbox()
    linked.later(minutes=1)
    linked.declare("language.level")
    hand_out(linked, LEVEL)
    answer(linked, item["id"], "ended")
    assert [each["since"] for each in held(linked)] == ["2026-03-02T09:02:00.000Z"]


def test_what_waited_and_was_handed_out_after_the_answer_is_held(linked):
    declaration = linked.declare("language.level")
    linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.send(LEVEL)
    linked.later(minutes=1)
    linked.revoke(declaration)
    by_telephone(linked, run(linked)["id"], "ended")
    assert held(linked) == []
    linked.later(minutes=1)
    linked.outbox()
    assert [each["since"] for each in held(linked)] == ["2026-03-02T09:03:00.000Z"]


def test_with_two_references_each_must_have_ended(linked):
    declaration = linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.link("355A000999")
    hand_out(linked, LEVEL)
    linked.revoke(declaration)
    first, second = linked.outbox()
    answer(linked, first["id"], "ended")
    assert "answer" not in held(linked)[0]["end_of_use"]
    answer(linked, second["id"], "ended")
    assert held(linked) == []


def test_what_was_on_its_way_at_the_revocation_is_meant_by_the_answer(world, scripted):
    world.link()
    declaration = world.declare("language.level")

    def revoked_meanwhile(parcel):
        world.later(seconds=1)
        world.revoke(declaration)
        world.later(seconds=1)
        return Delivered()

    scripted.outcomes = [revoked_meanwhile]
    world.send(LEVEL)
    deliver(world)
    world.later(seconds=1)
    assert held(world)[0]["end_of_use"]["revocation"] == run(world)["id"]
    deliver(world)
    world.later(seconds=1)
    answer(world, run(world)["notices"][0]["message"], "ended")
    assert held(world) == []


def test_expiry_shows_in_the_ledger(linked):
    linked.declare("language.level", valid_until="2026-03-31")
    hand_out(linked, LEVEL)
    assert held(linked)[0]["until"] == "2026-03-31"
    linked.later(days=40)
    assert held(linked)[0]["declarations"] == []
    end_due(linked.corridor)
    assert held(linked)[0]["end_of_use"]["at"] == "2026-03-31T22:00:00.000Z"


def test_a_partner_that_is_configured_no_more_holds_what_it_holds(linked):
    linked.declare("language.level")
    hand_out(linked, LEVEL)
    linked.by(None)
    del linked.corridor.partners[JOBCENTER]
    assert places(linked) == [(JOBCENTER, "language.level", "labour_market_integration")]
