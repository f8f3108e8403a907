"""A whole enforced exchange, against a bare FastAPI endpoint that validates and echoes the same body.

Both sides are one server process each with the same flags; `imgate serve` has its worker beside it, and SQLite as production opens it: WAL,
`synchronous=FULL`. Every 201 is kept, and looked up in the database when the server has ended.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import people, steps
from benchmarks.found import found_in_bytes, found_in_database
from benchmarks.gateway import Office, ceiling, closed
from benchmarks.processes import CONNECTIONS, Outcome, Running, free_port, load, own, server
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise

CLIENTS = 50
AIM = 0.5


def measure(*, quick: bool = False) -> list[Row]:
    """Set the gateway up, measure in rounds, check what was done, and measure the steps in it."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-exchange-"))
    try:
        return _measure(Setting(folder, seconds=1.5 if quick else 4.0), rounds=5 if quick else 9)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Setting:
    """The gateway, its clients and what is posted about them."""

    folder: Path
    seconds: float
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record, self.allowed = people.case_record(), ceiling()
        self.present = [f"{section}.{item}" for section, items in self.record.items() for item in items]
        self.expected = [scope for scope in self.present if scope in self.allowed]
        self.office = Office.configured(self.folder, closed(self.allowed))
        self.case_system = self.office.access("--role", "case-system")
        self.partner = self.office.access("--role", "partner", "--partner", people.PARTNER)
        self.clients = [f"K-2026-{number:04}" for number in range(CLIENTS)]
        self.bodies, self.answers = self.folder / "bodies", self.folder / "answers"
        self.bodies.write_bytes(b"".join(body_about(client, self.record) + b"\n" for client in self.clients))

    def bare(self, name: str, running: Running, port: int) -> Callable[[], float]:
        """Load one of the references."""
        return lambda: self._load(name, running, port, "none", None)

    def ours(self, running: Running) -> Callable[[], float]:
        """Load imgate, with a fresh token each time."""
        return lambda: self._load("imgate", running, self.office.port, self.office.token(self.case_system), self.answers)

    def _load(self, name: str, running: Running, port: int, token: str, answers: Path | None) -> float:
        outcome = load([running], [port], self.bodies, {"Authorization": f"Bearer {token}"}, self.seconds, answers)
        self.outcomes.setdefault(name, []).append(outcome)
        return outcome.per_second

    def median(self, name: str, figure: Callable[[Outcome], float]) -> float:
        """Give the median of one figure over the rounds."""
        return statistics.median(figure(outcome) for outcome in self.outcomes[name])


def body_about(client: str, record: Mapping[str, object]) -> bytes:
    """Write what the case system posts."""
    content = {"client": client, "partner": people.PARTNER, "purpose": people.PURPOSE, "record": record}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _measure(setting: Setting, rounds: int) -> list[Row]:
    echo_port, raw_port = free_port(), free_port()
    folder, office = setting.folder, setting.office
    with (
        server(own("echo", echo_port), echo_port, folder / "echo.log") as echo,
        server(own("raw", raw_port), raw_port, folder / "raw.log") as raw,
        office.serving() as imgate,
    ):
        with office.calling(setting.case_system) as caller:
            for client in setting.clients:
                caller.introduce(client, setting.expected)
        sides = setting.ours(imgate), setting.bare("echo", echo, echo_port), setting.bare("raw", raw, raw_port)
        for warm in sides:
            warm()
        setting.outcomes.clear()
        enforced, echoed, answered = interleaved(rounds, *sides)
        with office.calling(setting.partner) as caller:
            shown = caller.call("GET", f"/v1/partners/{people.PARTNER}/outbox?limit={CLIENTS}")["items"]
    for name, status in (("imgate", "201"), ("echo", "201"), ("raw", "200")):
        check(all(set(outcome.statuses) == {status} for outcome in setting.outcomes[name]), f"{name} did not always answer {status}")
    found_in_bytes(shown, setting.expected, setting.record)
    made = _answered(setting)
    found_in_database(office, made)
    return [
        promise(
            f"POST /v1/exchanges, {len(setting.expected)} of {len(setting.allowed)} scopes (reference: FastAPI echo; aim {AIM:.2f})",
            statistics.median(enforced),
            "1/s",
            statistics.median(echoed),
            median_ratio(enforced, echoed),
            Goal("at least", 0.30),
        ),
        promise(
            "load client on a raw ASGI answer (reference: FastAPI echo)",
            statistics.median(answered),
            "1/s",
            statistics.median(echoed),
            median_ratio(answered, echoed),
            Goal("at least", 3),
        ),
        note(f"  answered, and found in the database with audit entry and MAC; {people.DECLARATIONS} declarations each", len(made), "201s"),
        note("  processor time of the server (reference: echo)", *_beside(setting, lambda outcome: outcome.processor_us)),
        note(f"  99th percentile, {CONNECTIONS} at once (reference: echo)", *_beside(setting, lambda outcome: outcome.p99_ms, "ms")),
        *steps.measure(office, setting.bodies, setting.clients),
    ]


def _beside(setting: Setting, figure: Callable[[Outcome], float], unit: str = "µs") -> tuple[float, str, float | None]:
    return setting.median("imgate", figure), unit, setting.median("echo", figure) or None


def _answered(setting: Setting) -> list[str]:
    """Look into every answer; give the ids."""
    withheld = sorted(set(setting.present) - set(setting.expected))
    ids = []
    for line in setting.answers.read_bytes().splitlines():
        answer = json.loads(line)
        check(sorted(answer["released"]) == sorted(setting.expected), "an exchange did not release every scope of the ceiling")
        check(sorted(each["scope"] for each in answer["withheld"]) == withheld, "an exchange withheld something else")
        check(answer["state"] == "queued" and len(answer["declarations"]) == people.DECLARATIONS, "an exchange rests on something else")
        ids.append(answer["id"])
    return ids
