"""The store: held connections, one writer at a time on SQLite, and the way from a database address to a working store."""

import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from imgate.exchange.ports import Crossed, Transaction, Unavailable
from imgate.storage.access import Accesses
from imgate.storage.commit import InlineCommit, Job, Outcome, ThreadCommit, run_together
from imgate.storage.engine import READERS_ONLY_READ, WRITER_CACHE, is_sqlite, make_engine
from imgate.storage.key_checks import check_keys
from imgate.storage.migrate import check_schema, upgrade
from imgate.storage.session import Session
from imgate.storage.transaction import SqlTransaction
from imgate.storage.vault import StoreKeys, Vault

T = TypeVar("T")

# PostgreSQL: deadlock_detected and serialization_failure.
_GAVE_WAY = ("40P01", "40001")


class SqlStore:
    """Where it is kept. ``zone`` is the gateway's time zone, in which a declaration's days begin and end.

    Connections are held and handed round, never shared: a reader's between readers, on SQLite one for all writers of
    this process under one lock. ``erasures`` is the file that remembers who was erased (see ``erase``).
    """

    def __init__(self, engine: Engine, keys: StoreKeys, zone: ZoneInfo, erasures: Path | None = None) -> None:
        self.engine = engine
        self.vault = Vault(keys)
        self.zone = zone
        self.erasures = erasures
        self.access = Accesses(self.vault, self.transaction, self.reading)
        self._sqlite = is_sqlite(engine.dialect)
        self._readers: list[SqlTransaction] = []
        self._writers: list[SqlTransaction] = self._readers if not self._sqlite else []
        self._turn = threading.Lock()
        self._owner: int | None = None
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

    def commit(self, job: Callable[[Transaction], T]) -> Coroutine[Any, Any, T]:
        """Run the job in a transaction shared with others that are due now (group commit); done when it is durable.

        The job may be run more than once, alone, after a neighbour failed; what it raises is raised here.
        """
        return self._commit(job)

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """Lend a writer's connection outside of any transaction, for what cannot run in one. Blocks."""
        with self._turn if self._sqlite else nullcontext():
            tx = self.lend(self._writers, writing=True)
            try:
                yield tx.session
            except self.engine.dialect.loaded_dbapi.OperationalError as error:
                raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
            finally:
                self._writers.append(tx)

    def close(self) -> None:
        """Close every held connection."""
        self._commit.close()
        for held in (self._readers, self._writers):
            while held:
                held.pop().session.close()
        self.engine.dispose()

    def _writing(self) -> "Lent":
        return Lent(self, self._writers, writing=True)

    def _batch(self, jobs: Sequence[Job]) -> list[Outcome]:
        return run_together(self._writing, jobs, self._passing)

    def _passing(self, error: Exception) -> bool:
        """Tell a deadlock or a lost connection, after which the job may well succeed, from a job that fails by itself."""
        return isinstance(error, Unavailable) and not self._sqlite

    def lend(self, held: list[SqlTransaction], *, writing: bool) -> SqlTransaction:
        """Take a held connection, or open another. Raises Unavailable."""
        try:
            return held.pop()
        except IndexError:
            pass
        try:
            session = Session(self.engine, self.vault, self.zone)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise Unavailable(f"the database cannot be opened: {type(error).__name__}") from error
        if self._sqlite:
            session.driver.execute(WRITER_CACHE if writing else READERS_ONLY_READ)
        return SqlTransaction(session)


class Lent:
    """A held connection, lent for one unit of work. A class by hand, because ``contextmanager`` costs as much as a read."""

    __slots__ = ("_held", "_store", "_tx", "_writing")

    def __init__(self, store: SqlStore, held: list[SqlTransaction], *, writing: bool) -> None:
        self._store = store
        self._held = held
        self._writing = writing

    def __enter__(self) -> SqlTransaction:
        self._tx = self._store.lend(self._held, writing=self._writing)
        try:
            self._tx.session.begin(writing=self._writing)
        except BaseException as error:
            self._give_back(error)
            raise
        return self._tx

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            try:
                self._tx.session.commit()
            except BaseException as failed:
                self._give_back(failed)
                raise
            self._held.append(self._tx)
        else:
            self._give_back(error)

    def _give_back(self, error: BaseException) -> None:
        session = self._tx.session
        session.rollback()
        if session.usable:
            self._held.append(self._tx)
        else:
            session.close()
        if getattr(error, "sqlstate", None) in _GAVE_WAY:
            raise Crossed("another unit of work came first") from error
        if isinstance(error, self._store.engine.dialect.loaded_dbapi.OperationalError):
            raise Unavailable(f"the database does not answer: {type(error).__name__}") from error


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
