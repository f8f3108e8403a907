"""What one exchange consists of: the corridor's own functions, called one after the other in this process, microseconds each.

The database is the one that the rounds have filled. The sum is less than what a request takes: reading and answering HTTP comes on top.
"""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from benchmarks.gateway import Office
from benchmarks.processes import CONNECTIONS
from benchmarks.table import Row, check, note
from imgate.bootstrap import open_gateway
from imgate.exchange import outbound
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import seal
from imgate.plugin_api import Envelope
from imgate.record import parse_json
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id

_BATCHES = 12
_ALONE = "commit, one alone"
Steps = dict[str, list[float]]
T = TypeVar("T")


def measure(office: Office, bodies: Path, clients: Sequence[str]) -> list[Row]:
    """Measure in batches as large as the number of connections, because that many share one commit."""
    posted = bodies.read_bytes().splitlines()
    steps: Steps = defaultdict(list)
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway:
        uvloop.run(_measure(gateway.corridor, posted[: len(clients)], steps))
    medians = {name: statistics.median(figures) for name, figures in steps.items()}
    alone = medians.pop(_ALONE)
    total = sum(medians.values())
    rows = [note(f"  step: {name} (reference: all steps)", value, "µs", total) for name, value in medians.items()]
    return [*rows, note(f"  step: {_ALONE}, for comparison", alone, "µs")]


async def _measure(corridor: Corridor, posted: Sequence[bytes], steps: Steps) -> None:
    for batch in range(_BATCHES + 2):
        figures: Steps = defaultdict(list)
        jobs = [_until_commit(corridor, posted[number % len(posted)], figures) for number in range(CONNECTIONS)]
        begun = time.perf_counter_ns()
        answers = await asyncio.gather(*(job() for job in jobs))
        figures[f"commit, {CONNECTIONS} together"].append((time.perf_counter_ns() - begun) / 1000 / CONNECTIONS)
        check(all(answer.status == 201 for answer in answers), "a step did not come to a 201")
        if batch >= 2:  # the first two warm up
            for name, values in figures.items():
                steps[name] += values
    for _ in range(_BATCHES):
        alone = _until_commit(corridor, posted[0], defaultdict(list))
        begun = time.perf_counter_ns()
        await alone()
        steps[_ALONE].append((time.perf_counter_ns() - begun) / 1000)


def _until_commit(corridor: Corridor, body: bytes, figures: Steps) -> Callable[[], Awaitable[Any]]:
    """Do what `outbound.send` does before the commit; give the commit."""

    @contextmanager
    def step(name: str) -> Any:
        begun = time.perf_counter_ns()
        yield
        figures[name].append((time.perf_counter_ns() - begun) / 1000)

    at = corridor.clock()
    with step("parse"):
        parsed = parse_json(body)
    with step("validate"):
        request = ExchangeRequest.model_validate(parsed)
    partner = outbound.partner_of(corridor, request)
    with step("load"), corridor.store.reading() as tx:
        case = outbound.load(tx, partner, request)
    with step("decide"):
        decision = outbound.judge(partner, case, request, at)
    with step("minimise"):
        minimised = outbound.reduce(corridor, partner, case, decision, request, at)
    exchange = new_id()
    envelope = Envelope(exchange, shown_at(at), corridor.policy.gateway, partner.policy.name, case.link.reference, request.purpose)
    with step("translate"):
        message = partner.adapter.translate(minimised.released, envelope)
    with step("validate XML, find scopes"):
        valid = partner.adapter.validate(message)
    with step("seal"):
        sealed = seal(case.client, exchange, valid, minimised.released)
    call = Call("bench", "/v1/exchanges")
    with step("write what goes on record"):
        outcome = outbound.Outcome.of(decision, minimised)
        entry = outbound.enter(call, partner, case, outcome, sealed, request, exchange, at)
    return lambda: corridor.store.commit(partial(outbound.put_on_record, call=call, case=case, entry=entry))
