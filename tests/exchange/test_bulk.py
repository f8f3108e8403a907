"""Many updates: in their order for each client, a few at once, never more read than is under way, and none stopped by another."""

import asyncio
import itertools
import json

import pytest

from imgate.exchange import bulk
from imgate.exchange.answers import Answer, Call
from imgate.exchange.cohort import Cohort
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import UpdateRequest

CALL = Call("case-system-1", "/v1/updates")


class Office:
    """Stands in for the corridor: keeps what was taken, and how much was under way at once."""

    def __init__(self):
        self.cohort = Cohort()
        self.calls = []
        self.under_way = self.most = self.read = 0

    async def update(self, corridor, call, request):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(3):
            await asyncio.sleep(0)
        self.under_way -= 1
        if request.client == "K-bad":
            raise Refused(422, "provenance_required")
        if request.client == "K-broken":
            raise RuntimeError
        self.calls.append((call.key, call.body, request.client))
        return Answer.of(200, {"exchanges": [], "partners": []})

    def lines(self, *clients):
        for number, client in enumerate(clients, start=1):
            self.read = number
            yield number, json.dumps({"client": client, "record": {}}).encode()


@pytest.fixture
def office(monkeypatch):
    office = Office()
    monkeypatch.setattr(bulk, "update", office.update)
    return office


async def read(content):
    if content == b"bad":
        raise Refused(422, "request_invalid")
    return UpdateRequest.model_validate_json(content)


def take(office, lines, *, call=CALL, at_once=4):
    async def all_of_them():
        return [taken async for taken in bulk.update_each(office, call, lines, read, at_once=at_once)]

    return asyncio.run(all_of_them())


def test_outcomes_come_in_the_order_of_the_lines(office):
    taken = take(office, office.lines(*[f"K-{number}" for number in range(11)]))
    assert [one.number for one in taken] == list(range(1, 12))
    assert all(isinstance(one.outcome, Answer) for one in taken)


def test_so_many_are_under_way_at_once_and_no_more(office):
    take(office, office.lines(*[f"K-{number}" for number in range(11)]))
    assert office.most == 4


def test_two_lines_about_one_client_are_never_under_way_together(office):
    taken = take(office, office.lines("K-1", "K-1", "K-1"))
    assert office.most == 1
    assert [one.number for one in taken] == [1, 2, 3]


def test_no_more_is_read_than_is_under_way(office):
    async def first():
        lines = office.lines(*[f"K-{number}" for number in range(100)])
        return await anext(bulk.update_each(office, CALL, lines, read, at_once=4))

    assert asyncio.run(first()).number == 1
    assert office.read <= 5


def test_a_line_that_fails_stops_no_other(office):
    lines = [(1, b"bad"), *[(n, line) for (_, line), n in zip(office.lines("K-bad", "K-broken", "K-1"), itertools.count(2), strict=False)]]
    taken = take(office, lines)
    assert [getattr(one.outcome, "code", type(one.outcome).__name__) for one in taken] == [
        "request_invalid",
        "provenance_required",
        "RuntimeError",
        "Answer",
    ]


def test_a_key_stands_for_each_line_by_itself(office):
    take(office, office.lines("K-1", "K-2"), call=Call("case-system-1", "/v1/updates", "k"))
    assert [(key, json.loads(body)["client"]) for key, body, _ in office.calls] == [("k 1", "K-1"), ("k 2", "K-2")]
    take(office, office.lines("K-1"))
    assert office.calls[-1][0] is None


def test_nothing_is_shown_of_a_line(office):
    (taken,) = take(office, office.lines("K-1"))
    assert "K-1" not in repr(taken)
    assert "K-1" not in repr(bulk.Line(1, b"K-1", RuntimeError("K-1")))
