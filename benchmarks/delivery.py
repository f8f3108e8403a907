"""Delivery by `imgate worker`, against a bare loop that posts the same bytes to the same receiver.

Every message is decided again, put on record as begun, posted, and put on record as ended, durably: two commits where the loop has none.
Both sides use the same HTTP client and 16 connections; the rate is the receiver's own, from the first arrival of a round to its last.
"""

import hashlib
import http.client
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from benchmarks import people
from benchmarks.found import delivered_in_database
from benchmarks.gateway import IMGATE, Office, ceiling, closed
from benchmarks.populated import populate, send_all
from benchmarks.processes import Running, beside, free_port, own, server
from benchmarks.stored_rows import three
from benchmarks.table import CheckFailed, Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.bootstrap import open_gateway
from imgate.exchange.sealing import open_message
from imgate.settings import load_settings
from imgate.storage.transaction import SqlTransaction
from imgate.transports.webhook import PREFIX, secret_key, signed_headers

CONNECTIONS = 16
_SECRET = PREFIX + "YmVuY2htYXJrLWJlbmNobWFyay1iZW5jaG1hcms="
_ENDS_WITHIN = 120.0
_BARE_LOOP = Path(__file__).resolve().parent / "bare_loop.py"


def measure(*, quick: bool = False) -> list[Row]:
    """Have messages wait, let each side deliver its share round by round, and look afterwards what was delivered."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-delivery-"))
    try:
        return deliver(folder, messages=200 if quick else 1000, rounds=3 if quick else 7, together=1 if quick else 3)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def deliver(folder: Path, *, messages: int, rounds: int, together: int) -> list[Row]:
    """Deliver so many messages in each round, after one that warms up; after these, in ``together`` rounds, by two workers."""
    receiver = Receiver(free_port())
    (folder / "secret").write_text(_SECRET)
    transport = f'{{ kind = "push", url = "{receiver.url}", secret_file = "secret" }}'
    office = Office.configured(folder, closed(ceiling()), transport=transport)
    sides = Sides(office, receiver, _prepared(office, messages, 1 + rounds + together))
    worker = partial(beside, [IMGATE, "worker"], environment=office.environment)
    with server(own("receiver", receiver.port), receiver.port, folder / "receiver.log"), worker(log=folder / "worker.log") as running:
        sides.by_imgate()
        sides.by_loop()
        before = _processor_seconds(running)
        ours, bare = interleaved(rounds, sides.by_imgate, sides.by_loop)
        used = (_processor_seconds(running) - before) / (rounds * messages) * 1e6
        with worker(log=folder / "second.log"):
            both = [sides.by_imgate() for _ in range(together)]
    delivered_in_database(office, sides.delivered)
    return [
        promise(
            f"delivered messages of {sides.size:,} bytes by {CONNECTIONS} connections (reference: a bare loop posts the same)",
            statistics.median(ours),
            "1/s",
            statistics.median(bare),
            median_ratio(ours, bare),
            Goal("at least", 0.5),
        ),
        note("  delivered once each, and found so in the database with disclosure and audit entries", len(sides.delivered), "messages"),
        note(
            "  processor time of the worker and its carrier for each message (reference: the time of one processor)",
            used,
            "µs",
            1e6 / statistics.median(ours),
        ),
        note("  two workers on the same database (reference: one)", statistics.median(both), "1/s", statistics.median(ours)),
    ]


@dataclass(frozen=True, slots=True)
class Share:
    """What is delivered in one round: a message's digest by its exchange, and the letters of the bare loop in a file."""

    digests: dict[str, str]
    letters: Path


@dataclass(frozen=True, slots=True)
class Receiver:
    """The process that both sides post to."""

    port: int

    @property
    def url(self) -> str:
        """Where messages are posted."""
        return f"http://127.0.0.1:{self.port}/messages"

    def asked(self, path: str) -> Any:
        """Ask it what it received."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())

    def rate(self, expected: Mapping[str, str]) -> float:
        """Give the messages per second of one side, after looking whether each came once and whole."""
        told = self.asked("/told")
        check(len(told["messages"]) == len(expected), f"{len(told['messages'])} messages came instead of {len(expected)}")
        check(dict(told["messages"]) == expected, "a message came twice, or came as another one")
        return (len(expected) - 1) / float(told["seconds"])


class Sides:
    """Both sides, each going through the shares in their order."""

    def __init__(self, office: Office, receiver: Receiver, shares: Sequence[Share]) -> None:
        self._office, self._receiver = office, receiver
        self._ours, self._bare = iter(shares), iter(shares)
        self.size = round(statistics.mean(len(orjson.loads(line)["body"].encode()) for line in shares[0].letters.read_bytes().splitlines()))
        self.delivered: list[str] = []

    def by_imgate(self) -> float:
        """Make a share of the waiting messages due, and wait until the worker is done with it."""
        share = next(self._ours)
        self._sql("UPDATE outbox SET due_at = ? WHERE exchange = ?", [(_written(datetime.now(UTC)), each) for each in share.digests])
        deadline = time.monotonic() + _ENDS_WITHIN
        while self._receiver.asked("/count") < len(share.digests):
            check(time.monotonic() < deadline, "the worker did not deliver in time")
            time.sleep(0.1)
        time.sleep(0.5)  # the last attempts are put on record; what came twice would come now
        self.delivered += share.digests
        return self._receiver.rate(share.digests)

    def by_loop(self) -> float:
        """Let the bare loop post the same share."""
        share = next(self._bare)
        job = {"url": self._receiver.url, "letters": str(share.letters), "connections": CONNECTIONS}
        done = subprocess.run(
            [sys.executable, str(_BARE_LOOP)], input=json.dumps(job), capture_output=True, text=True, timeout=_ENDS_WITHIN
        )
        check(done.returncode == 0, f"the bare loop failed: {done.stderr[-500:]}")
        check(json.loads(done.stdout) == {"204": len(share.digests)}, "the bare loop was not always answered 204")
        return self._receiver.rate(share.digests)

    def _sql(self, statement: str, values: Sequence[tuple[str, str]]) -> None:
        with closing(sqlite3.connect(self._office.database, timeout=30)) as connection, connection:
            connection.executemany(statement, values)


def _processor_seconds(worker: Running) -> float:
    """Give the processor time of a worker and of the carrier that it started."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    carriers = [Running(int(pid)) for pid in children.read_text(encoding="ascii").split()] if children.exists() else []
    return sum(one.processor_seconds() for one in (worker, *carriers))


def _prepared(office: Office, messages: int, shares: int) -> list[Share]:
    """Put messages on record, one for each of as many clients, none of them due yet; write down what leaves for the bare loop."""
    clients = messages * shares
    populate(office, clients, people.shares(sorted(ceiling())), three)
    send_all(office, [f"K-{number}" for number in range(clients)])
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.transaction() as tx:
        driver = tx.session.driver
        driver.execute("UPDATE outbox SET due_at = ?", (_written(datetime.now(UTC) + timedelta(days=1)),))
        waiting = [row[0] for row in driver.execute("SELECT exchange FROM outbox ORDER BY position")]
        check(len(waiting) == clients, f"{len(waiting)} messages wait instead of {clients}")
        return [_share(tx, waiting[start : start + messages], office.folder / f"{start}.letters") for start in range(0, clients, messages)]


def _share(tx: SqlTransaction, waiting: Sequence[str], letters: Path) -> Share:
    digests = {}
    key, at = secret_key(_SECRET), int(time.time())
    with letters.open("wb") as file:
        for exchange in waiting:
            item, box = tx.outbox.get(people.PARTNER, exchange), tx.outbox.box(exchange)
            client = None if item is None else tx.clients.by_digest(item.exchange.client)
            if item is None or box is None or client is None:
                raise CheckFailed("a message that waits has no content")
            body = open_message(client, exchange, box)
            headers = {**signed_headers([key], exchange, at, body), "content-type": item.media_type, "user-agent": "imgate"}
            digests[exchange] = hashlib.sha256(body).hexdigest()
            file.write(orjson.dumps({"headers": headers, "body": body.decode()}) + b"\n")
    return Share(digests, letters)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
