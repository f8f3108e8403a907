"""Connections: how each database must be set up to be durable, to forget what is deleted and to be fast."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

# What a writer of another process may take before this one gives up.
BUSY_SECONDS = 10

# 8 KiB pages hold a declaration's head with 25 scopes in one piece (1.3 KiB; a clustered table spills rows over a quarter page).
# `secure_delete` overwrites what is deleted. Reads come from the memory map; each held connection caches 4 MiB of its own.
# The worker folds the write-ahead log into the database every other second (`fold_log`), so that no request has to; a gateway
# whose worker is away does it itself when the log has grown to 128 MiB.
_WAL_PAGES = 16_384
_SQLITE = (
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA page_size=8192",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA wal_autocheckpoint={_WAL_PAGES}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-4096",
    "PRAGMA mmap_size=4294967296",
)
# There is one writer, and it touches pages all over the indexes: 64 MiB keep most of them at hand.
# A command that goes through a large file once is as fast with a quarter of that.
WRITER_CACHE = "PRAGMA cache_size=-65536"
SPARING_CACHE = "PRAGMA cache_size=-16384"
READERS_ONLY_READ = "PRAGMA query_only=ON"

# A server that vanished without a word is given up after some seconds, by us and, so that its locks go, by the server.
_LIBPQ: Mapping[str, str | int] = {
    "application_name": "imgate",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
_POSTGRESQL = (
    "SET TIME ZONE 'UTC'",
    "SET synchronous_commit = on",
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 20000",
)


def make_engine(url: str) -> Engine:
    """Make the engine for a ``sqlite:///`` or ``postgresql://`` address. Connects to nothing yet.

    There is no pool: the store holds its connections itself.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        # isolation_level None: the driver begins nothing by itself; who writes says BEGIN IMMEDIATE.
        arguments = {"check_same_thread": False, "isolation_level": None, "timeout": BUSY_SECONDS, "cached_statements": 256}
        engine = create_engine(address, poolclass=NullPool, connect_args=arguments)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    address = address.set(drivername="postgresql+psycopg")
    wanted = {name: value for name, value in _LIBPQ.items() if name not in address.query}
    engine = create_engine(address, poolclass=NullPool, paramstyle="format", connect_args=wanted)
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def connect(engine: Engine) -> Any:
    """Open a driver connection that belongs to the caller, in autocommit: the caller says BEGIN and COMMIT."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    pooled.detach()
    if engine.dialect.name == "postgresql":
        driver.autocommit = True
    return driver


def fold_log(engine: Engine) -> None:
    """Fold what SQLite's write-ahead log holds into the database, as far as no reader needs it; waits for nobody. Blocks."""
    driver = connect(engine)
    try:
        driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        driver.close()


def misses_row(error: Exception) -> bool:
    """Tell whether a statement failed because a row that it refers to is not there: a client who was erased in between."""
    return getattr(error, "sqlstate", None) == "23503" or getattr(error, "sqlite_errorname", None) == "SQLITE_CONSTRAINT_FOREIGNKEY"


def is_sqlite(dialect: Dialect) -> bool:
    """Tell whether this is the embedded database, which has one writer at a time."""
    return dialect.name == "sqlite"


def _set_up_sqlite(driver: Any, _record: Any) -> None:
    for pragma in _SQLITE:
        driver.execute(pragma)


def _set_up_postgresql(driver: Any, _record: Any) -> None:
    driver.execute("; ".join(_POSTGRESQL))
    driver.commit()
