"""A gateway with a real push, a real partner, and the fault proxy between them.

What waits is waited for by the gateway's clock, which the test moves; signatures bear the real time.
"""

import asyncio
import itertools
from collections import defaultdict
from contextlib import contextmanager

import pytest

from imgate.bootstrap import open_gateway
from imgate.conformance.simulated import SimulatedPartner
from imgate.exchange.delivery import deliver_due
from imgate.settings import load_settings
from imgate.transports.push import Push, _Entries
from tests.acceptance.fault_proxy import FaultProxy
from tests.exchange.conftest import CONFIG, JOBCENTER, World

TRIES = 3  # of one attempt
TIMEOUT = 0.3


class Municipality(World):
    """A gateway whose partner is behind the proxy, and clients of whom each message bears a mark of its own."""

    def __init__(self, gateway, proxy, secret, **entries):
        super().__init__(gateway)
        read = _Entries.model_validate({"url": proxy.url, "secret": secret, "timeout": TIMEOUT, **entries})
        self.by(Push(read, pause=0.001))
        self.sent = {}  # exchange → mark
        self.marks = itertools.count()

    def know(self, client):
        self.link(f"R-{client}", client=client)
        self.declare("contact.email", "needs.support", client=client)

    def queue(self, client="K-1", scope="contact.email"):
        mark = f"marke{next(self.marks)}q"
        record = (
            {"contact": {"email": f"{mark}@example.org"}}
            if scope == "contact.email"
            else {"needs": {"support": [{"field": "childcare", "text": mark}]}}
        )
        exchange = self.send(record, client=client)["id"]
        self.sent[exchange] = mark.encode()
        return exchange

    def deliver(self):
        return asyncio.run(deliver_due(self.corridor))

    def states(self):
        return {self.shown(exchange)["state"] for exchange in self.sent}

    def settle(self, rounds=60, **pause):
        """Let the worker come back until nothing waits any more."""
        for _ in range(rounds):
            self.deliver()
            if "queued" not in self.states():
                return
            self.later(**(pause or {"minutes": 31}))
        raise AssertionError("something waits for ever")


@pytest.fixture
def partner():
    with SimulatedPartner(JOBCENTER, "Jobcenter") as partner:
        yield partner


@pytest.fixture
def proxy(partner):
    with FaultProxy(int(partner.url.rsplit(":", 1)[1])) as proxy:
        yield proxy


@pytest.fixture
def opened(tmp_path, proxy, partner):
    """Opens gateways on one database: as many processes as the test likes, one after the other."""
    config = tmp_path / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")

    @contextmanager
    def opened(**entries):
        with open_gateway(load_settings(config), make_keys=True) as gateway:
            yield Municipality(gateway, proxy, partner.secret, **entries)

    return opened


@pytest.fixture
def town(opened):
    with opened() as town:
        town.know("K-1")
        yield town


def arrived_once(town, proxy, partner):
    """Each message is at the partner under its own id, once; and whatever came again came under the same id with the same bytes."""
    held = {one.id: one.content for one in partner.held}
    assert set(held) == set(town.sent)
    for exchange, mark in town.sent.items():
        assert [one for one, content in held.items() if mark in content] == [exchange]
        assert town.shown(exchange)["state"] == "delivered"
    never_under_another_id(town, proxy)
    assert partner.refused_webhooks == []


def never_under_another_id(town, proxy):
    bodies = defaultdict(set)
    for message_id, body in proxy.passed:
        bodies[message_id].add(body)
        assert town.sent[message_id] in body
    assert all(len(each) == 1 for each in bodies.values())
    assert set(proxy.begun) <= set(town.sent)
