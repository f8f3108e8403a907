"""A partner that asks for time, or is down, is left in peace for as long, by every process; and no longer, whatever its clock says."""

import time
from datetime import timedelta
from email.utils import formatdate

import pytest

from imgate.exchange.breaker import FAILURES
from imgate.exchange.delivery import SLOTS
from tests.acceptance import fault_proxy as faults
from tests.acceptance.behind_proxy import arrived_once, opened, partner, proxy, town
from tests.acceptance.fault_proxy import answered

__all__ = ["opened", "partner", "proxy", "town"]

DAY = 86400.0


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
