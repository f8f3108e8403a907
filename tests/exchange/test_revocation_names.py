"""A revocation names everything that was, or may have been, handed out under it before."""

import asyncio

import pytest

from imgate.exchange.delivery import deliver_due
from imgate.plugin_api import NOT_CONNECTED, NotDelivered, RefusedByPartner

EMAIL = {"contact": {"email": "a@example.org"}}
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


def named(world, declaration):
    answer = world.revoke(declaration)
    return answer["already_sent"] + answer["in_flight"]


@pytest.mark.parametrize("outcome", [NotDelivered("timeout"), NotDelivered("http_503"), RefusedByPartner("http_422")])
def test_an_attempt_that_nobody_knows_the_end_of_is_named_too(world, scripted, outcome):
    scripted.outcomes = [outcome]
    world.link()
    declaration = world.declare("language.level")
    exchange = world.send(LEVEL)["id"]
    asyncio.run(deliver_due(world.corridor))
    assert named(world, declaration) == [exchange]


def test_an_attempt_that_reached_nobody_is_not_named(world, scripted):
    scripted.outcomes = [NotDelivered(NOT_CONNECTED)]
    world.link()
    declaration = world.declare("language.level")
    world.send(LEVEL)
    asyncio.run(deliver_due(world.corridor))
    assert named(world, declaration) == []


def test_what_was_handed_out_is_named_although_another_declaration_carries_the_rest_of_it(world):
    world.link()
    revoked = world.declare("contact.email")
    world.declare("language.level")
    exchange = world.send(EMAIL | LEVEL)["id"]
    world.outbox()
    assert named(world, revoked) == [exchange]


def test_what_was_never_sent_under_it_is_not_named(world):
    world.link()
    revoked = world.declare("contact.email")
    world.declare("language.level")
    world.send(LEVEL)
    world.outbox()
    assert named(world, revoked) == []
