"""A session: one held driver connection with its unit of work, used by one caller at a time."""

import contextlib
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Dialect, Engine

from imgate.exchange.ports import Unavailable
from imgate.storage.engine import connect, is_sqlite
from imgate.storage.vault import Vault

_BEGIN = {
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("sqlite", False): "BEGIN",
    ("postgresql", True): "BEGIN",
    ("postgresql", False): "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}
_WHO = "SELECT pid, backend_start::text, pg_is_in_recovery() FROM pg_stat_activity WHERE pid = pg_backend_pid()"


class RolledBack(Exception):
    """A bug of ours: a statement had failed, nobody minded, and the database undid everything where it was told to commit."""


class Session:
    """What every port's class runs on.

    ``unwritten`` and ``entry``: what was appended to the audit log in this transaction and is written when it ends, and the id of the last
    of it. ``backend`` names
    PostgreSQL's process at the other end for good: its number may be given again, but not with the same beginning. ``told``: whether
    that process may have been told to commit.
    """

    __slots__ = ("__weakref__", "backend", "dialect", "driver", "entry", "told", "unwritten", "vault", "writing", "zone")

    def __init__(self, engine: Engine, vault: Vault, zone: ZoneInfo) -> None:
        """Connect. Raises the driver's errors, and Unavailable from a standby, which knows less than was committed."""
        self.driver: Any = connect(engine)
        self.dialect: Dialect = engine.dialect
        self.vault = vault
        self.zone = zone
        self.writing = False
        self.unwritten: list[tuple[str, bytes]] = []
        self.entry: str | None = None
        self.told = False
        self.backend = (0, "")
        if not is_sqlite(self.dialect):
            process, begun, standby = self.driver.execute(_WHO).fetchone()
            self.backend = (process, begun)
            if standby:
                self.driver.close()
                raise Unavailable("the database is a standby")

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction: on SQLite a writer waits here for its turn, and for nothing later."""
        self.writing = writing
        self.unwritten.clear()
        self.entry = None
        self.told = False
        self.driver.execute(_BEGIN[self.dialect.name, writing])

    def commit(self) -> None:
        """Make it durable. Raises RolledBack where PostgreSQL answered that it did the opposite, which is no error to it."""
        if is_sqlite(self.dialect) or not self.writing:
            self.driver.execute("COMMIT")
            return
        self.told = not self.driver.closed
        if self.driver.execute("COMMIT").statusmessage != "COMMIT":
            raise RolledBack

    def rollback(self) -> None:
        """Undo it. Never raises: a connection that cannot even do that is thrown away (see ``usable``)."""
        with contextlib.suppress(self.dialect.loaded_dbapi.Error):
            if not is_sqlite(self.dialect) or self.driver.in_transaction:
                self.driver.execute("ROLLBACK")

    @property
    def usable(self) -> bool:
        """Tell whether the connection can be held for the next caller."""
        if is_sqlite(self.dialect):
            return not self.driver.in_transaction
        return not self.driver.closed and self.driver.info.transaction_status.name == "IDLE"

    @property
    def doomed(self) -> bool:
        """Tell whether a statement has failed, so that PostgreSQL takes no other, and will answer the commit with its opposite."""
        return not is_sqlite(self.dialect) and self.driver.info.transaction_status.name == "INERROR"

    @property
    def locks(self) -> bool:
        """Tell whether rows that decide must be locked: only where there is more than one writer."""
        return self.writing and not is_sqlite(self.dialect)

    def close(self) -> None:
        """Close the connection."""
        self.driver.close()
