"""Backup: two SQLite files, whatever the database is, both of one moment.

``client-keys.sqlite`` holds the clients' keys, and what came in from partners: that names people under a key of the keyring, because
nobody knew yet whom it was about. ``imgate.sqlite`` holds all the rest, which without those keys opens for nobody: whoever keeps the two
apart can make a copy unreadable by losing the smaller one. Neither opens anything without the keyring, which is backed up
apart from both, as is the file of erasures: with it a number that somebody knows still leads to that client's rows.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Engine, Table, bindparam, select, tuple_

from imgate.storage.engine import connect, make_engine
from imgate.storage.message_tables import intake, intake_people
from imgate.storage.migrate import upgrade
from imgate.storage.schema import client_keys, metadata
from imgate.storage.statement import On, Statement, insert_into
from imgate.storage.store import SqlStore

MAIN, KEYS = "imgate.sqlite", "client-keys.sqlite"
# What goes into the second file.
APART = (client_keys, intake, intake_people)
_BATCH = 500


class BackupUnusable(Exception):
    """The operator must act: this folder holds no backup that can be made or restored; the text says why."""


@dataclass(slots=True)
class BackupFile:
    """One of the two files, opened as statements want it."""

    driver: Any
    dialect: Dialect
    engine: Engine

    @classmethod
    def opened(cls, file: Path) -> "BackupFile":
        """Open a file, in one piece (no write-ahead log beside it) and without looking for rows of the other file."""
        engine = make_engine(f"sqlite:///{file}")
        driver = connect(engine)
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("PRAGMA journal_mode=DELETE")
        return cls(driver, engine.dialect, engine)

    @property
    def pair(self) -> int:
        """The number that both files of one backup bear."""
        number: int = self.driver.execute("PRAGMA user_version").fetchone()[0]
        return number

    def close(self) -> None:
        """Close the file."""
        self.driver.close()
        self.engine.dispose()


def backup(store: SqlStore, folder: Path) -> Mapping[str, int]:
    """Write a backup into a new or empty folder; give the number of rows of each table. Writers go on meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupUnusable("the folder is not empty")
    pair = secrets.randbelow(2**31 - 1) + 1
    for name in (MAIN, KEYS):
        file = folder / name
        file.touch(mode=0o600)
        engine = make_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
    with store.reading() as tx:
        main = _written(tx.session, folder / MAIN, [table for table in metadata.sorted_tables if table not in APART], pair)
        keys = _written(tx.session, folder / KEYS, APART, pair)
    return main | keys


def _written(source: On, file: Path, tables: Sequence[Table], pair: int) -> dict[str, int]:
    target = BackupFile.opened(file)
    try:
        target.driver.execute("BEGIN IMMEDIATE")
        counts = {table.name: copy_table(source, target, table) for table in tables}
        target.driver.execute(f"PRAGMA user_version={pair}")
        target.driver.execute("COMMIT")
    finally:
        target.close()
    return counts


def copy_table(source: On, target: On, table: Table) -> int:
    """Copy all rows; give how many. The number of the writing transaction means nothing elsewhere: order by position is what stays."""
    fixed = {} if "written_in" not in table.c else {"written_in": 0}
    insertion = insert_into(table, *table.c.keys())
    count = 0
    for rows in _batches(source, table):
        insertion.many(target, [dict(zip(table.c.keys(), row, strict=True)) | fixed for row in rows])
        count += len(rows)
    return count


def _batches(source: On, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Read a table in the order of its primary key, so that neither driver gathers all of it in memory."""
    key = list(table.primary_key.columns)
    places = [list(table.c.keys()).index(column.key) for column in key]
    listed = select(*table.c).order_by(*key).limit(_BATCH)
    after = tuple_(*key) > tuple_(*(bindparam(f"after_{column.key}", type_=column.type) for column in key))
    rows = Statement(listed).all(source)
    following = Statement(listed.where(after))
    while rows:
        yield rows
        last = {f"after_{column.key}": rows[-1][index] for column, index in zip(key, places, strict=True)}
        rows = following.all(source, **last) if len(rows) == _BATCH else ()
