"""A new exchange, with a million finished ones in the tables against a thousand.

Measured is `outbound.send` itself, 16 at once, commit included, on SQLite as production opens it; each message is then fetched and
acknowledged, unmeasured, so that every new exchange is one of a client for whom nothing waits. Half of the finished ones belong to the
160 clients of whom the new ones are, so that each of them has some thousands of its own.
"""

import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import uvloop

from benchmarks import people
from benchmarks.finished_rows import multiply
from benchmarks.gateway import Office, ceiling, closed
from benchmarks.populated import CALL, populate, request_about, send_together
from benchmarks.stored_rows import three
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.bootstrap import Gateway, open_gateway
from imgate.exchange import boxes
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.stored import Cursor
from imgate.settings import load_settings

TOGETHER = 16
FEW = 1_000
CLIENTS = 2_000
SENDERS = 160


def measure(*, quick: bool = False) -> list[Row]:
    """Fill both databases, measure them in turn, and delete them."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-finished-"))
    try:
        return few_and_many(folder, *((20_000, 5, 10) if quick else (1_000_000, 9, 30)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def few_and_many(folder: Path, many: int, rounds: int, batches: int, clients: int = CLIENTS) -> list[Row]:
    """Send new messages in two gateways, of which one has so many finished exchanges and the other has few."""
    begun = time.perf_counter()
    offices = [_filled(folder / str(finished), finished, clients) for finished in (FEW, many)]
    took = time.perf_counter() - begun
    with ExitStack() as opened:
        gateways = [opened.enter_context(open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False)) for office in offices]
        sides = [Side(gateway, batches) for gateway in gateways]
        for side in sides:
            side()
        small, large = interleaved(rounds, *sides)
        for side, finished in zip(sides, (FEW, many), strict=True):
            side.found(finished)
    size = offices[1].database.stat().st_size / 1e9
    return [
        promise(
            f"a new exchange, {many:,} finished ones of {clients:,} clients in the tables (reference: {FEW:,}; both warm)",
            statistics.median(large),
            "µs",
            statistics.median(small),
            median_ratio(large, small),
            Goal("at most", 1.3),
        ),
        note(f"  making both, {size:.1f} GB", took, "s"),
        note("  sent, and found finished with history, disclosure and audit entries", sides[1].sent, "exchanges"),
    ]


def _filled(folder: Path, finished: int, clients: int) -> Office:
    """Set a gateway up, finish one exchange by the corridor, and multiply what it left."""
    folder.mkdir()
    office = Office.configured(folder, closed(ceiling()))
    populate(office, clients, people.shares(sorted(ceiling())), three)
    with open_gateway(load_settings(folder / "imgate.toml"), make_keys=False) as gateway:
        uvloop.run(send_together(gateway.corridor, [_of_few_scopes()]))
        finish(gateway)
        senders = [gateway.store.vault.client_digest(f"K-{number}") for number in range(SENDERS)]
    multiply(office.database, finished - 1, senders)
    with office.database.open("rb", buffering=0) as content:  # the system has it in memory from here on
        while content.read(1 << 24):
            pass
    return office


def _of_few_scopes() -> ExchangeRequest:
    """Ask for as much as an update sends: most exchanges carry what changed, and no whole record."""
    request = request_about("K-0")
    return request.model_copy(update={"record": {"language": request.record["language"]}})


def finish(gateway: Gateway) -> int:
    """Be the partner: fetch and acknowledge what waits; give how many those were."""
    items = boxes.outbox(gateway.corridor, CALL, people.PARTNER, Cursor(limit=500))["items"]
    for item in items:
        boxes.outbox_ack(gateway.corridor, CALL, people.PARTNER, item["id"])
    return len(items)


class Side:
    """One of the databases. Called, it sends some batches and gives the microseconds of one exchange."""

    def __init__(self, gateway: Gateway, batches: int) -> None:
        self._gateway, self._batches, self.sent = gateway, batches, 0
        request = request_about("K-0")
        self._requests = [request.model_copy(update={"client": f"K-{number}"}) for number in range(SENDERS)]

    def __call__(self) -> float:
        nanoseconds = 0
        for _ in range(self._batches):
            first = self.sent % SENDERS
            nanoseconds += uvloop.run(self._send(self._requests[first : first + TOGETHER]))
            check(finish(self._gateway) == TOGETHER, "another number of messages waits than was sent")
            self.sent += TOGETHER
        return nanoseconds / self._batches / TOGETHER / 1000

    async def _send(self, requests: list[ExchangeRequest]) -> int:
        begun = time.perf_counter_ns()
        await send_together(self._gateway.corridor, requests)
        return time.perf_counter_ns() - begun

    def found(self, finished: int) -> None:
        """Check that the tables hold what was finished before and what was sent, whole."""
        expected = finished + self.sent
        with self._gateway.store.reading() as tx:

            def count(what: str) -> int:
                number: int = tx.session.driver.execute(f"SELECT count(*) FROM {what}").fetchone()[0]  # noqa: S608  # written below
                return number

            check(count("exchanges WHERE state = 'acknowledged'") == expected, "the finished exchanges are others")
            check(count("exchange_history") == 2 * expected, "a finished exchange has another history")
            check(count("disclosures") == expected, "a finished exchange has no disclosure")
            check(
                count("audit_log WHERE instr(entry, CAST('\"exchange\":' AS BLOB))") == 3 * expected,
                "a finished exchange has other audit entries",
            )
            check(count("outbox") == 0, "a message of a finished exchange is left")
