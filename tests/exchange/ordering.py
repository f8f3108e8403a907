"""A partner that is handed its messages, and what tests of their order ask of it."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from imgate.exchange.delivery import deliver_due
from imgate.exchange.retry import retry
from imgate.plugin_api import NotDelivered

OTHER = "K-2026-1102"
LABOUR, SUPPORT = "labour_market_integration", "language_support"
EMAIL, LEVEL = "contact.email", "language.level"
DOWN = NotDelivered("http_503")


def email(address):
    return {"contact": {"email": address}}


def level(cefr):
    return {"language": {"level": {"cefr": cefr, "evidence": "dtz"}}}


@pytest.fixture
def pushed(world, scripted):
    """A partner that is handed its messages, a client whom it knows, and a permission for two scopes and two purposes."""
    world.link()
    world.declaration = world.declare(EMAIL, LEVEL, purposes=[LABOUR, SUPPORT])
    world.corridor = dataclasses.replace(world.corridor, give_up_after=timedelta(hours=2))
    return world


def deliver(world):
    return asyncio.run(deliver_due(world.corridor))


def ids(transport):
    return [parcel.message_id for parcel in transport.parcels]


def send(world, record, **more):
    return world.send(record, **more)["id"]


def given_up(world, scripted, record):
    """Send something that is given up, and leave the partner well again."""
    scripted.outcomes = [DOWN] * 100
    exchange = send(world, record)
    while world.shown(exchange)["state"] == "queued":
        deliver(world)
        world.later(hours=1)
    scripted.outcomes, scripted.parcels = [], []
    return exchange


def again(world, exchange):
    return retry(world.corridor, world.call(), exchange)["state"]


def line(world, exchange):
    """The last line of an exchange's history."""
    last = world.shown(exchange)["history"][-1]
    return last["state"], last.get("detail")
