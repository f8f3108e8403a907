"""A hundred thousand rows of Jobkraftwerk: reading them against csv by hand, and importing them with the memory that it takes.

By hand means: `csv.reader` and straight-line code that knows the fourteen columns by their numbers, looks the words up in the same lists,
and remembers each phone number that it saw. It checks the records by the record's own types, as we do, but reports no line, compares
no rows of one person, finds out neither encoding nor delimiter, guards against nothing, and reads the file once and not twice. (We
check each row, to name its line, and then each person.)

Half of the people in the file are known and have allowed everything; the other half nobody knows. Memory is the process's own (RssAnon),
with 100,000 rows against 10,000: the pages of the database that the system maps into it belong to the system, and are shown beside it. What
grows is the database's page cache for the connection that writes, until its 16 MiB are full, and some thirty bytes a row that say where it
stands.
"""

import csv
import gc
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import phonenumbers

from benchmarks import people
from benchmarks.gateway import IMGATE, Office
from benchmarks.populated import populate
from benchmarks.processes import free_port
from benchmarks.stored_rows import one
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.files import parts_of
from imgate.adapters.registry import load_plugins
from imgate.record.validation import validate_record

_HEADER = (
    *("Klient-Nr.", "Nachname", "Vorname", "Geburtsdatum", "Staatsangehörigkeit", "Aufenthaltsstatus", "gültig bis"),
    *("Sprachniveau", "Nachweis", "Arbeit", "Wohnsituation", "pAp Jobcenter", "Telefon pAp", "Letztes Gespräch"),
)
_SCOPES = (
    *("person.name", "person.birth", "person.nationality", "residence.status", "language.level", "work.status"),
    *("housing.situation", "contact_persons.jobcenter"),
)
_PEOPLE_AT_ONCE = 500
_MIB = 1024 * 1024
_LOOKS_EACH = 0.02


def measure(*, quick: bool = False) -> list[Row]:
    """Read a file in both ways, then import a small and the large one."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-jobkraftwerk-"))
    try:
        small, large = (200, 2_000) if quick else (10_000, 100_000)
        return [*read(folder, large, rounds=3), *imported(folder, small, large)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read(folder: Path, rows: int, *, rounds: int) -> list[Row]:
    """Read a file through the adapter as an import does, and by hand, after comparing the people that come out."""
    adapter = load_plugins(listed={"jobkraftwerk"}).adapter("jobkraftwerk", {})
    sample, file = folder / "sample.csv", folder / "rows.csv"
    write(sample, 1_000)
    write(file, rows)
    check(dict(_through_the_adapter(adapter, sample)) == dict(by_hand(adapter, sample)), "what was read by hand is something else")

    gc.freeze()  # as the import does; both sides gain by it

    def ours() -> float:
        begun = time.perf_counter()
        found = sum(1 for _ in _through_the_adapter(adapter, file))
        check(found == rows, f"{found} people instead of {rows}")
        return (time.perf_counter() - begun) * 1e6 / rows

    def hand() -> float:
        begun = time.perf_counter()
        found = sum(1 for _ in by_hand(adapter, file))
        check(found == rows, f"{found} people instead of {rows}")
        return (time.perf_counter() - begun) * 1e6 / rows

    adapters, hands = interleaved(rounds, ours, hand)
    gc.unfreeze()
    name = f"Jobkraftwerk: cut and read {rows:,} rows of {len(_HEADER)} columns (reference: csv by hand)"
    return [note(name, statistics.median(adapters), "µs/row", statistics.median(hands), median_ratio(adapters, hands))]


def write(path: Path, rows: int) -> int:
    """Write one row for each person, hardly two of them alike; give the size."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow(_HEADER)
        writer.writerows(_row(number) for number in range(rows))
    return path.stat().st_size


def _row(number: int) -> tuple[str, ...]:
    day, month, year = number % 28 + 1, number % 12 + 1, 1950 + number % 59
    born = (f"{day:02}.{month:02}.{year}", f"{month:02}.{year}", str(year))[number % 3]
    return (
        *(f"R-{number}", f"Müßig-{'abcdefghij'[number % 10]}{'klmnopqrst'[number // 10 % 10]}", "Rīm", born),
        *(("Syrien", "Ukraine", "Afghanistan")[number % 3], "Aufenthaltserlaubnis", f"{day:02}.{month:02}.2027", "B1", "DTZ"),
        *(("arbeitsuchend", "Schule", "Teilzeit")[number % 3], "eigene Wohnung", "Frau Weiß", f"07151 95{number % 50:02}", "10.01.2026"),
    )


def _through_the_adapter(adapter: LoadedAdapter, path: Path) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        parts = parts_of(adapter, file, _PEOPLE_AT_ONCE)
        check(parts is not None, "the file is not cut")
        for part in parts.each:  # type: ignore[union-attr]  # checked
            for person in adapter.read(part.content, "text/csv").people:
                yield person.reference, person.record


def by_hand(adapter: LoadedAdapter, path: Path) -> Iterator[tuple[str, Any]]:
    """Read such a file with `csv.reader` and straight-line code, and check each record by the record's own types."""
    words: Mapping[str, Any] = adapter.translator.mapping.words  # type: ignore[attr-defined]  # this plugin's
    states, titles, levels, proofs, works, homes = (
        words[name].by_word for name in ("state", "residence_status", "cefr", "evidence", "work_status", "housing")
    )
    phones: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=";", strict=True)
        next(rows)
        for reference, family, given, born, state, title, until, level, proof, work, home, contact, phone, _ in rows:
            number = phones.get(phone)
            if number is None:
                parsed = phonenumbers.parse(phone, "DE")
                number = phones[phone] = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            record = {
                "person": {
                    "name": {"family": family.strip(), "given": given.strip()},
                    "birth": {"date": _iso(born)},
                    "nationality": [states[state.strip().casefold()]],
                },
                "contact_persons": {
                    "jobcenter": {"name": {"family": contact.removeprefix("Frau ")}, "channels": [{"kind": "phone", "value": number}]}
                },
                "residence": {"status": {"code": titles[title.strip().casefold()], "until": _iso(until)}},
                "language": {"level": {"cefr": levels[level.strip().casefold()], "evidence": proofs[proof.strip().casefold()]}},
                "work": {"status": {"kind": works[work.strip().casefold()]}},
                "housing": {"situation": {"kind": homes[home.strip().casefold()]}},
            }
            yield reference.strip(), validate_record(record)


def _iso(german: str) -> str:
    return "-".join(reversed(german.strip().split(".")))


@dataclass(frozen=True, slots=True)
class Import:
    """What one import took. ``own`` and ``resident`` are the peaks of memory in MiB: without and with mapped pages of files."""

    per_second: float
    own: float
    resident: float


def imported(folder: Path, small: int, large: int) -> list[Row]:
    """Import a small and a large file into two databases in which half of the people are known, each in a process of its own."""
    runs = []
    for rows in (small, large):
        office = _office(folder / str(rows))
        populate(office, rows // 2, [sorted(_SCOPES)], one)
        size = write(office.folder / "rows.csv", rows)
        runs.append(_import(office, rows))
    little, much = runs
    return [
        note(f"  messages import, {large:,} rows, {size / _MIB:.0f} MiB, half of the people known", much.per_second, "rows/s"),
        promise(
            f"  peak of its own memory (reference: {small:,} rows)",
            much.own,
            "MiB",
            little.own,
            much.own / little.own,
            Goal("at most", 2),
        ),
        note("  the same with the pages of the database that are mapped into it", much.resident, "MiB", little.resident),
    ]


def _office(folder: Path) -> Office:
    folder.mkdir()
    (folder / "imgate.toml").write_text(
        f"""[gateway]
id = "im-winnenden"
name = "{people.UNIT}"

[partners.{people.PARTNER}]
adapter = "jobkraftwerk"
name = "{people.PARTNER_NAME}"
purpose = "{people.PURPOSE}"
""",
        encoding="utf-8",
    )
    return Office(folder, free_port())


def _import(office: Office, rows: int) -> Import:
    """Run the command as an operator does, and look at what it says and at what is in the database."""
    begun, own, resident = time.perf_counter(), 0, 0
    with (office.folder / "import.log").open("ab") as log:
        process = subprocess.Popen(
            [IMGATE, "messages", "import", people.PARTNER, str(office.folder / "rows.csv")],
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **office.environment},
        )
    # Not ru_maxrss: of a process that was started by a larger one it tells the larger one's memory.
    while process.poll() is None:
        own, resident = max(own, _kibibytes(process.pid, "RssAnon:")), max(resident, _kibibytes(process.pid, "VmHWM:"))
        time.sleep(_LOOKS_EACH)
    took = time.perf_counter() - begun
    with closing(process.stdout) as output:  # type: ignore[type-var]  # a pipe was asked for
        said = output.read()  # type: ignore[union-attr]  # as above
    check(process.returncode == 0, f"the import failed: {(office.folder / 'import.log').read_text(errors='replace')[-300:]}")
    expected = {"people": rows, "taken": rows // 2, "withheld": 0, "unknown": rows - rows // 2, "refused": 0, "problem_count": 1}
    report = json.loads(said)
    found = {name: report[name] for name in expected}
    check(found == expected, f"the import says {found}")
    return Import(rows / took, own / 1024, resident / 1024)


def _kibibytes(pid: int, what: str) -> int:
    """Give a line of what the system says of a process's memory; 0 where it does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(what)), 0)
