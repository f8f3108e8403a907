"""Loading and deciding, with a million declarations in the database against a thousand.

Measured is what an exchange does before it translates: `outbound.load` and `outbound.judge`, for clients drawn at random, on SQLite as
production opens it, both files read once beforehand so that the operating system has them in memory.
"""

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks import people
from benchmarks.decision import judge_policy
from benchmarks.stored_rows import build, three_or_four
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.exchange import outbound
from imgate.exchange.context import Partner
from imgate.exchange.requests import ExchangeRequest
from imgate.keys import Keyring
from imgate.record import CATALOGUE
from imgate.storage import SqlStore, open_store

SMALL = 300
SCOPES = 25


def declarations_of(clients: int) -> int:
    """How many declarations so many clients have."""
    return sum(three_or_four(number) for number in range(clients))


def measure(*, quick: bool = False) -> list[Row]:
    """Build both databases, measure them in turn, and delete them."""
    large = 30_000 if quick else 300_000
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-stored-"))
    try:
        keyring = Keyring.made(date.today())  # noqa: DTZ011  # a name on a key that lives for minutes
        scopes = _scopes()
        begun = time.perf_counter()
        stores = [_made(folder / f"{clients}.db", clients, keyring, scopes) for clients in (SMALL, large)]
        took = time.perf_counter() - begun
        rounds, reads = (5, 500) if quick else (9, 2000)
        small, big = interleaved(
            rounds, *(_reading(store, clients, scopes, reads) for store, clients in zip(stores, (SMALL, large), strict=True))
        )
        size = (folder / f"{large}.db").stat().st_size / 1e9
        for store in stores:
            store.close()
    finally:
        shutil.rmtree(folder)
    return [
        promise(
            f"load and decide, {declarations_of(large):,} declarations of {large:,} clients"
            f" (reference: {declarations_of(SMALL):,} of {SMALL}; both warm)",
            statistics.median(big),
            "µs",
            statistics.median(small),
            median_ratio(big, small),
            Goal("at most", 1.3),
        ),
        note(f"  making both, {size:.1f} GB", took, "s"),
    ]


def _scopes() -> list[str]:
    policy = judge_policy()
    return [scope for scope in CATALOGUE.scopes if scope in policy.either_ceiling and scope not in policy.closed][:SCOPES]


def _made(file: Path, clients: int, keyring: Keyring, scopes: list[str]) -> SqlStore:
    build(file, clients, keyring, [scopes], three_or_four)
    with file.open("rb", buffering=0) as content:
        while content.read(1 << 24):
            pass
    return open_store(f"sqlite:///{file}", keyring, people.ZONE)


def _reading(store: SqlStore, clients: int, scopes: list[str], reads: int) -> Callable[[], float]:
    policy = judge_policy()
    # `load` and `judge` look at a partner's id and policy; adapter and transport come later in an exchange.
    partner = cast("Partner", SimpleNamespace(id=people.PARTNER, policy=policy))
    record: dict[str, dict[str, Any]] = {}
    for scope in scopes:
        section, item = scope.split(".")
        record.setdefault(section, {})[item] = {}
    draw = random.Random(20260115)  # noqa: S311  # the same draw at each run

    def request(number: int) -> ExchangeRequest:
        return ExchangeRequest.model_construct(
            client=f"K-{number}", partner=people.PARTNER, purpose=people.PURPOSE, record=record, provenance={}, by=None
        )

    def side() -> float:
        drawn = [draw.randrange(clients) for _ in range(reads)]
        requests = [request(number) for number in drawn]
        found = permitted = 0
        begun = time.perf_counter_ns()
        for each in requests:
            at = datetime.now(UTC)
            with store.reading() as tx:
                case = outbound.load(tx, partner, each)
            decision = outbound.judge(partner, case, each, at)
            found += len(case.declarations.verified)
            permitted += len(decision.permitted)
        took = time.perf_counter_ns() - begun
        # Only declarations whose MAC matches are given, so the count tells that all of them do.
        check(found == sum(three_or_four(number) for number in drawn), "not every stored declaration was read and verified")
        check(permitted == reads * len(scopes), "not every scope was permitted")
        return took / reads / 1000

    return side
