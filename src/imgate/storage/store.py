"""The store: held connections, one writer at a time on SQLite, and the way from a database address to a working store."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from imgate.exchange.ports import Crossed, Transaction, Unavailable
from imgate.storage.access import Accesses
from imgate.storage.commit import InlineCommit, Job, Outcome, ThreadCommit, run_together
from imgate.storage.engine import READERS_ONLY_READ, SPARING_CACHE, WRITER_CACHE, is_sqlite, make_engine
from imgate.storage.key_checks import check_keys
from imgate.storage.migrate import check_schema, upgrade
from imgate.storage.outage import Outage, came_through
from imgate.storage.people import People
from imgate.storage.session import Session
from imgate.storage.transaction import SqlTransaction
from imgate.storage.units import Units
from imgate.storage.vault import StoreKeys, Vault
from imgate.vocabulary.identifiers import NIL_UUID

T = TypeVar("T")

# PostgreSQL: deadlock_detected and serialization_failure.
_GAVE_WAY = ("40P01", "40001")
# read_only_sql_transaction: it became a standby under us.
_DEMOTED = "25006"


class SqlStore:
    """Where it is kept. ``zone`` is the gateway's time zone, in which a declaration's days begin and end.

    Connections are held and handed round, never shared: a reader's between readers, on SQLite one for all writers of
    this process under one lock. ``erasures`` is the file that remembers who was erased (see ``erase``).

    A PostgreSQL that is lost is waited for in threads. On the event loop nothing waits: ``reading`` raises Unavailable there, and whoever
    is to wait awaits ``back`` and begins anew.
    """

    def __init__(self, engine: Engine, keys: StoreKeys, zone: ZoneInfo, erasures: Path | None = None) -> None:
        self.engine = engine
        self.vault = Vault(keys)
        self.zone = zone
        self.erasures = erasures
        self.access = Accesses(self.vault, self.transaction, self.reading)
        self.people = People(self.vault, Units(self.transaction, self.reading))
        self._sqlite = is_sqlite(engine.dialect)
        self._readers: list[SqlTransaction] = []
        self._writers: list[SqlTransaction] = self._readers if not self._sqlite else []
        self._turn = threading.Lock()
        self._owner: int | None = None
        self._outage = Outage()
        self._restocking = threading.Lock()
        self._commit: InlineCommit | ThreadCommit = InlineCommit(self._turn, self._batch) if self._sqlite else ThreadCommit(self._batch)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Begin a unit of work that writes; commits at the end, rolls back when something is raised. Blocks: not for the loop."""
        if not self._sqlite:
            with self._writing() as tx:
                yield tx
            return
        if self._owner == threading.get_ident():
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        with self._turn:
            self._owner = threading.get_ident()
            try:
                with self._writing() as tx:
                    yield tx
            finally:
                self._owner = None

    def reading(self) -> "Lent":
        """Begin a unit of work that only reads, on one snapshot."""
        return Lent(self, self._readers, writing=False)

    async def back(self) -> None:
        """Wait beside the loop until a database that was lost answers again. Raises Unavailable where that takes too long."""
        if self._sqlite:
            raise Unavailable("an embedded database does not come back by itself")
        async for attempt in self._outage.waited_out_beside():
            with attempt:
                await asyncio.to_thread(self._restock)

    def answers(self) -> bool:
        """Tell whether the database answers just now. Blocks as long as one attempt takes, and waits for nothing."""
        try:
            with Lent(self, self._readers, writing=False, patient=False) as tx:
                tx.exchanges.get(NIL_UUID)
        except Unavailable:
            return False
        return True

    def commit(self, job: Callable[[Transaction], T]) -> Coroutine[Any, Any, T]:
        """Run the job in a transaction shared with others that are due now (group commit); done when it is durable.

        The job may be run more than once, alone, after a neighbour failed; what it raises is raised here.
        """
        return self._commit(job)

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """Lend a writer's connection outside of any transaction, for what cannot run in one. Blocks."""
        with self._turn if self._sqlite else nullcontext():
            tx = self.begun(self._writers, writing=True)
            tx.session.rollback()
            try:
                yield tx.session
            except self.engine.dialect.loaded_dbapi.OperationalError as error:
                raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
            finally:
                self._keep(tx, self._writers)

    def spare_memory(self) -> None:
        """Keep fewer pages of an embedded database at hand: for a command that goes through a large file on a small machine."""
        if self._sqlite:
            with self.alone() as session:
                session.driver.execute(SPARING_CACHE)

    def close(self) -> None:
        """Close every held connection."""
        self._commit.close()
        self._let_go()
        self.engine.dispose()

    def _writing(self) -> "Lent":
        return Lent(self, self._writers, writing=True)

    def _batch(self, jobs: Sequence[Job]) -> list[Outcome]:
        return run_together(self._writing, jobs)

    def begun(self, held: list[SqlTransaction], *, writing: bool, patient: bool = True) -> SqlTransaction:
        """Begin a transaction on a held connection, or on another one. Raises Unavailable."""
        try:
            tx = held.pop()
        except IndexError:
            return self._anew(writing=writing, patient=patient)
        try:
            tx.session.begin(writing=writing)
        except BaseException as error:
            if not self._lost(tx, held, error):
                self._translate(error)
                raise
        else:
            return tx
        return self._anew(writing=writing, patient=patient)

    def _anew(self, *, writing: bool, patient: bool) -> SqlTransaction:
        """Begin on a new connection; in a thread, a PostgreSQL that is away is waited for."""
        if self._sqlite or not patient or _on_loop():
            if self._outage.lasts and patient and not self._sqlite:
                raise Unavailable("the database is away, and the loop does not wait")
            return self._attempt(writing=writing)
        return self._outage.waited_out()(self._attempt, writing=writing)

    def _attempt(self, *, writing: bool) -> SqlTransaction:
        tx = SqlTransaction(self._connected())
        if self._sqlite:
            tx.session.driver.execute(WRITER_CACHE if writing else READERS_ONLY_READ)
        try:
            tx.session.begin(writing=writing)
        except BaseException as error:
            tx.session.close()
            self._translate(error)
            raise
        return tx

    def _connected(self) -> Session:
        try:
            session = Session(self.engine, self.vault, self.zone)
        except self.engine.dialect.loaded_dbapi.Error as error:
            self._outage.begins()
            raise Unavailable(f"the database cannot be opened: {type(error).__name__}") from error
        except Unavailable:
            self._outage.begins()
            raise
        self._outage.ends()
        return session

    def _restock(self) -> None:
        """Put a reader's connection at hand. One at a time: one is enough for a loop, whatever waits on it."""
        if not self._restocking.acquire(blocking=False):
            raise Unavailable("somebody else is trying")
        try:
            if not self._readers or self._outage.lasts:
                tx = self._attempt(writing=False)
                tx.session.rollback()
                self._keep(tx, self._readers)
        finally:
            self._restocking.release()

    def ended(self, tx: SqlTransaction, held: list[SqlTransaction], error: BaseException) -> None:
        """Undo a unit of work that failed; raises what its caller is to know, where that is not the failure itself."""
        lost = self._lost(tx, held, error)
        if lost and isinstance(error, self.engine.dialect.loaded_dbapi.Error):
            raise Crossed("the database was lost, and with it what had been begun") from error
        self._translate(error)

    def come_through(self, tx: SqlTransaction, held: list[SqlTransaction], error: BaseException) -> bool:
        """Tell whether a commit that raised this came through all the same. Raises what its caller is to know."""
        lost = self._lost(tx, held, error) and isinstance(error, self.engine.dialect.loaded_dbapi.Error)
        if not lost:  # it was told no, by a server that is still there
            self._translate(error)
            return False
        if tx.session.writing and not (tx.session.told and came_through(tx.session, self._connected, self._outage)):
            raise Crossed("the database was lost before the commit") from error
        return True

    def _lost(self, tx: SqlTransaction, held: list[SqlTransaction], error: BaseException) -> bool:
        """Give back a connection after a failure; tell whether it was lost, and then throw away those that were lost with it."""
        tx.session.rollback()
        demoted = getattr(error, "sqlstate", None) == _DEMOTED
        if self._keep(tx, held, demoted=demoted) or self._sqlite:
            return False
        self._outage.begins()
        self._let_go()
        return True

    def _let_go(self) -> None:
        """Close what is held and not lent."""
        for held in (self._readers, self._writers):
            with suppress(IndexError):
                while True:
                    held.pop().session.close()

    def _keep(self, tx: SqlTransaction, held: list[SqlTransaction], *, demoted: bool = False) -> bool:
        if tx.session.usable and not demoted:
            held.append(tx)
            return True
        tx.session.close()
        return False

    def _translate(self, error: BaseException) -> None:
        """Raise a failure in the corridor's words, if it has some."""
        if getattr(error, "sqlstate", None) in _GAVE_WAY:
            raise Crossed("another unit of work came first") from error
        if isinstance(error, self.engine.dialect.loaded_dbapi.OperationalError):
            raise Unavailable(f"the database does not answer: {type(error).__name__}") from error


class Lent:
    """A held connection, lent for one unit of work. A class by hand, because ``contextmanager`` costs as much as a read."""

    __slots__ = ("_held", "_patient", "_store", "_tx", "_writing")

    def __init__(self, store: SqlStore, held: list[SqlTransaction], *, writing: bool, patient: bool = True) -> None:
        self._store = store
        self._held = held
        self._writing = writing
        self._patient = patient

    def __enter__(self) -> SqlTransaction:
        self._tx = self._store.begun(self._held, writing=self._writing, patient=self._patient)
        return self._tx

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._store.ended(self._tx, self._held, error)
            return
        try:
            self._tx.audit_log.write()
            self._tx.session.commit()
        except BaseException as failed:
            if not self._store.come_through(self._tx, self._held, failed):
                raise
        else:
            self._held.append(self._tx)


def _on_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def open_store(url: str, keys: StoreKeys, zone: ZoneInfo, erasures: Path | None = None) -> SqlStore:
    """Open the store at a ``sqlite:///`` or ``postgresql://`` address.

    SQLite is created and migrated; on PostgreSQL the operator does that (``imgate database upgrade``), because any number of
    gateways share it. Raises SchemaOutdated there, and KeysMismatch where the database was made with other keys.
    """
    engine = make_engine(url)
    if is_sqlite(engine.dialect):
        Path(str(engine.url.database)).touch(mode=0o600)  # what SQLite puts beside it takes over this mode
        upgrade(engine)
    else:
        check_schema(engine)
    store = SqlStore(engine, keys, zone, erasures)
    try:
        with store.transaction() as tx:
            check_keys(tx.session)
    except BaseException:
        store.close()
        raise
    return store
