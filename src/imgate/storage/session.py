"""A session: one held driver connection with its unit of work, used by one caller at a time."""

import contextlib
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Dialect, Engine

from imgate.storage.engine import connect, is_sqlite
from imgate.storage.vault import Vault

_BEGIN = {
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("sqlite", False): "BEGIN",
    ("postgresql", True): "BEGIN",
    ("postgresql", False): "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


class Session:
    """What every port's class runs on. ``place`` is the last place given in the audit log, in this transaction."""

    __slots__ = ("__weakref__", "dialect", "driver", "place", "vault", "writing", "zone")

    def __init__(self, engine: Engine, vault: Vault, zone: ZoneInfo) -> None:
        self.driver: Any = connect(engine)
        self.dialect: Dialect = engine.dialect
        self.vault = vault
        self.zone = zone
        self.writing = False
        self.place: int | None = None

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction: on SQLite a writer waits here for its turn, and for nothing later."""
        self.writing = writing
        self.place = None
        self.driver.execute(_BEGIN[self.dialect.name, writing])

    def commit(self) -> None:
        """Make it durable."""
        self.driver.execute("COMMIT")

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
    def locks(self) -> bool:
        """Tell whether rows that decide must be locked: only where there is more than one writer."""
        return self.writing and not is_sqlite(self.dialect)

    def close(self) -> None:
        """Close the connection."""
        self.driver.close()
