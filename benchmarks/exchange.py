"""A whole enforced exchange, against a bare FastAPI endpoint that validates and echoes the same body.

Both sides are one server process each, run by the same code with the same flags; `imgate serve` with its worker beside it, on SQLite with
WAL and `synchronous=FULL`. Every 201 is kept, and looked up in the database when the server has ended.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import people, steps
from benchmarks.found import found_in_bytes, found_in_database
from benchmarks.gateway import Office, ceiling, closed
from benchmarks.processes import Outcome, free_port, load, own, server
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise

CLIENTS = 50
AIM = 0.5


def measure(*, quick: bool = False) -> list[Row]:
    """Set the gateway up, measure in rounds, check what was done, and measure the steps in it."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-exchange-"))
    try:
        return _measure(folder, rounds=5 if quick else 9, seconds=1.5 if quick else 4.0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, rounds: int, seconds: float) -> list[Row]:
    record, allowed = people.case_record(), ceiling()
    present = [f"{section}.{item}" for section, items in record.items() for item in items]
    expected = [scope for scope in present if scope in allowed]
    office = Office.configured(folder, closed(allowed))
    case_system, partner = office.access("--role", "case-system"), office.access("--role", "partner", "--partner", people.PARTNER)
    clients = [f"K-2026-{number:04}" for number in range(CLIENTS)]
    bodies = folder / "bodies"
    bodies.write_bytes(b"".join(_body(client, record) + b"\n" for client in clients))
    answers = folder / "answers"
    ports = {"echo": free_port(), "raw": free_port()}
    outcomes: dict[str, list[Outcome]] = {"imgate": [], "echo": [], "raw": []}

    def bare(name: str) -> Callable[[], float]:
        def side() -> float:
            outcomes[name].append(load(ports[name], bodies, {"Authorization": "Bearer none"}, seconds))
            return outcomes[name][-1].per_second

        return side

    def ours() -> float:
        outcome = load(office.port, bodies, {"Authorization": f"Bearer {office.token(case_system)}"}, seconds, answers)
        outcomes["imgate"].append(outcome)
        return outcome.per_second

    with (
        server(own("echo", ports["echo"]), ports["echo"], folder / "echo.log"),
        server(own("raw", ports["raw"]), ports["raw"], folder / "raw.log"),
        office.serving(),
    ):
        with office.calling(case_system) as caller:
            for client in clients:
                caller.introduce(client, expected)
        for warm in (ours, bare("echo"), bare("raw")):
            warm()
        for kept in outcomes.values():
            kept.clear()
        enforced, echoed, raw = interleaved(rounds, ours, bare("echo"), bare("raw"))
        with office.calling(partner) as caller:
            shown = caller.call("GET", f"/v1/partners/{people.PARTNER}/outbox?limit={CLIENTS}")["items"]
    for name, status in (("imgate", "201"), ("echo", "201"), ("raw", "200")):
        check(all(set(outcome.statuses) == {status} for outcome in outcomes[name]), f"{name} did not always answer {status}")
    made = [json.loads(line) for line in answers.read_bytes().splitlines()]
    withheld = set(present) - set(expected)
    for answer in made:
        check(sorted(answer["released"]) == sorted(expected), "an exchange did not release every scope of the ceiling")
        check({each["scope"] for each in answer["withheld"]} == withheld, "an exchange withheld something else")
    found_in_bytes(shown, expected, record)
    found_in_database(office, [answer["id"] for answer in made], len(clients))
    p99 = statistics.median(outcome.p99_ms for outcome in outcomes["imgate"])
    return [
        promise(
            f"POST /v1/exchanges, {len(expected)} of {len(allowed)} scopes (reference: FastAPI echo; aim {AIM:.2f})",
            statistics.median(enforced),
            "1/s",
            statistics.median(echoed),
            median_ratio(enforced, echoed),
            Goal("at least", 0.30),
        ),
        promise(
            "load client on a raw ASGI answer (reference: FastAPI echo)",
            statistics.median(raw),
            "1/s",
            statistics.median(echoed),
            median_ratio(raw, echoed),
            Goal("at least", 3),
        ),
        note(f"  exchanges found in the database, with audit entry and MAC ({people.DECLARATIONS} declarations each)", len(made), ""),
        note("  99th percentile of an exchange, 32 at once", p99, "ms", statistics.median(o.p99_ms for o in outcomes["echo"])),
        *steps.measure(office, bodies, clients),
    ]


def _body(client: str, record: object) -> bytes:
    content = {"client": client, "partner": people.PARTNER, "purpose": people.PURPOSE, "record": record}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
