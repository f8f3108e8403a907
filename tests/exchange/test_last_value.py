"""After any order of sends, failures, retries and revocations the partner holds the last accepted value of every scope still permitted.

The partner of the model keeps the ids that it has taken: what comes again under the same id is the same message, and changes nothing. A
message can be lost on the way, and so can the answer: then the partner has it, and the gateway does not know.
"""

import asyncio
import base64
import dataclasses
import itertools
import os
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imgate.bootstrap import open_gateway
from imgate.exchange import boxes
from imgate.exchange.delivery import deliver_due
from imgate.exchange.requests import RejectRequest
from imgate.exchange.retry import retry
from imgate.exchange.stored import Breaker
from imgate.plugin_api import NOT_CONNECTED, Delivered, NotDelivered, RefusedByPartner
from imgate.settings import load_settings
from tests.exchange.conftest import CONFIG, JOBCENTER, World

LABOUR, SUPPORT = "labour_market_integration", "language_support"
# Each value is a text of its own, so that the bytes tell which they carry.
WRITTEN = {
    "contact.email": lambda text: {"contact": {"email": f"{text}@example.org"}},
    "needs.support": lambda text: {"needs": {"support": [{"field": "childcare", "text": text}]}},
}
SCOPES = tuple(WRITTEN)
GIVE_UP_AFTER = timedelta(hours=2)
EXAMPLES = 2000 if os.environ.get("IMGATE_LONG") else 40

some_scopes = st.sets(st.sampled_from(SCOPES), min_size=1)  # few, so that they meet
sends = st.tuples(st.just("send"), some_scopes, st.sampled_from([LABOUR, SUPPORT]))
retries = st.tuples(st.just("retry"), st.integers(0, 3))
waits = st.tuples(st.just("wait"), st.sampled_from([timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3)]))
permissions = st.tuples(st.sampled_from(["revoke", "declare"]), some_scopes)
pushes = st.tuples(st.just("deliver"), st.lists(st.sampled_from(["taken", "lost", "unanswered", "unreached", "refused"]), max_size=3))
outages = st.tuples(st.just("outage"), st.sampled_from(["lost", "unanswered"]))
fetches = st.tuples(st.just("fetch"), st.sampled_from(["taken", "acknowledged", "unanswered", "refused"]))


def some_of(weights):
    """Steps, each kind as often as its weight says."""
    kinds = [kind for kind, weight in weights.items() for _ in range(weight)]
    return st.lists(st.sampled_from(kinds).flatmap(lambda kind: kind), min_size=4, max_size=16)


class Story:
    """One client's messages to one partner, what the partner has of them, and what the model expects."""

    def __init__(self, world, number):
        self.world = world
        self.client = f"K-{number}"
        self.values = itertools.count()
        self.carried = {}  # exchange → scope → number of the value
        self.last = dict.fromkeys(SCOPES)  # scope → the last accepted message that carries it
        self.ended = set()  # messages and scopes whose permission ended since, and messages that the partner refused
        self.taken = set()
        self.holds = {}
        self.faults = []
        world.link(f"R-{number}", client=self.client)

    def declare(self, scopes=SCOPES):
        self.world.declare(*sorted(scopes), client=self.client, purposes=[LABOUR, SUPPORT])

    def send(self, scopes, purpose):
        numbers = {scope: next(self.values) for scope in sorted(scopes)}
        record = {}
        for scope, number in numbers.items():
            record |= WRITTEN[scope](f"wert{number}q")
        sent = self.world.send(record, client=self.client, purpose=purpose)
        self.carried[sent["id"]] = {scope: numbers[scope] for scope in sent["released"]}
        self.last |= dict.fromkeys(sent["released"], sent["id"])

    def revoke(self, scopes):
        for declaration, of in self.declarations():
            if scopes & of:
                self.world.revoke(declaration, sorted(scopes & of))
        self.ended |= {(exchange, scope) for exchange in self.carried for scope in scopes}

    def declarations(self):
        with self.world.corridor.store.reading() as tx:
            found = tx.declarations.of(tx.clients.find(self.client).digest, JOBCENTER)
        return [(one.id, frozenset(one.scopes)) for one in found]

    def retry(self, number):
        failed = [exchange for exchange in self.carried if self.state(exchange) == "failed"]
        if failed:
            retry(self.world.corridor, self.world.call(), failed[number % len(failed)])

    def state(self, exchange):
        return self.world.shown(exchange)["state"]

    def wait(self, span):
        self.world.now += span

    def arrives(self, exchange, content):
        """The partner takes a message, once for each id."""
        if exchange not in self.carried or exchange in self.taken:  # a notice of the end of use carries no value
            return
        self.taken.add(exchange)
        for scope, number in self.carried[exchange].items():
            if f"wert{number}q".encode() in content:
                if self.holds.get(scope, -1) > number:  # told at the end: what a transport raises is caught
                    self.faults.append(f"an older value of {scope} came after a newer one")
                self.holds[scope] = number

    def check(self):
        """Nothing waits any more, nothing went back: every last value is there, unless the client or the partner would not have it."""
        assert {self.state(exchange) for exchange in self.carried} <= {
            "delivered", "acknowledged", "overtaken", "rejected", "cancelled", "withheld"
        }  # fmt: skip
        assert self.faults == []
        for scope, exchange in self.last.items():
            if exchange is not None and (exchange, scope) not in self.ended and exchange not in self.ended:
                assert self.holds.get(scope) == self.carried[exchange][scope], f"the last value of {scope} is missing"


class Pushed(Story):
    """The partner is handed its messages."""

    waits = False

    def __init__(self, world, number):
        super().__init__(world, number)
        self.outcomes = []
        world.by(self)
        world.corridor = dataclasses.replace(world.corridor, give_up_after=GIVE_UP_AFTER)
        with world.corridor.store.transaction() as tx:
            tx.breakers.put(JOBCENTER, Breaker())

    async def deliver(self, parcel):
        match self.outcomes.pop(0) if self.outcomes else "taken":
            case "taken":
                self.arrives(parcel.message_id, parcel.content)
                return Delivered()
            case "unanswered":
                self.arrives(parcel.message_id, parcel.content)
                return NotDelivered("timeout")
            case "lost":
                return NotDelivered("http_503")
            case "unreached":
                return NotDelivered(NOT_CONNECTED)
        self.ended.add(parcel.message_id)
        return RefusedByPartner("http_422")

    def turn(self, outcomes=()):
        self.outcomes = list(outcomes)
        return asyncio.run(deliver_due(self.world.corridor))

    def outage(self, how):
        """For so long nothing comes through that what waits is given up."""
        for span in (timedelta(0), timedelta(hours=3)):
            self.wait(span)
            self.turn([how] * 20)

    def settle(self):
        """Everything that was given up is tried again, in whatever order, and the partner is well."""
        self.outcomes = []
        while waiting := [exchange for exchange in self.carried if self.state(exchange) in ("queued", "failed")]:
            self.retry(len(waiting))
            self.wait(timedelta(hours=1))
            self.turn()


class Fetched(Story):
    """The partner fetches its messages."""

    def turn(self, how="acknowledged"):
        shown = self.world.outbox()
        if how == "unanswered":
            return
        for item in shown:
            if how == "refused" and item["id"] not in self.taken:
                boxes.outbox_reject(self.world.corridor, self.world.call(), JOBCENTER, item["id"], RejectRequest(code="not_ours"))
                self.ended.add(item["id"])
                return
            self.arrives(item["id"], base64.b64decode(item["content"]))
            if how == "acknowledged":
                boxes.outbox_ack(self.world.corridor, self.world.call(), JOBCENTER, item["id"])

    def settle(self):
        self.turn()
        assert self.world.outbox() == []


@pytest.fixture(scope="module")
def a_world(tmp_path_factory):
    """Gives worlds on one gateway; a client of its own for each example is enough."""
    config = tmp_path_factory.mktemp("last") / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield lambda: World(gateway)


clients = itertools.count()


def play(story, steps):
    story.declare()
    for name, *arguments in steps:
        getattr(story, {"deliver": "turn", "fetch": "turn"}.get(name, name))(*arguments)
    story.settle()
    story.check()


EMAIL = {"contact.email"}
# Older values that once came after newer ones: nobody knew what the partner had seen of these.
SEEN_FOR_ANOTHER_PURPOSE = [
    ("send", EMAIL, LABOUR), ("outage", "lost"), ("send", EMAIL, SUPPORT), ("deliver", ["unanswered"]), ("retry", 0), ("deliver", [])
]  # fmt: skip
SEEN_AND_GIVEN_UP = [
    ("send", EMAIL, LABOUR), ("outage", "lost"), ("send", EMAIL, LABOUR), ("outage", "unanswered"), ("retry", 0), ("deliver", [])
]  # fmt: skip
SEEN_AND_REVOKED = [
    ("send", EMAIL, LABOUR), ("outage", "lost"), ("send", EMAIL, LABOUR), ("deliver", ["unanswered"]),
    ("revoke", EMAIL), ("declare", EMAIL), ("retry", 0), ("deliver", [])
]  # fmt: skip
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(steps=some_of({sends: 5, pushes: 4, outages: 3, retries: 3, waits: 1, permissions: 1}), seed=st.integers(0, 99))
@example(steps=SEEN_FOR_ANOTHER_PURPOSE, seed=0)
@example(steps=SEEN_AND_GIVEN_UP, seed=0)
@example(steps=SEEN_AND_REVOKED, seed=0)
def test_a_partner_that_is_handed_its_messages_holds_the_last_value(a_world, steps, seed):
    random.seed(seed)  # the pauses are chosen by chance
    play(Pushed(a_world(), next(clients)), steps)


@SETTINGS
@given(steps=some_of({sends: 4, fetches: 4, waits: 1, permissions: 1}))
def test_a_partner_that_fetches_holds_the_last_value(a_world, steps):
    play(Fetched(a_world(), next(clients)), steps)
