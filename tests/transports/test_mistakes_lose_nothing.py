"""FIT-Connect and XTA through the core: what an operator has set wrongly discloses nothing and loses nothing, and is named."""

import asyncio
import dataclasses
from contextlib import contextmanager
from datetime import timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.conformance.fit_connect import FitConnectStandIn
from imgate.conformance.xta import XtaStandIn
from imgate.exchange.delivery import deliver_due
from imgate.exchange.retry import retry
from imgate.settings import load_settings
from imgate.transports import fit_connect, xta
from tests.exchange.conftest import CONFIG, World

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def world(tmp_path):
    (tmp_path / "imgate.toml").write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(tmp_path / "imgate.toml"), make_keys=True) as gateway:
        world = World(gateway)
        world.corridor = dataclasses.replace(world.corridor, give_up_after=timedelta(days=1))
        world.link()
        world.declare("language.level")
        yield world


@contextmanager
def by_fit_connect(**mistake):
    with FitConnectStandIn() as server:
        yield server, fit_connect.configure({**server.entries, **mistake}), fit_connect.configure(server.entries)


@contextmanager
def by_xta(**mistake):
    with XtaStandIn() as server:
        yield server, xta.configure(server.entries(**mistake)), xta.configure(server.entries())


def attempt(world, transport):
    world.by(transport)
    asyncio.run(deliver_due(world.corridor))


@pytest.mark.parametrize(
    ("way", "mistake", "reason"),
    [
        (by_fit_connect, {"secret": "wrong"}, "token_refused"),
        (by_fit_connect, {"destination": "0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de"}, "destination_not_found"),
        (by_fit_connect, {"service": "urn:de:fim:leika:leistung:1"}, "schema_missing"),
        (by_xta, {"sender": "psw:00000000"}, "permission_denied"),
        (by_xta, {"service": "urn:another"}, "service_unknown"),
    ],
)
def test_it_is_tried_again_named_at_last_and_arrives_once_it_is_mended(world, way, mistake, reason):
    with way(**mistake) as (server, wrong, right):
        world.by(wrong)
        exchange = world.send(RECORD)["id"]
        attempt(world, wrong)
        assert world.shown(exchange)["state"] == "queued"
        world.later(hours=25)
        attempt(world, wrong)
        shown = world.shown(exchange)
        assert (shown["state"], shown["history"][-1]["detail"]) == ("failed", reason)
        assert world.disclosures() == []
        retry(world.corridor, world.call(), exchange)
        attempt(world, right)
        assert world.shown(exchange)["state"] == "delivered"
        assert len(world.disclosures()) == len(server.held) == 1
