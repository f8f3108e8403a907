"""The same by HTTP, with a worker at work: no mark in an answer, on stderr, in a metric or in a file while messages wait."""

import time

import pytest

from imgate.vocabulary.words import Role
from tests.acceptance.canary import Canary
from tests.acceptance.chance import chance
from tests.acceptance.doors import HttpDoor
from tests.acceptance.inbound_writers import PARTNERS
from tests.acceptance.process import every
from tests.acceptance.search import found_in, found_in_files


def play(served, exchanges):
    case_system = served.client(Role.CASE_SYSTEM)
    canary = Canary(HttpDoor(case_system, {partner: served.client(Role.PARTNER, partner) for partner in PARTNERS}), chance(4))
    served.start()
    while canary.exchanges < exchanges or len(canary.seen) < exchanges:  # the search finds what may be there
        canary.play()
    canary.leave_waiting()  # in every box, whatever the partners have fetched
    until = time.monotonic() + 60
    while any(one["outcome"] == "waiting" for one in every(case_system, "/v1/intake")):
        assert time.monotonic() < until, "the worker does not take what has come"
        time.sleep(0.2)
    assert {item["partner"] for item in canary.door.inbox()} == set(PARTNERS)
    assert all(canary.door.outbox(partner) for partner in PARTNERS)
    assert found_in_files(served.folder) == {}
    canary.look_into_inbox()
    assert canary.leaks == []
    assert found_in_files(served.folder) == {}
    assert found_in(served.metrics()) == set()
    assert served.stderr.count(b'"event":"request"') > exchanges
    assert served.imgate("audit", "verify").returncode == 0


def test_no_mark_is_found_around_a_serving_gateway(alone):
    play(alone, exchanges=40)


@pytest.mark.long
def test_no_mark_is_found_around_a_serving_gateway_in_three_hundred_exchanges(alone):
    """Short form: forty of them."""
    play(alone, exchanges=300)
