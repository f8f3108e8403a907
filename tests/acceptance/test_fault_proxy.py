"""Whatever happens between a worker and a partner: nothing is lost, and nothing is sent twice under another id.

A real gateway, the real push, a real partner, and a proxy between them. What waits is waited for by the gateway's clock, which the test
moves; signatures bear the real time.
"""

import asyncio
import itertools
import os
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from imgate.bootstrap import open_gateway
from imgate.conformance import simulated
from imgate.conformance.simulated import SimulatedPartner
from imgate.exchange.breaker import FAILURES
from imgate.exchange.delivery import SLOTS, deliver_due
from imgate.exchange.retry import retry
from imgate.settings import load_settings
from imgate.transports.push import Push, _Entries
from tests.acceptance import fault_proxy as faults
from tests.acceptance.chance import chance
from tests.acceptance.fault_proxy import FaultProxy, answered
from tests.exchange.conftest import CONFIG, JOBCENTER, World
from tests.transports.misbehaving import certificate, serving_tls

LONG = bool(os.environ.get("IMGATE_LONG"))
TRIES = 3  # of one attempt
TIMEOUT = 0.3
DAY = 86400.0


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


BREAKS = [
    faults.reset_at_once,
    faults.reset_before_body,
    faults.reset_after_body,
    faults.reset_after_taken,
    faults.hung_up_after_taken,
    faults.silent,
    faults.silent_after_taken,
    faults.stalled_in_the_head,
    faults.half_a_status,
    faults.half_a_head,
    faults.no_http,
    faults.continued_and_left,
]
STATUSES = [500, 502, 503, 504, 507, 599, 408, 425, 429, 301, 302, 303, 307, 308]
HARMLESS = [
    faults.none,
    faults.trickled,
    faults.continued,
    faults.left_after_the_answer,
    faults.a_head_without_its_body,
    faults.half_a_body,
    faults.reset_in_the_body,
]


@pytest.mark.parametrize("times", [1, TRIES, 2 * TRIES + 1] if LONG else [1, TRIES + 1])
@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.__name__)
def test_a_connection_that_breaks_loses_nothing(town, proxy, partner, fault, times):
    town.queue()
    proxy.faults = [fault] * times
    town.settle()
    assert proxy.faults == []
    arrived_once(town, proxy, partner)


@pytest.mark.parametrize("taken", [False, True])
def test_an_answer_that_is_no_yes_loses_nothing(town, proxy, partner, taken):
    for status in STATUSES:
        town.queue(scope="needs.support")
        proxy.faults = [answered(status, taken=taken, location="/elsewhere")] * (TRIES + 1)
        town.settle()
        assert proxy.faults == []
        arrived_once(town, proxy, partner)


@pytest.mark.parametrize("fault", HARMLESS, ids=lambda fault: fault.__name__)
def test_once_the_partner_has_said_yes_nothing_comes_again(town, proxy, partner, fault):
    """Also where the answer comes slowly, or breaks off behind its head."""
    proxy.always = fault
    town.queue()
    town.deliver()
    town.queue(scope="needs.support")
    town.settle()
    arrived_once(town, proxy, partner)
    assert len(proxy.passed) == 2


def test_a_partner_that_refuses_connections_gets_everything_when_it_is_back(town, proxy, partner):
    with proxy.refusing():
        town.queue()
        town.deliver()
        assert town.states() == {"queued"}
        assert town.disclosures("K-1") == []  # nobody was reached
    town.settle()
    arrived_once(town, proxy, partner)
    assert len(proxy.passed) == 1


def test_what_is_given_up_has_failed_with_its_reason_and_not_before_its_time(town, proxy, partner):
    exchange = town.queue()
    with proxy.refusing():
        give_up_at = town.now + town.corridor.give_up_after
        while town.now <= give_up_at:
            town.deliver()
            assert town.states() == {"queued"}
            town.later(hours=6)
        town.deliver()
    shown = town.shown(exchange)
    assert (shown["state"], shown["history"][-1]["detail"]) == ("failed", "not_connected")
    town.later(days=1)
    assert town.deliver() == 0
    assert partner.held == ()
    retry(town.corridor, town.call(), exchange)
    town.settle()
    arrived_once(town, proxy, partner)


@pytest.mark.parametrize("status", [429, 503])
def test_the_seconds_that_a_partner_names_are_kept(town, proxy, partner, status):
    town.queue()
    proxy.faults = [answered(status, retry_after="7200")]
    town.deliver()
    for _ in range(23):
        town.later(minutes=5)
        assert town.deliver() == 0
    assert len(proxy.begun) == 1
    town.later(minutes=5)
    town.settle()
    arrived_once(town, proxy, partner)


@pytest.mark.parametrize("off", [-DAY, 0.0, DAY])
def test_the_moment_that_a_partner_names_is_read_by_its_own_clock(town, proxy, partner, off):
    """Nobody waits for a day, or hammers, because a clock is off by a day."""
    at = time.time() + off
    town.queue()
    proxy.faults = [answered(429, date=formatdate(at, usegmt=True), retry_after=formatdate(at + 600, usegmt=True))]
    town.deliver()
    town.later(minutes=9)
    assert town.deliver() == 0
    town.later(minutes=1, seconds=1)
    town.settle()
    arrived_once(town, proxy, partner)


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_a_moment_without_a_clock_beside_it_costs_an_hour_at_most_and_no_storm(town, proxy, partner, off):
    town.queue()
    proxy.faults = [answered(503, retry_after=formatdate(time.time() + off, usegmt=True))] * 2
    for _ in range(5):
        town.deliver()
    assert len(proxy.begun) == 1
    town.later(minutes=61)
    town.deliver()
    town.later(minutes=61)
    town.deliver()
    arrived_once(town, proxy, partner)


@pytest.mark.parametrize("date", ["soon", "-5", "1e9", "99999999999999999999", "Wed, 99 Foo 2026 00:00:00 GMT", ""])
def test_a_pause_that_cannot_be_read_costs_a_day_at_most(town, proxy, partner, date):
    town.queue()
    proxy.faults = [answered(503, retry_after=date)]
    town.deliver()
    town.later(days=1, minutes=1)
    town.deliver()
    arrived_once(town, proxy, partner)


def trusted(folder, *certificates):
    """One file of everybody who is believed."""
    file = folder / "trusted.pem"
    file.write_bytes(b"".join(certificate.read_bytes() for certificate in certificates))
    return str(file)


@pytest.mark.parametrize("wrong", ["of another authority", "of another host", "expired", "no TLS at all"])
def test_a_wrong_certificate_sees_nothing_and_loses_nothing(opened, proxy, partner, tmp_path, wrong):
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    good, other, expired = certificate(tmp_path), certificate(tmp_path, name="127.0.0.2"), certificate(tmp_path, days=-1)
    shown = {"of another authority": certificate(stranger), "of another host": other, "expired": expired}
    proxy.close()
    proxy.tls = serving_tls(good)
    with opened(ca_file=trusted(tmp_path, good, other, expired), timeout=1) as town:
        proxy.tls = serving_tls(shown[wrong]) if wrong in shown else None
        proxy.open()
        town.know("K-1")
        town.queue()
        for _ in range(2):
            town.deliver()
            town.later(hours=1)
        assert town.states() == {"queued"}
        assert (proxy.begun, proxy.passed, partner.held, town.disclosures("K-1")) == ([], [], (), [])
        proxy.close()
        proxy.tls = serving_tls(good)
        proxy.open()
        town.settle()
        arrived_once(town, proxy, partner)


@pytest.mark.parametrize("off", [-DAY, DAY])
@pytest.mark.parametrize("whose", ["the partner's", "ours"])
def test_a_clock_that_is_off_by_a_day_is_refused_with_a_reason_and_never_taken_twice(town, proxy, partner, monkeypatch, off, whose):
    """A signature of another day is refused with 401. That is the partner's last word (contract: 4xx is rejected), and on record."""
    if whose == "ours":
        town.corridor.partners[JOBCENTER].transport._clock = lambda: time.time() + off
    else:
        monkeypatch.setattr(simulated, "time", SimpleNamespace(time=lambda: time.time() + off))
    exchange = town.queue()
    town.deliver()
    town.later(hours=1)
    assert town.deliver() == 0
    shown = town.shown(exchange)
    assert (shown["state"], shown["history"][-1]["detail"]) == ("rejected", "http_401")
    assert len(proxy.passed) == 1
    assert partner.held == ()


def crowd(town, size):
    """So many clients with one message each: nobody waits for anybody."""
    for number in range(size):
        town.know(f"K-{number + 10}")
        town.queue(f"K-{number + 10}")


def test_a_partner_that_is_down_is_left_in_peace_and_is_asked_by_one_message_at_a_time(town, proxy, partner):
    crowd(town, 40)
    proxy.always = answered(500)
    town.deliver()
    assert FAILURES <= len(set(proxy.begun)) <= SLOTS + FAILURES
    for pause in (30, 60, 120, 240, 480, 900, 900):
        proxy.begun.clear()
        for _ in range(3):
            assert town.deliver() == 0
        town.later(seconds=pause - 1)
        assert town.deliver() == 0
        town.later(seconds=1)
        assert town.deliver() == 1
        assert len(set(proxy.begun)) == 1
    proxy.always = faults.none
    town.later(seconds=899)
    assert town.deliver() == 0
    town.settle()
    arrived_once(town, proxy, partner)


def test_the_breaker_is_closed_by_the_first_message_that_comes_through(town, proxy, partner):
    crowd(town, 20)
    proxy.always = answered(500)
    town.deliver()
    proxy.always = faults.none
    proxy.begun.clear()
    town.later(hours=1)
    assert town.deliver() == 20
    assert len(proxy.begun) == 20
    arrived_once(town, proxy, partner)


def test_another_process_leaves_the_partner_in_peace_too(opened, proxy, partner):
    with opened() as town:
        crowd(town, 20)
        proxy.always = answered(500)
        town.deliver()
    proxy.begun.clear()
    with opened() as other:
        other.sent, other.now = town.sent, town.now + timedelta(seconds=29)
        assert other.deliver() == 0
        assert proxy.begun == []
        other.later(seconds=1)
        assert other.deliver() == 1
        proxy.always = faults.none
        other.settle()
        arrived_once(other, proxy, partner)


def test_the_pause_that_a_partner_asks_for_is_kept_for_every_message(town, proxy, partner):
    crowd(town, SLOTS + 10)
    proxy.faults = [answered(429, retry_after="3600")]
    town.deliver()
    begun = len(proxy.begun)
    assert begun <= SLOTS  # what was under way; the others stay
    town.later(minutes=59)
    assert town.deliver() == 0
    assert len(proxy.begun) == begun
    town.later(minutes=1)
    town.settle()
    arrived_once(town, proxy, partner)


def scripts():
    """Sequences of faults: the same ones each time."""
    return range(150 if LONG else 4)


@pytest.mark.parametrize("seed", scripts())
def test_after_any_sequence_of_faults_everything_has_arrived_once(opened, proxy, partner, seed):
    rng = chance(seed)
    quick = [one for one in (*BREAKS, *HARMLESS) if one not in (faults.silent, faults.silent_after_taken, faults.stalled_in_the_head)]
    slow = [faults.silent, faults.silent_after_taken, faults.stalled_in_the_head]
    said = [answered(rng.choice(STATUSES), taken=rng.random() < 0.5) for _ in range(6)]
    said += [answered(status, retry_after=str(rng.randrange(4000))) for status in (429, 503)]
    sent, now = {}, None
    for process in range(3):
        with opened() as town:
            town.sent, town.now, town.marks = sent, now or town.now, itertools.count(1000 * process)
            for number in range(4):
                client = f"K-{process}-{number}"
                town.know(client)
                for scope in ("contact.email", "needs.support"):
                    town.queue(client, scope)
            proxy.faults = rng.choices([*quick, *said], k=rng.randrange(30)) + rng.choices(slow, k=2)
            rng.shuffle(proxy.faults)
            for _ in range(4):
                if rng.random() < 0.2:
                    with proxy.refusing():
                        town.deliver()
                else:
                    town.deliver()
                town.later(seconds=rng.choice([1, 20, 600, 3000]))
            now = town.now
    proxy.faults = []
    with opened() as town:
        town.sent, town.now = sent, now
        town.settle()
        arrived_once(town, proxy, partner)


def test_narrowed_between_two_attempts_it_has_the_same_id_and_less_in_it(town, proxy, partner):
    """The one case in which other bytes come under the same id: never more than before."""
    town.link("R-2", client="K-2")
    declaration = town.declare("contact.email", "needs.support", client="K-2")
    record = {"contact": {"email": "marke@example.org"}, "needs": {"support": [{"field": "childcare", "text": "markt"}]}}
    exchange = town.send(record, client="K-2")["id"]
    proxy.faults = [faults.reset_after_body] * TRIES
    town.deliver()
    town.revoke(declaration, ["needs.support"])
    town.later(hours=1)
    town.deliver()
    bodies = [one.content for one in partner.held if one.id == exchange]
    assert len(bodies) == 1
    assert b"marke@example.org" in bodies[0]
    assert b"markt" not in bodies[0]
