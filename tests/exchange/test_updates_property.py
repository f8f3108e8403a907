"""Whatever happens between updates: after each one a partner holds, or will be sent, the last accepted value of what is permitted."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imgate.bootstrap import open_gateway
from imgate.exchange import boxes
from imgate.exchange.requests import RejectRequest
from imgate.exchange.sealing import open_released
from imgate.exchange.weekly_digest import WeeklyDigest
from imgate.settings import load_settings
from tests.exchange.conftest import CLIENT, CONFIG, JOBCENTER, World
from tests.exchange.updating import LABOUR, Updating

VALUES = {
    "language.level": [{"cefr": level, "evidence": "dtz"} for level in ("B1", "B2")],
    "residence.status": [{"code": "1", "since": f"202{year}-05-02"} for year in (1, 2)],
    "plan.goals": [[], [{"field": "language", "title": "Ziel"}]],
}
SCOPES = list(VALUES)
EXAMPLES = 300 if os.environ.get("IMGATE_LONG") else 20

some_scopes = st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3, unique=True)
records = st.dictionaries(st.sampled_from(SCOPES), st.integers(0, 1), min_size=1)
operations = st.one_of(
    st.tuples(st.just("update"), records),
    st.tuples(st.just("update again")),
    st.tuples(st.just("send"), records),
    st.tuples(st.just("declare"), some_scopes),
    st.tuples(st.just("revoke"), st.integers(0, 2), st.none() | some_scopes),
    st.tuples(st.just("pause"), st.integers(0, 2)),
    st.tuples(st.just("resume"), st.integers(0, 2)),
    st.tuples(st.just("link"), st.integers(0, 2)),
    st.tuples(st.just("fetch")),
    st.tuples(st.just("acknowledge"), st.integers(0, 2)),
    st.tuples(st.just("reject"), st.integers(0, 2)),
    st.tuples(st.just("days pass"), st.integers(1, 4)),
)


def record_of(chosen):
    record = {}
    for scope, number in chosen.items():
        section, _, item = scope.partition(".")
        record.setdefault(section, {})[item] = VALUES[scope][number]
    return record


class Story:
    """One client and one partner who fetches, and what the partner has seen and not sent back."""

    def __init__(self, gateway, digest):
        self.world = World(gateway)
        self.update = Updating(self.world)
        self.update.subscribe({JOBCENTER: {LABOUR: frozenset(SCOPES)}}, digest=digest)
        self.world.link()
        self.declarations = []
        self.record = dict.fromkeys(SCOPES, 1)
        self.seen = {}  # exchange: its released part as it was fetched, in the order of acceptance

    def apply(self, operation):
        name, *arguments = operation
        self.world.later(minutes=1)
        getattr(self, f"do_{name.replace(' ', '_')}")(*arguments)

    def do_declare(self, scopes):
        self.declarations.append((self.world.declare(*scopes), scopes))

    def one(self, number):
        return self.declarations[number % len(self.declarations)] if self.declarations else (None, ())

    def do_revoke(self, number, scopes):
        declaration, declared = self.one(number)
        ended = declared if scopes is None else [scope for scope in scopes if scope in declared]
        if declaration is not None and ended:
            self.world.revoke(declaration, None if scopes is None else ended)
            may = self.world.preview(record_of(dict.fromkeys(SCOPES, 0)))["released"]
            for part in self.seen.values():  # the partner is told that it may use these no longer
                for scope in ended:
                    if scope not in may:
                        part.pop(scope, None)

    def do_pause(self, number):
        if self.declarations:
            self.world.pause(self.one(number)[0])

    def do_resume(self, number):
        if self.declarations:
            self.world.resume(self.one(number)[0])

    def do_link(self, number):
        self.world.link(f"355A00081{number}")
        if number != self.reference:
            self.reference, self.seen = number, {}  # what went under another reference is with somebody else's file

    reference = 5

    def do_days_pass(self, days):
        self.world.later(days=days)

    def do_fetch(self):
        for item in self.world.outbox():
            self.seen[item["id"]] = self.parts().get(item["id"], {})

    def do_acknowledge(self, number):
        self.settle(number, lambda exchange: boxes.outbox_ack(self.world.corridor, self.world.call(), JOBCENTER, exchange))

    def do_reject(self, number):
        def reject(exchange):
            boxes.outbox_reject(self.world.corridor, self.world.call(), JOBCENTER, exchange, RejectRequest(code="no"))
            self.seen.pop(exchange)

        self.settle(number, reject)

    def settle(self, number, word):
        still = [exchange for exchange in self.seen if exchange in self.parts()]
        if still:
            word(still[number % len(still)])

    def do_send(self, chosen):
        self.world.send(record_of(chosen))

    def do_update_again(self):
        self.do_update(self.record)

    def do_update(self, chosen):
        record, self.record = record_of(chosen), chosen
        permitted = self.world.preview(record)["released"]
        answer = self.update(record)
        sent = {scope for exchange in answer["exchanges"] for scope in exchange["released"]}
        assert sent & chosen.keys() <= set(permitted)
        (told,) = answer["partners"]
        assert {one["scope"] for one in told["withheld"]} == chosen.keys() - set(permitted)
        will_have = self.will_have()
        for scope in permitted:
            assert will_have.get(scope) == VALUES[scope][chosen[scope]], scope
        assert self.update(record)["exchanges"] == []

    def parts(self):
        """Give the released part of everything that waits, in the order of acceptance."""
        with self.world.corridor.store.reading() as tx:
            client = tx.clients.find(CLIENT)
            found = {}
            for item in tx.outbox.waiting(client.digest, JOBCENTER):
                part = open_released(client, item.exchange.id, tx.outbox.box(item.exchange.id))
                found[item.exchange.id] = {
                    scope: part[scope.partition(".")[0]][scope.partition(".")[2]] for scope in item.exchange.released
                }
            return found

    def will_have(self):
        """Give the last value of each scope that the partner has seen or will see: ids sort by the time of acceptance."""
        values = {}
        for _, part in sorted({**self.parts(), **self.seen}.items()):
            values |= part
        return values


@pytest.mark.parametrize("digest", [None, WeeklyDigest.of("thursday 10:30")])
def test_after_every_update_the_partner_has_or_will_have_the_last_accepted_values(digest):
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(operations, max_size=25))
    @example([("days pass", 4), ("fetch",), ("reject", 0)])
    @example([("days pass", 4), ("fetch",), ("link", 1)])
    @example([("days pass", 4), ("fetch",), ("revoke", 0, None), ("declare", SCOPES)])
    @example([("days pass", 4), ("fetch",), ("acknowledge", 0), ("revoke", 0, ["plan.goals"]), ("declare", ["plan.goals"])])
    @example([("pause", 0), ("resume", 0)])
    def whatever_happens(story):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "imgate.toml"
            config.write_text(CONFIG, encoding="utf-8")
            with open_gateway(load_settings(config), make_keys=True) as gateway:
                told = Story(gateway, digest)
                for operation in [("declare", SCOPES), ("update again",), *story, ("update again",)]:
                    told.apply(operation)

    whatever_happens()
