"""`imgate updates import` with 100,000 clients: rows a second, and whether its memory grows with the file.

Each line is the whole case record of one client, of which one partner has subscribed three scopes. In the first import all of them are
new; in the second the same file is read again, and nothing has changed. Memory is the process's own (RssAnon): the pages of the database
that the system maps into it belong to the system, and are shown beside it.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import people
from benchmarks.gateway import IMGATE, Office, ceiling, closed
from benchmarks.populated import populate
from benchmarks.stored_rows import one
from benchmarks.table import Row, check, note
from imgate.audit.verify import verify_log
from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.storage.audit_log import SqlAuditLog

SUBSCRIBED = ("person.name", "language.level", "contact.address")
_LOOKS_EACH = 0.02


def measure(*, quick: bool = False) -> list[Row]:
    """Make clients, and import a small and a large file."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-updates-"))
    try:
        return small_and_large(folder, *((200, 2_000) if quick else (10_000, 100_000)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Import:
    """What one import took. ``own`` and ``resident`` are the peaks of memory in MB: without and with mapped pages of files."""

    per_second: float
    own: float
    resident: float


def small_and_large(folder: Path, small: int, large: int) -> list[Row]:
    """Import the records of some clients, then those of many others, then those of the many again."""
    record = people.case_record()
    subscriptions = json.dumps(list(SUBSCRIBED))
    office = Office.configured(folder, closed(ceiling()), subscriptions=f'[{{ purpose = "{people.PURPOSE}", scopes = {subscriptions} }}]')
    populate(office, small + large, [sorted(ceiling())], one)
    few, many = folder / "few.ndjson", folder / "many.ndjson"
    few_bytes = _write(few, range(small), record)
    many_bytes = _write(many, range(small, small + large), record)
    check(few_bytes * 5 < many_bytes, "the files are alike")
    little = _imported(office, few, lines=small, exchanges=small)
    first = _imported(office, many, lines=large, exchanges=large)
    again = _imported(office, many, lines=large, exchanges=0)
    _found(office, small + large)
    name = f"updates import, {large:,} clients, {len(SUBSCRIBED)} scopes new for one partner"
    return [
        note(name, first.per_second, "rows/s"),
        note("  the same file again, nothing changed (reference: the first time)", again.per_second, "rows/s", first.per_second),
        note(f"  peak of its own memory (reference: {small:,} clients)", first.own, "MB", little.own),
        note("  the same with the pages of the database that are mapped into it", first.resident, "MB", little.resident),
        note("  exchanges found in the database, with message, known values and audit entry", small + large, "exchanges"),
    ]


def _write(file: Path, clients: range, record: object) -> int:
    """Write one line for each client; give the size."""
    before, after = orjson.dumps({"client": "?", "record": record}).split(b"?", 1)
    with file.open("wb") as lines:
        lines.writelines(b"%sK-%d%s\n" % (before, number, after) for number in clients)
    return file.stat().st_size


def _imported(office: Office, file: Path, *, lines: int, exchanges: int) -> Import:
    """Run the command as an operator does."""
    begun, own = time.perf_counter(), 0
    with (office.folder / "import.log").open("ab") as log:
        process = subprocess.Popen(
            [IMGATE, "updates", "import", str(file)], stdout=subprocess.PIPE, stderr=log, env={**os.environ, **office.environment}
        )
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        own = max(own, _own_kilobytes(process.pid))
        time.sleep(_LOOKS_EACH)
    took = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    with closing(process.stdout) as output:  # type: ignore[type-var]  # a pipe was asked for
        said = output.read()  # type: ignore[union-attr]  # as above
    check(process.returncode == 0, f"the import failed: {(office.folder / 'import.log').read_text(errors='replace')[-300:]}")
    expected = {"lines": lines, "exchanges": exchanges, "unchanged": lines - exchanges, "problems": 0}
    check(json.loads(said) == expected, f"the import says {said.decode()}")
    return Import(lines / took, own / 1000, used.ru_maxrss / 1000)


def _own_kilobytes(pid: int) -> int:
    """Give the process's memory that is no file's; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")), 0)


def _found(office: Office, clients: int) -> None:
    """Check that each client has one exchange, which carries what is subscribed and nothing else, and waits."""
    released = json.dumps(sorted(SUBSCRIBED))
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway, gateway.store.reading() as tx:
        driver = tx.session.driver
        found = driver.execute("SELECT client, released FROM exchanges WHERE state = 'queued' AND attempts = 0").fetchall()
        check(len(found) == len({row[0] for row in found}) == clients, f"{len(found)} exchanges were made instead of {clients}")
        check({json.dumps(sorted(json.loads(row[1]))) for row in found} == {released}, "an update carries other scopes")
        for table in ("outbox", "known"):
            held = driver.execute(f"SELECT count(DISTINCT client) FROM {table}").fetchone()[0]  # noqa: S608  # our own tables
            check(held == clients, f"{table} holds something of {held} clients")
        entries = list(SqlAuditLog(tx.session).entries())
        check(verify_log(tx.session.vault.audit_key, entries).sound, "the audit log does not verify")
        permitted = sum(b'"event":"exchange_permitted"' in entry.content for entry in entries)
        check(permitted == clients, "an exchange has no audit entry, or several")
