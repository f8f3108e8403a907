"""A whole enforced exchange, against a bare FastAPI endpoint that validates and echoes the same body.

Both sides are one server process each with the same flags; `imgate serve` has its worker beside it, and SQLite as production opens it: WAL,
`synchronous=FULL`. Every 201 is kept, and looked up in the database when the server has ended.

Between the rounds, unmeasured, the partner fetches and acknowledges what waits, as a partner does: no exchange of the promised row finds a
message about its client that still waits. What it costs where each one does, and overtakes it, is a row of its own.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from benchmarks import people, steps
from benchmarks.finished import finish
from benchmarks.found import found_in_bytes, found_in_database
from benchmarks.gateway import Office, ceiling, closed
from benchmarks.populated import populate, request_about, send_together
from benchmarks.processes import CONNECTIONS, Outcome, Running, free_port, load, own, server
from benchmarks.stored_rows import three
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.bootstrap import Gateway, open_gateway
from imgate.settings import load_settings
from imgate.storage.engine import fold_log
from imgate.vocabulary.words import Role

CLIENTS = 50  # about whom a message always waits
A_SECOND = 3_000  # clients for each second of a round: more than anybody here can post about
AIM = 0.5


def measure(*, quick: bool = False) -> list[Row]:
    """Set the gateway up, measure in rounds, check what was done, and measure the steps in it."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-exchange-"))
    try:
        return enforced(folder, seconds=1.0 if quick else 2.0, rounds=5 if quick else 9)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def enforced(folder: Path, *, seconds: float, rounds: int, clients: int | None = None) -> list[Row]:
    """Measure rounds of so many seconds; with fewer ``clients`` than can be posted about in one, the check fails."""
    setting = Setting(folder, seconds, round(seconds * A_SECOND) if clients is None else clients)
    with open_gateway(load_settings(folder / "imgate.toml"), make_keys=False) as partner:
        return _measure(setting, partner, rounds)


@dataclass
class Setting:
    """The gateway, its clients and what is posted about them."""

    folder: Path
    seconds: float
    clients: int
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record, self.allowed = people.case_record(), ceiling()
        self.present = [f"{section}.{item}" for section, items in self.record.items() for item in items]
        self.expected = [scope for scope in self.present if scope in self.allowed]
        self.office = Office.configured(self.folder, closed(self.allowed))
        populate(self.office, CLIENTS + self.clients, people.shares(self.expected), three)
        self.case_system = self.office.access(Role.CASE_SYSTEM)
        self.partner = self.office.access(Role.PARTNER, people.PARTNER)
        self.few = [f"K-{number}" for number in range(CLIENTS)]
        self.many = [f"K-{CLIENTS + number}" for number in range(self.clients)]
        self.bodies, self.bodies_of_few = self.folder / "bodies", self.folder / "bodies-of-few"
        self._write(self.bodies, self.many)
        self._write(self.bodies_of_few, self.few)

    def _write(self, file: Path, clients: list[str]) -> None:
        file.write_bytes(b"".join(body_about(client, self.record) + b"\n" for client in clients))

    def bare(self, name: str, running: Running, port: int) -> Callable[[], float]:
        """Load one of the references."""
        return lambda: self._load(name, running, port, "none", self.bodies, keep=False)

    def ours(self, running: Running, partner: Gateway) -> Callable[[], float]:
        """Load imgate about clients for whom nothing waits, going on with those whose turn it is."""

        def loaded() -> float:
            self.fetched(partner)
            rate = self._load("imgate", running, self.office.port, self.office.token(self.case_system), self.bodies, keep=True)
            had = sum(self.outcomes["imgate"][-1].statuses.values()) % self.clients
            self.many = self.many[had:] + self.many[:had]
            self._write(self.bodies, self.many)
            return rate

        return loaded

    def overtaking(self, running: Running) -> Callable[[], float]:
        """Load imgate about the few clients for whom a message waits each time."""
        return lambda: self._load(
            "overtaking", running, self.office.port, self.office.token(self.case_system), self.bodies_of_few, keep=True
        )

    def fetched(self, partner: Gateway) -> None:
        """Be the partner that fetches and acknowledges everything; then let one message about each of the few clients wait again.

        What thousands of acknowledgements in a row wrote to the database's log is folded at once: left to the worker, it would be
        folded while the next round is measured.
        """
        while finish(partner):
            pass
        request = request_about("K-0")
        uvloop.run(send_together(partner.corridor, [request.model_copy(update={"client": client}) for client in self.few]))
        fold_log(partner.store.engine)

    def _load(self, name: str, running: Running, port: int, token: str, bodies: Path, *, keep: bool) -> float:
        answers = self.answers(name) if keep else None
        outcome = load([running], [port], bodies, {"Authorization": f"Bearer {token}"}, self.seconds, answers)
        self.outcomes.setdefault(name, []).append(outcome)
        return outcome.per_second

    def answers(self, name: str) -> Path:
        """Name the file of all answers to one side."""
        return self.folder / f"answers-{name}"

    def median(self, name: str, figure: Callable[[Outcome], float]) -> float:
        """Give the median of one figure over the rounds."""
        return statistics.median(figure(outcome) for outcome in self.outcomes[name])


def body_about(client: str, record: Mapping[str, object]) -> bytes:
    """Write what the case system posts."""
    content = {"client": client, "partner": people.PARTNER, "purpose": people.PURPOSE, "record": record}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _measure(setting: Setting, partner: Gateway, rounds: int) -> list[Row]:
    echo_port, raw_port = free_port(), free_port()
    folder, office = setting.folder, setting.office
    with (
        server(own("echo", echo_port), echo_port, folder / "echo.log") as echo,
        server(own("raw", raw_port), raw_port, folder / "raw.log") as raw,
        office.serving() as imgate,
    ):
        sides = (
            setting.ours(imgate, partner),
            setting.overtaking(imgate),
            setting.bare("echo", echo, echo_port),
            setting.bare("raw", raw, raw_port),
        )
        for warm in sides:
            warm()
        setting.outcomes.clear()
        alone, overtook, echoed, answered = interleaved(rounds, *sides)
        with office.calling(setting.partner) as caller:
            shown = caller.call("GET", f"/v1/partners/{people.PARTNER}/outbox?limit=500")["items"]
    for name, status in (("imgate", "201"), ("overtaking", "201"), ("echo", "201"), ("raw", "200")):
        check(all(set(outcome.statuses) == {status} for outcome in setting.outcomes[name]), f"{name} did not always answer {status}")
    found_in_bytes(shown, setting.expected, setting.record)
    made, overtakers = _answered(setting, "imgate"), _answered(setting, "overtaking")
    found_in_database(office, made, overtakers)
    while finish(partner):  # nothing waits for the clients of the steps either
        pass
    return [
        promise(
            f"POST /v1/exchanges, {len(setting.expected)} of {len(setting.allowed)} scopes (reference: FastAPI echo; aim {AIM:.2f})",
            statistics.median(alone),
            "1/s",
            statistics.median(echoed),
            median_ratio(alone, echoed),
            Goal("at least", 0.30),
        ),
        note(
            "  where each overtakes a message that waits, and nobody fetches (reference: FastAPI echo)",
            statistics.median(overtook),
            "1/s",
            statistics.median(echoed),
            median_ratio(overtook, echoed),
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
        note("  that overtook one each, and found so; of the others none did", len(overtakers), "201s"),
        note("  processor time of the server (reference: echo)", *_beside(setting, lambda outcome: outcome.processor_us)),
        note(f"  99th percentile, {CONNECTIONS} at once (reference: echo)", *_beside(setting, lambda outcome: outcome.p99_ms, "ms")),
        *steps.measure(office, setting.bodies),
    ]


def _beside(setting: Setting, figure: Callable[[Outcome], float], unit: str = "µs") -> tuple[float, str, float | None]:
    return setting.median("imgate", figure), unit, setting.median("echo", figure) or None


def _answered(setting: Setting, name: str) -> list[str]:
    """Look into every answer to one side; give the ids."""
    withheld = sorted(set(setting.present) - set(setting.expected))
    ids = []
    for line in setting.answers(name).read_bytes().splitlines():
        answer = json.loads(line)
        check(sorted(answer["released"]) == sorted(setting.expected), "an exchange did not release every scope of the ceiling")
        check(sorted(each["scope"] for each in answer["withheld"]) == withheld, "an exchange withheld something else")
        check(answer["state"] == "queued" and len(answer["declarations"]) == people.DECLARATIONS, "an exchange rests on something else")
        ids.append(answer["id"])
    return ids
