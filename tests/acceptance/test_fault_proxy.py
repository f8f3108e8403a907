"""Whatever happens between a worker and a partner: nothing is lost, and nothing is sent twice under another id."""

import itertools
import os
import time
from types import SimpleNamespace

import pytest

from imgate.conformance.simulated import partner as simulated_partner
from imgate.conformance.simulated import server
from imgate.exchange.retry import retry
from tests.acceptance import fault_proxy as faults
from tests.acceptance.behind_proxy import TRIES, arrived_once, opened, partner, proxy, town
from tests.acceptance.chance import chance
from tests.acceptance.fault_proxy import answered
from tests.exchange.conftest import JOBCENTER
from tests.transports.misbehaving import certificate, serving_tls

__all__ = ["opened", "partner", "proxy", "town"]

LONG = bool(os.environ.get("IMGATE_LONG"))
DAY = 86400.0
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
    with opened(ca_file=trusted(tmp_path, good, other, expired), timeout=0.5) as town:
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
def test_a_clock_that_is_off_by_a_day_loses_nothing_and_nothing_is_taken_twice(town, proxy, partner, monkeypatch, off, whose):
    """A signature of another day is refused with 401, which says nothing about the message: it waits until the clock is set."""
    transport = town.corridor.partners[JOBCENTER].transport
    right = transport._clock
    with monkeypatch.context() as wrong:
        if whose == "ours":
            wrong.setattr(transport, "_clock", lambda: time.time() + off)
        else:
            for module in (simulated_partner, server):  # it judges a signature by its clock, and tells the time by it
                wrong.setattr(module, "time", SimpleNamespace(time=lambda: time.time() + off))
        exchange = town.queue()
        town.deliver()
        town.later(hours=1)
        assert town.deliver() == 1
        assert town.shown(exchange)["state"] == "queued"
        assert partner.held == ()
    assert transport._clock is right
    town.later(hours=1)
    town.deliver()
    assert town.shown(exchange)["state"] == "delivered"
    assert [one.id for one in partner.held] == [exchange]


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
