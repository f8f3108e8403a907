"""Clients revoke while a thousand messages wait, and workers and partners that fetch race with them, on both databases.

No attempt begins after the answer to a revocation, and each that began before is named in it. Everything that the race sees, a call of
the transport, a fetch, an answer, gets a number of one row; so that an attempt counts as begun before an answer only if it surely was, an
answer gets its number when it is there, and a fetch has two: when it was asked for, and when it was answered.
"""

import asyncio
import itertools
import json
import os
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from imgate.audit.events import EventName
from imgate.bootstrap import open_gateway
from imgate.exchange import boxes, outbound
from imgate.exchange.delivery import deliver_due
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.exchange.stored import Cursor
from imgate.keys import make_keys
from imgate.plugin_api import Delivered, NotDelivered, RefusedByPartner
from imgate.settings import load_settings
from tests.acceptance.chance import chance
from tests.exchange.conftest import TODAY, World

LONG = bool(os.environ.get("IMGATE_LONG"))
CLIENTS, REVOKED = (100, 90) if LONG else (20, 17)
PUSHED, FETCHED = ("jobcenter-a", "jobcenter-b"), "jobcenter-c"
PARTNERS = (*PUSHED, FETCHED)
PURPOSES = ("labour_market_integration", "language_support", "qualification_recognition", "benefit_coordination", "family_support")
RECORDS = {
    "contact.email": {"contact": {"email": "a@example.org"}},
    "contact.phone": {"contact": {"phone": "+491700000000"}},
    "language.level": {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}},
    "benefits.regime": {"benefits": {"regime": {"code": "sgb2"}}},
}
CONFIG = """
[gateway]
id = "im"
name = "IM"

[database]
url = "{url}"
""" + "".join(f'\n[partners.{partner}]\nadapter = "jobcenter"\nname = "{partner}"\n' for partner in PARTNERS)
# The gateway's clock: what is to be tried again soon is, and no lease runs out because this machine is busy.
FASTER = 10


@dataclass(eq=False)
class Watch:
    """What happens, in one order."""

    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    calls: dict[str, list[list[int]]] = field(default_factory=lambda: defaultdict(list))  # exchange → begin and end of each
    fetches: list[tuple[int, frozenset[str]]] = field(default_factory=list)  # when it was asked for, and what was answered
    answers: dict[str, tuple[int, dict]] = field(default_factory=dict)  # declaration → when it was answered, and what
    failures: list[Exception] = field(default_factory=list)

    def next(self):
        return next(self.numbers)  # one step of the interpreter, so that threads need no lock


class WatchedTransport:
    """Takes some time, and ends in every way that an attempt can end."""

    waits = False

    def __init__(self, watch, seed):
        self.watch, self.rng = watch, chance(seed)

    async def deliver(self, parcel):
        call = [self.watch.next(), 0]
        self.watch.calls[parcel.message_id].append(call)
        await asyncio.sleep(self.rng.random() * 0.03)
        call[1] = self.watch.next()
        return self.rng.choices(
            [Delivered(), RefusedByPartner("http_422"), NotDelivered("timeout"), NotDelivered("http_503")], [12, 2, 1, 1]
        )[0]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request, tmp_path):
    """Opens gateways that share one database, and one clock that runs faster than others."""
    url = "sqlite:///imgate.db" if request.param == "sqlite" else request.getfixturevalue("postgres")()
    text = CONFIG.format(url=url)
    if request.param == "postgresql":
        text = text.replace("[database]", 'url = "https://imgate.example"\n\n[database]')
        make_keys(tmp_path / "imgate.keys", date(2026, 1, 1))
    (tmp_path / "imgate.toml").write_text(text, encoding="utf-8")
    started = time.monotonic()

    def opened(stack):
        world = World(stack.enter_context(open_gateway(load_settings(tmp_path / "imgate.toml"), make_keys=True)))
        world.ahead = timedelta()
        world.corridor = replace(
            world.corridor, clock=lambda: TODAY + world.ahead + timedelta(seconds=FASTER * (time.monotonic() - started))
        )
        return world

    with ExitStack() as stack:
        # On one machine the gateway and its worker share an embedded database; a PostgreSQL is shared by many.
        yield lambda: [opened(stack) for _ in range(2 if request.param == "sqlite" else 4)]


class Race:
    """The database full of messages that wait, and everybody who wants something of them."""

    def __init__(self, house):
        self.worlds = house()
        self.front = self.worlds[0]
        self.watch = Watch()
        self.over = threading.Event()
        for number, world in enumerate(self.worlds):
            for partner in PUSHED:
                world.by(WatchedTransport(self.watch, number), partner)
        self.of = {}  # exchange → declaration
        self.declarations = [self.client(number) for number in range(CLIENTS)]
        asyncio.run(self.fill())

    def client(self, number):
        client = f"K-{number}"
        declared = {}
        for partner in PARTNERS:
            self.front.link(f"R-{number}", client=client, partner=partner)
            declared[partner] = self.front.declare(*RECORDS, client=client, partner=partner, purposes=list(PURPOSES))
        return declared

    async def fill(self):
        """For each client and partner, one message for each scope and purpose: none overtakes another."""
        for number, declared in enumerate(self.declarations):
            waiting = [(partner, purpose, scope) for partner in PARTNERS for purpose in PURPOSES for scope in RECORDS]
            answers = await asyncio.gather(*(self.send(f"K-{number}", *one) for one in waiting))
            self.of |= {json.loads(answer.body)["id"]: declared[partner] for answer, (partner, _, _) in zip(answers, waiting, strict=True)}

    async def send(self, client, partner, purpose, scope):
        request = self.front.request(RECORDS[scope], client=client, partner=partner, purpose=purpose)
        return await outbound.send(self.front.corridor, self.front.call(), request)

    def work(self, world):
        async def deliver():
            while not self.over.is_set():
                await deliver_due(world.corridor, enough=self.over.is_set)
                await asyncio.sleep(0.02)

        asyncio.run(deliver())

    def fetch(self, world, seed):
        """A partner that fetches page by page, and acknowledges or refuses some."""
        rng = chance(seed)
        after = None
        while not self.over.is_set():
            asked = self.watch.next()
            page = boxes.outbox(world.corridor, world.call(), FETCHED, Cursor(after, 25))
            after = page.get("next")
            ids = [item["id"] for item in page["items"] if item["id"] in self.of]  # notices of the end of use are no attempts
            self.watch.fetches.append((asked, frozenset(ids)))
            for exchange in rng.sample(ids, len(ids) // 4):
                self.settle(world, exchange, refused=rng.random() < 0.2)

    def settle(self, world, exchange, *, refused):
        try:
            if refused:
                boxes.outbox_reject(world.corridor, world.call(), FETCHED, exchange, RejectRequest(code="not_ours"))
            else:
                boxes.outbox_ack(world.corridor, world.call(), FETCHED, exchange)
        except Refused as gone:
            if gone.status not in (404, 409):  # another one of this partner's machines was faster
                raise

    def revoke(self, world, declarations, seed):
        rng = chance(seed)
        for declaration in declarations:
            answer = self.answered(world, declaration)
            self.watch.answers[declaration] = (self.watch.next(), answer)
            time.sleep(rng.random() * 0.05)

    def answered(self, world, declaration):
        while True:
            try:
                return world.revoke(declaration)
            except Unavailable:  # then the case system asks again
                continue

    def attempts(self):
        return sum(map(len, self.watch.calls.values())) + sum(bool(ids) for _, ids in self.watch.fetches)

    def run(self, *job):
        try:
            job[0](*job[1:])
        except Exception as failure:  # noqa: BLE001  # of whatever kind: told when the race is over
            self.watch.failures.append(failure)
            self.over.set()

    def play(self):
        everything = [declaration for declared in self.declarations[:REVOKED] for declaration in declared.values()]
        chance(1).shuffle(everything)
        racing = [(self.work, world) for world in itertools.islice(itertools.cycle(self.worlds[1:]), 3)]
        racing += [(self.fetch, self.worlds[0], 1), (self.fetch, self.worlds[1], 2)]
        revoking = [(self.revoke, self.worlds[number % len(self.worlds)], everything[number::4], number) for number in range(4)]
        threads = [[threading.Thread(target=self.run, args=job) for job in jobs] for jobs in (racing, revoking)]
        for thread in threads[0]:
            thread.start()
        while self.attempts() < 60 and not self.over.is_set():
            time.sleep(0.005)
        for thread in threads[1]:
            thread.start()
        for thread in threads[1]:
            thread.join()
        time.sleep(0.5)  # long enough for what was tried in vain to be tried again, if it were
        self.over.set()
        for thread in threads[0]:
            thread.join()
        assert self.watch.failures == []


@pytest.fixture
def race(house):
    return Race(house)


def test_no_attempt_begins_after_a_revocation_and_each_before_is_named_in_it(race):
    assert len(race.of) >= 1000
    race.play()
    watch = race.watch
    assert len(watch.answers) == REVOKED * len(PARTNERS)
    before = after = in_flight = 0
    for exchange, calls in watch.calls.items():
        if race.of.get(exchange) not in watch.answers:
            continue
        answered, answer = watch.answers[race.of[exchange]]
        begun = [call for call in calls if call[0] < answered]
        late = [call for call in calls if call[0] > answered]
        before, in_flight = before + len(begun), in_flight + (exchange in answer["in_flight"])
        assert not begun or exchange in {*answer["already_sent"], *answer["in_flight"]}
        # Put on record before it, and not yet called: then it is named as on its way, and it is no second one beside another.
        assert not late or exchange in answer["in_flight"]
        assert len(late) + sum(ended > answered for _, ended in begun) <= 1
    for asked, ids in watch.fetches:
        for exchange in ids:
            if race.of[exchange] in watch.answers:
                answered, answer = watch.answers[race.of[exchange]]
                assert asked < answered
                assert exchange in answer["already_sent"]
                before += 1
    first = min(answered for answered, _ in watch.answers.values())
    after = sum(call[0] > first for calls in watch.calls.values() for call in calls)
    assert before > 0  # a race, and not one after the other
    assert after > 0
    assert in_flight > 0
    assert sum(answer["cancelled"] for _, answer in watch.answers.values()) > 0
    nothing_of_it_leaves_later(race)
    everything_is_accounted_for(race)
    if race.front.gateway.settings.database.is_sqlite:
        nothing_was_begun_after_it_on_record(race)


def nothing_of_it_leaves_later(race):
    """Whatever was to be tried again, and however often the partner asks."""
    called = {exchange: len(calls) for exchange, calls in race.watch.calls.items()}
    race.front.ahead = timedelta(hours=2)
    asyncio.run(deliver_due(race.front.corridor))
    revoked = {exchange for exchange, declaration in race.of.items() if declaration in race.watch.answers}
    assert {exchange for exchange, calls in race.watch.calls.items() if len(calls) > called.get(exchange, 0)}.isdisjoint(revoked)
    assert {item["id"] for item in boxes.outbox(race.front.corridor, race.front.call(), FETCHED, Cursor(limit=500))["items"]}.isdisjoint(
        revoked
    )


def everything_is_accounted_for(race):
    """Each message of a revoked declaration was cancelled, or named; none is both gone and unmentioned."""
    for exchange, declaration in race.of.items():
        if declaration in race.watch.answers:
            _, answer = race.watch.answers[declaration]
            state = race.front.shown(exchange)["state"]
            assert state in ("cancelled", "delivered", "acknowledged", "rejected")
            assert state == "cancelled" or exchange in {*answer["already_sent"], *answer["in_flight"]}


def nothing_was_begun_after_it_on_record(race):
    """On SQLite the log's order is the order of the commits."""
    revoked = set()
    with race.front.corridor.store.reading() as tx:
        for entry in tx.audit_log.entries():
            told = json.loads(entry.content)
            if told["event"] == EventName.DECLARATION_REVOKED:
                revoked.add(told["fields"]["declaration"])
            elif told["event"] in (EventName.DELIVERY_BEGUN, EventName.HANDED_OUT):
                assert race.of.get(told["fields"]["exchange"]) not in revoked
    assert revoked == set(race.watch.answers)
