"""What one exchange consists of: the corridor's own functions in this process, in cohorts as `outbound.send` calls them, microseconds each.

The database is the one that the rounds have filled; for none of the clients a message waits, so that nothing is overtaken. The sum is less
than what a request takes: reading and answering HTTP comes on top.
"""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from benchmarks.gateway import Office
from benchmarks.processes import CONNECTIONS
from benchmarks.table import Row, check, note
from imgate.bootstrap import open_gateway
from imgate.exchange import outbound
from imgate.exchange.answers import Answer, Call
from imgate.exchange.case import Case
from imgate.exchange.context import Corridor
from imgate.exchange.entering import enter as enter_exchange
from imgate.exchange.entering import put_on_record
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Transaction
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import seal
from imgate.plugin_api import Envelope
from imgate.record import parse_json
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id

_BATCHES = 12
_CLIENTS = (_BATCHES + 2) * CONNECTIONS + _BATCHES
_ALONE = "commit, one alone"
Steps = dict[str, list[float]]
T = TypeVar("T")


def measure(office: Office, bodies: Path) -> list[Row]:
    """Measure in batches as large as the number of connections, because that many share one commit; each body is about another client."""
    posted = bodies.read_bytes().splitlines()
    check(len(posted) >= _CLIENTS, "there are too few clients for the steps")
    steps: Steps = defaultdict(list)
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway:
        uvloop.run(_measure(gateway.corridor, posted, steps))
    medians = {name: statistics.median(figures) for name, figures in steps.items()}
    alone = medians.pop(_ALONE)
    total = sum(medians.values())
    rows = [note(f"  step: {name} (reference: all steps)", value, "µs", total) for name, value in medians.items()]
    return [*rows, note(f"  step: {_ALONE}, for comparison", alone, "µs")]


async def _measure(corridor: Corridor, posted: Sequence[bytes], steps: Steps) -> None:
    turn = iter(posted)
    for batch in range(_BATCHES + 2):
        figures: Steps = defaultdict(list)
        bodies = list(islice(turn, CONNECTIONS))
        jobs = _until_commit(corridor, bodies, figures)
        begun = time.perf_counter_ns()
        answers = await asyncio.gather(*(corridor.store.commit(job) for job in jobs))
        figures[f"commit, {CONNECTIONS} together"].append((time.perf_counter_ns() - begun) / 1000 / CONNECTIONS)
        check(all(answer.status == 201 for answer in answers), "a step did not come to a 201")
        if batch >= 2:  # the first two warm up
            for name, values in figures.items():
                steps[name] += values
    for _ in range(_BATCHES):
        (alone,) = _until_commit(corridor, [next(turn)], defaultdict(list))
        begun = time.perf_counter_ns()
        await corridor.store.commit(alone)
        steps[_ALONE].append((time.perf_counter_ns() - begun) / 1000)


def _until_commit(corridor: Corridor, bodies: Sequence[bytes], figures: Steps) -> list[Callable[[Transaction], Answer]]:
    """Do what `outbound.send` does before the commit, each step for all of them as its cohort does; give what is to be committed."""
    at, call = corridor.clock(), Call("bench", "/v1/exchanges")

    def each(name: str, work: Callable[..., T], *arguments: Sequence[Any]) -> list[T]:
        begun = time.perf_counter_ns()
        results = [work(*these) for these in zip(*arguments, strict=True)]
        figures[name].append((time.perf_counter_ns() - begun) / 1000 / len(bodies))
        return results

    def load(request: ExchangeRequest) -> Case:
        with corridor.store.reading() as tx:
            return outbound.load(tx, partner, request)

    def envelope(case: Case, request: ExchangeRequest, exchange: str) -> Envelope:
        gateway, recipient = corridor.policy.gateway, partner.policy.name
        return Envelope(exchange, shown_at(at), gateway, recipient, case.link.reference, request.purpose)

    def enter(case: Any, decision: Any, reduced: Any, sealed: Any, request: Any, exchange: str) -> Callable[[Transaction], Answer]:
        entry = enter_exchange(call, partner, case, decision, reduced, sealed, request, exchange, at, held_until=None)
        return partial(put_on_record, call=call, case=case, entry=entry)

    parsed = each("parse", parse_json, bodies)
    requests = each("validate", ExchangeRequest.model_validate, parsed)
    partner, exchanges = outbound.partner_of(corridor, requests[0]), [new_id() for _ in bodies]
    cases = each("load", load, requests)
    decisions = each("decide", lambda case, request: outbound.judge(partner, case, request, at), cases, requests)
    reduced = each("minimise", lambda *these: outbound.reduce(corridor, partner, *these, at), cases, decisions, requests)
    messages = each(
        "translate",
        lambda case, request, exchange, kept: partner.adapter.translate(kept.released, envelope(case, request, exchange)),
        *(cases, requests, exchanges, reduced),
    )
    valid = each("validate XML, find scopes", partner.adapter.validate, messages)
    sealed = each(
        "seal", lambda case, exchange, message, kept: seal(case.client, exchange, message, kept.released), cases, exchanges, valid, reduced
    )
    return each("write what goes on record", enter, cases, decisions, reduced, sealed, requests, exchanges)
