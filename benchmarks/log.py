"""The audit log: what its proof state costs where an entry is appended, and verifying a million entries.

Appending: 64 tasks append events through the store's group commit, as an exchange does. The reference writes the same content in the same
way into a table of the same columns, whose leaf, MACs and place are ready-made bytes: no hash, no MAC, no place given in order, no index on
places, no tiles. It is inserted where it arises. Entries are written together when their transaction ends, which is a gain of its own: a
second reference does that too, so that the difference is the proof state and nothing else. On PostgreSQL the clock stops when the
sequencer, which runs beside the writers as in a worker, has placed everything.

Verifying: what an auditor does with an export and a checkpoint, and what `imgate audit verify` does with rows of the database once it has
read them. The reference hashes the same entries once, in memory, one call of SHA-256 for each.
"""

import asyncio
import hashlib
import itertools
import os
import shutil
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks import people
from benchmarks.gateways import postgresql
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.audit.entry import content_of
from imgate.audit.events import Event, EventName
from imgate.audit.verify import (
    AuditEntry,
    Checkpoint,
    SignatureKind,
    Tree,
    Verification,
    VerifierKey,
    entry_mac,
    leaf_hash,
    place_mac,
    verify_export,
)
from imgate.exchange.ports import Transaction
from imgate.keys import Keyring
from imgate.storage import SqlStore, open_store
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.engine import fold_log, is_sqlite, make_engine
from imgate.storage.migrate import upgrade
from imgate.storage.proof import place_entries, verify_store
from imgate.storage.statement import insert_into
from imgate.storage.transaction import SqlTransaction

IN_FLIGHT = 64
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

PLAIN = sa.Table(
    "plain_log",
    sa.MetaData(),
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("mac", sa.LargeBinary, nullable=False),
    sa.Column("place", sa.BigInteger),
    sa.Column("place_mac", sa.LargeBinary),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
_INSERT = insert_into(PLAIN, "id", "leaf", "mac", "place", "place_mac", "entry")
_READY = os.urandom(32)


def measure(*, quick: bool = False) -> list[Row]:
    """Append on both databases, and verify."""
    entries, rounds = (3_000, 3) if quick else (20_000, 9)
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-log-"))
    try:
        rows = appended("SQLite", f"sqlite:///{folder / 'log.db'}", entries, rounds)
        with postgresql() as address:
            rows += appended("PostgreSQL", address, entries, rounds)
        return rows + verified(folder, *((100_000, 3) if quick else (1_000_000, 5)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def event(number: int) -> Event:
    """One that is as long as those of exchanges are."""
    fields = {
        "exchange": str(uuid.UUID(int=number)),
        "partner": people.PARTNER,
        "purpose": people.PURPOSE,
        "released": ["person.name", "language.level", "contact.address", "residence.status"],
        "withheld": ["health.constraints:scope_closed"],
        "declarations": [str(uuid.UUID(int=number))],
        "sha256": "a" * 64,
    }
    return Event(EventName.EXCHANGE_PERMITTED, AT, "case-system", f"{number:032x}", fields)


def appended(database: str, url: str, entries: int, rounds: int) -> list[Row]:
    """Append so many in each round, with proof state and without, in turn."""
    if url.startswith("postgresql"):
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
    keyring = Keyring.made(date.today())  # noqa: DTZ011  # a name on a key that lives for minutes
    store = open_store(url, keyring, people.ZONE)
    try:
        PLAIN.metadata.create_all(store.engine)
        events = [event(number) for number in range(entries)]
        numbers = itertools.count()

        def proven(each: Event) -> Callable[[Transaction], None]:
            return lambda tx: _prove(tx, each)

        def plain(each: Event) -> Callable[[Transaction], None]:
            return lambda tx: _insert(tx, each, next(numbers))

        def together(each: Event) -> Callable[[Transaction], None]:
            return lambda tx: _append(tx, each)

        def side(job: Callable[[Event], Callable[[Transaction], None]]) -> Callable[[], float]:
            def run() -> float:
                fold_log(store.engine) if is_sqlite(store.engine.dialect) else None
                begun = time.perf_counter_ns()
                with _sequencer(store, url, keyring):
                    asyncio.run(_all(store, [job(each) for each in events]))
                return (time.perf_counter_ns() - begun) / entries / 1000

            return run

        side(proven)(), side(plain)(), side(together)()
        figures, references, batched = interleaved(rounds, side(proven), side(plain), side(together))
        report = verify_store(store)
        check(report.sound and report.checkpoint.size == entries * (rounds + 1), "the log does not verify, or is not whole")
        with store.reading() as tx:
            tiles = tx.session.driver.execute("SELECT count(*) FROM audit_tiles WHERE level = 1").fetchone()[0]
            inserted = tx.session.driver.execute("SELECT count(*) FROM plain_log").fetchone()[0]
        check(tiles == report.checkpoint.size // 256, "tiles are missing")
        check(inserted == 2 * report.checkpoint.size, "the plain table does not hold as many")
    finally:
        store.close()
    return [
        promise(
            f"log append, {database}, {IN_FLIGHT} in flight, with proof state (reference: plain insert of the same row)",
            statistics.median(figures),
            "µs",
            statistics.median(references),
            median_ratio(figures, references),
            Goal("at most", 1.15),
        ),
        note(
            "  (reference: the plain rows written together, too)",
            statistics.median(figures),
            "µs",
            statistics.median(batched),
            median_ratio(figures, batched),
        ),
    ]


def _insert(tx: Transaction, each: Event, number: int) -> None:
    if not isinstance(tx, SqlTransaction):
        raise TypeError
    entry, content = content_of(each)
    _INSERT.run(tx.session, id=entry, leaf=_READY, mac=_READY, place=number, place_mac=_READY, entry=content)


class _PlainLog(SqlAuditLog):
    """Writes when the transaction ends, as the log does, into the plain table."""

    def write(self) -> None:
        """Write what was appended."""
        rows = [(entry, _READY, _READY, 0, _READY, content) for entry, content in self._on.unwritten]
        self._on.unwritten.clear()
        if rows:
            _INSERT.rows(self._on, rows)


def _append(tx: Transaction, each: Event) -> None:
    if not isinstance(tx, SqlTransaction):
        raise TypeError
    if not isinstance(tx.audit_log, _PlainLog):  # once for each connection
        tx.audit_log = _PlainLog(tx.session)
    tx.audit(each)


def _prove(tx: Transaction, each: Event) -> None:
    if not isinstance(tx, SqlTransaction):
        raise TypeError
    if isinstance(tx.audit_log, _PlainLog):
        tx.audit_log = SqlAuditLog(tx.session)
    tx.audit(each)


async def _all(store: SqlStore, jobs: Sequence[Callable[[Transaction], None]]) -> None:
    due = iter(jobs)

    async def one() -> None:
        for job in due:
            await store.commit(job)

    await asyncio.gather(*(one() for _ in range(IN_FLIGHT)))


@contextmanager
def _sequencer(store: SqlStore, url: str, keyring: Keyring) -> Iterator[None]:
    """Place entries beside what is done here, as often as a worker does, and what is left at the end."""
    if is_sqlite(store.engine.dialect):
        yield
        return
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(1.5):
            place_entries(store)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    place_entries(store)


def verified(folder: Path, entries: int, rounds: int) -> list[Row]:
    """Verify so many entries, each way."""
    key = os.urandom(32)
    rows = [_placed(key, place) for place in range(entries)]
    contents = [row.content for row in rows]
    tree = Tree([row.leaf for row in rows])
    log = VerifierKey("imgate/bench", SignatureKind.LOG, bytes(32))
    kept = [Checkpoint(log.name, entries, tree.root(entries))]
    export = folder / "export.jsonl"
    with export.open("wb") as out:
        out.write(b'{"format":"imgate-audit-export/1","origin":"%b","vkey":"%b"}\n' % (log.name.encode(), str(log).encode()))
        out.writelines(b'{"place":%d,"leaf":"%b","entry":%b}\n' % (row.place or 0, row.leaf.hex().encode(), row.content) for row in rows)
    whole = b"".join(contents)

    def from_export() -> None:
        with export.open("rb") as lines:
            report = verify_export(lines, log, kept)
        check(report.sound and report.proven == entries, "the export does not verify")

    def from_rows(covered: int) -> Callable[[], None]:
        def work() -> None:
            verification = Verification(key, covered)
            verification.take(rows)
            report = verification.conclude(kept)
            check(report.sound and report.proven == entries, "the rows do not verify")

        return work

    def hashed() -> None:
        for content in contents:
            hashlib.sha256(content).digest()

    sides = [_seconds(work) for work in (from_export, from_rows(entries), from_rows(0), hashed, lambda: hashlib.sha256(whole).digest())]
    exported, quick, full, once, piece = interleaved(rounds, *sides)
    reference = statistics.median(once)
    return [
        promise(
            f"log verify, {entries:,} entries of an export on disk, with a checkpoint (reference: hashing each once)",
            statistics.median(exported),
            "s",
            reference,
            median_ratio(exported, once),
            Goal("at most", 3),
        ),
        promise(
            "  rows of the database, in memory, with a checkpoint and without the MACs it covers",
            statistics.median(quick),
            "s",
            reference,
            median_ratio(quick, once),
            Goal("at most", 3),
        ),
        note("  the same with two MACs of each", statistics.median(full), "s", reference, median_ratio(full, once)),
        note(
            f"  the export (reference: all of its {len(whole) / 1e6:,.0f} MB of entries hashed in one piece)",
            statistics.median(exported),
            "s",
            statistics.median(piece),
            median_ratio(exported, piece),
        ),
    ]


def _placed(key: bytes, place: int) -> AuditEntry:
    entry_id, content = content_of(event(place))
    leaf = leaf_hash(content)
    return AuditEntry(entry_id, content, leaf, entry_mac(key, leaf), place, place_mac(key, place, entry_id, leaf))


def _seconds(work: Callable[[], object]) -> Callable[[], float]:
    def side() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    return side
