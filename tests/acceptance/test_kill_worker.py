"""kill -9 of a worker in the middle of its deliveries: every message arrives, and one that comes again comes under the same id."""

import asyncio
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange import history
from imgate.exchange.delivery import deliver_due
from imgate.exchange.stored import Cursor
from imgate.settings import load_settings
from tests.acceptance.chance import chance
from tests.acceptance.process import Served
from tests.acceptance.webhooks import WebhookPartner
from tests.exchange.conftest import CONFIG, World

RECORDS = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, {"benefits": {"regime": {"code": "sgb2"}}}


def served_with(partner, folder):
    """A gateway that pushes to this partner."""
    (folder / "webhook.secret").write_text(partner.secret, encoding="utf-8")
    push = f'transport = {{ kind = "push", url = "{partner.url}", secret_file = "webhook.secret" }}'
    return Served(folder, CONFIG.replace('adapter = "jobcenter"', f'adapter = "jobcenter"\n{push}'))


@contextmanager
def a_world(served, clock=None):
    with open_gateway(load_settings(served.config), make_keys=True, clock=clock or (lambda: datetime.now(UTC))) as gateway:
        world = World(gateway)
        world.corridor = gateway.corridor
        yield world


def queue(served, clients):
    """Send two messages about each client; give both ids by client."""
    with a_world(served) as world:
        return {client: queue_two(world, client) for client in (f"K-2026-{number}" for number in range(1000, 1000 + clients))}


def queue_two(world, client):
    world.link(f"355A/{client}", client=client)
    world.declare("language.level", "benefits.regime", client=client, valid_until="2028-12-31")
    return [world.send(record, client=client)["id"] for record in RECORDS]


def deliver_later(served):
    """Go on where the killed workers stopped: their leases have run out by then."""
    with a_world(served, lambda: datetime.now(UTC) + timedelta(minutes=6)) as world:
        while asyncio.run(deliver_due(world.corridor)):
            continue
        return {exchange: world.shown(exchange) for both in served.sent.values() for exchange in both}


def play(served, partner, rng, kills, clients):
    served.sent = queue(served, clients)
    for _ in range(kills):
        before, when = len(partner.begun), rng.randrange(1, 30)
        worker = served.spawn("worker")
        until = time.monotonic() + 20
        while len(partner.begun) < before + when and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(rng.random() * partner.seconds)
        worker.kill()
        worker.wait()
    partner.seconds = 0.0
    return deliver_later(served)


def check(partner, shown, sent):
    bodies = defaultdict(set)
    for webhook in partner.begun:
        bodies[webhook.id].add(webhook.body)
    assert partner.forged == 0
    assert sorted(bodies) == sorted(exchange for both in sent.values() for exchange in both)  # none is lost, none that nobody sent
    assert all(len(each) == 1 for each in bodies.values())  # what came again is the same message
    assert {one["state"] for one in shown.values()} == {"delivered"}
    assert len(partner.begun) > len(bodies)  # the kill came in the middle
    came = [webhook.id for webhook in partner.begun]
    assert all(second not in came[: last(came, first)] for first, second in sent.values())  # what comes again comes in its turn


def last(came, exchange):
    return len(came) - 1 - came[::-1].index(exchange)


def disclosures_cover_every_call(served, partner):
    """Whatever a partner may have seen is on record, and was so before it left."""
    with a_world(served) as world:
        noted = defaultdict(int)
        for client in served.sent:
            for disclosure in history.disclosures(world.corridor, client, Cursor(None, 500))["items"]:
                noted[disclosure["exchange"]] += 1
    return all(noted[webhook.id] >= 1 for webhook in partner.begun)


def test_killed_deliveries_are_made_again_under_the_same_id(tmp_path):
    with WebhookPartner(seconds=0.3) as partner:
        served = served_with(partner, tmp_path)
        shown = play(served, partner, chance(), kills=2, clients=90)
        check(partner, shown, served.sent)
        assert disclosures_cover_every_call(served, partner)
    assert served.imgate("audit", "verify").returncode == 0


@pytest.mark.long
def test_many_kills_of_the_worker_lose_no_message(tmp_path):
    """Short form: two of them, among fewer messages."""
    with WebhookPartner(seconds=0.3) as partner:
        served = served_with(partner, tmp_path)
        shown = play(served, partner, chance(), kills=10, clients=1000)
        check(partner, shown, served.sent)
        assert disclosures_cover_every_call(served, partner)
    assert served.imgate("audit", "verify").returncode == 0
