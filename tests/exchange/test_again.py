"""Decided again: what became narrower leaves narrower, and of what nothing is left, nothing leaves."""

import base64

import pytest

from imgate.exchange import boxes
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from tests.exchange.conftest import ABH, JOBCENTER
from tests.exchange.told import notice

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
}


def content(item):
    return base64.b64decode(item["content"])


def test_a_revocation_cancels_what_waits(world):
    world.link()
    declaration = world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    answer = world.revoke(declaration)
    assert answer == {"state": "revoked", "cancelled": 1, "already_sent": [], "in_flight": []}
    assert world.outbox() == []
    assert world.shown(exchange)["state"] == "cancelled"


def test_a_revocation_names_what_was_handed_out_before(world):
    world.link()
    declaration = world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    world.outbox()
    assert world.revoke(declaration)["already_sent"] == [exchange]
    (item,) = world.outbox()
    assert notice(content(item))["scopes"] == "language.level"
    assert world.shown(exchange)["state"] == "delivered"


def test_a_partial_revocation_takes_the_scope_out_of_the_bytes(world):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    exchange = world.send(RECORD)["id"]
    assert world.revoke(declaration, ["residence.status"])["cancelled"] == 0
    (item,) = world.outbox()
    assert item["id"] == exchange
    assert b"2024-05-02" not in content(item)
    assert b"B1" in content(item)
    shown = world.shown(exchange)
    assert shown["released"] == ["language.level"]
    assert {"scope": "residence.status", "reason": "revoked"} in shown["withheld"]


def test_another_declaration_takes_over_and_the_bytes_say_its_term(world):
    world.link()
    first = world.declare("language.level", valid_until="2026-06-30")
    second = world.declare("language.level", valid_until="2026-12-31")
    world.send(RECORD)
    world.revoke(first)
    (item,) = world.outbox()
    assert b"2026-12-31" in content(item)
    assert b"2026-06-30" not in content(item)
    assert world.shown(item["id"])["declarations"] == [second]


def test_what_waits_past_its_term_is_cancelled_when_it_is_fetched(world):
    world.link()
    world.declare("language.level", valid_until="2026-03-02")
    exchange = world.send(RECORD)["id"]
    world.later(days=1)
    assert world.outbox() == []
    assert world.shown(exchange)["state"] == "cancelled"


def test_a_paused_declaration_lets_nothing_pass_until_it_is_resumed(world):
    world.link()
    declaration = world.declare("language.level")
    world.send(RECORD)
    assert world.pause(declaration)["cancelled"] == 1
    assert world.send(RECORD)["state"] == "withheld"
    assert world.resume(declaration)["state"] == "active"
    assert world.send(RECORD)["state"] == "queued"


def test_a_signed_successor_takes_over_from_what_waits(world):
    world.link()
    old = world.declare("language.level", "residence.status")
    world.send(RECORD)
    successor = world.declare("language.level", signed=False, supersedes=old)
    assert b"2024-05-02" in content(world.outbox()[0])  # not signed yet
    world.sign(successor)
    item, told = world.outbox()
    assert b"2024-05-02" not in content(item)
    assert notice(content(told))["scopes"] == "residence.status"


def test_another_reference_is_in_the_bytes_at_once(world):
    world.link("ALT-1")
    world.declare("language.level")
    world.send(RECORD)
    world.link("NEU-2")
    (item,) = world.outbox()
    assert b"NEU-2" in content(item)
    assert b"ALT-1" not in content(item)


def test_without_its_link_what_waits_is_cancelled(world):
    world.link()
    world.declare("language.level")
    world.send(RECORD)
    assert world.unlink()["cancelled"] == 1
    assert world.outbox() == []


def test_a_reference_belongs_to_one_client(world):
    world.link("355A1")
    with pytest.raises(Refused, match="reference_taken"):
        world.link("355A1", client="K-2026-1102")
    world.link("355A1", partner=ABH)  # another partner may know somebody else under it


def test_a_repeated_fetch_gives_the_same_bytes_and_is_one_disclosure(world):
    world.link()
    world.declare("language.level")
    world.send(RECORD)
    first, second = ([item | {"receipt": "of its own fetch"} for item in world.outbox()] for _ in range(2))
    assert first == second
    assert len(world.disclosures()) == 1


def test_a_fetch_with_other_bytes_is_another_disclosure(world):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    world.send(RECORD)
    world.outbox()
    world.revoke(declaration, ["residence.status"])
    world.outbox()
    assert [entry["scopes"] for entry in world.disclosures()] == [["residence.status", "language.level"], ["language.level"]]


def test_an_acknowledgement_is_repeatable_and_ends_it(world):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    with pytest.raises(Refused, match="not_found"):  # nobody has seen it yet
        boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    world.outbox()
    with pytest.raises(Refused, match="not_found"):
        boxes.outbox_ack(world.corridor, world.call(), ABH, exchange)
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    assert world.outbox() == []
    assert world.shown(exchange)["state"] == "acknowledged"
    with pytest.raises(Refused, match="already_acknowledged"):
        boxes.outbox_reject(world.corridor, world.call(), JOBCENTER, exchange, RejectRequest(code="not_for_me"))


def test_a_partners_rejection_ends_it_with_its_reason(world):
    world.link()
    world.declare("language.level")
    exchange = world.send(RECORD)["id"]
    world.outbox()
    boxes.outbox_reject(world.corridor, world.call(), JOBCENTER, exchange, RejectRequest(code="not_for_me"))
    shown = world.shown(exchange)
    assert shown["state"] == "rejected"
    assert shown["history"][-1]["detail"] == "not_for_me"
