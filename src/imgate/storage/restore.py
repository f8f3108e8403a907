"""Restoring a backup into an empty database. Who was erased since then is erased again before anybody can look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import DatabaseError

from sqlalchemy import delete, literal_column, select

from imgate.audit.events import Event, EventName
from imgate.storage.backup import APART, KEYS, MAIN, BackupFile, BackupUnusable, copy_table
from imgate.storage.client_keys import SqlClients
from imgate.storage.engine import is_sqlite
from imgate.storage.erase import PROOF_YEARS, compact, erase_rows
from imgate.storage.erasures import Erasure, ErasuresMissing, read_erasures
from imgate.storage.key_checks import check_keys
from imgate.storage.log_tables import access_log, audit_tiles, checkpoints, paper_facts
from imgate.storage.message_tables import intake
from imgate.storage.people_tables import sessions
from imgate.storage.schema import audit_log, client_keys, key_checks, metadata
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore
from imgate.storage.transaction import SqlTransaction

_MUST_BE_EMPTY = [Statement(select(literal_column("1")).select_from(table).limit(1)) for table in (client_keys, intake)]
# What a gateway wrote by starting on the empty database: its log, with what is made of it, and not the one that is restored.
_STARTED = [Statement(delete(table)) for table in (key_checks, audit_log, audit_tiles, checkpoints, paper_facts, access_log)]
_ERASED = Statement(select(client_keys.c.id).where(client_keys.c.erased_at.is_not(None)))


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: rows, and how many clients were erased again."""

    rows: int
    erased_again: int


def restore(
    store: SqlStore, folder: Path, at: datetime, actor: str, *, accept_lost_erasures: bool = False, proof_years: int = PROOF_YEARS
) -> Restored:
    """Restore a backup into an empty database, all of it or nothing.

    Raises BackupUnusable, KeysMismatch where it was made with other keys, and ErasuresMissing or ErasuresInvalid where nobody can
    tell who was erased since, unless ``accept_lost_erasures``: the operator's decision, on record in the audit log.
    """
    erasures = () if accept_lost_erasures else read_erasures(store.erasures, store.vault.erasure)
    main, keys = _opened(folder)
    try:
        with store.transaction() as tx:
            _check(tx.session, main)
            rows = _copy(tx.session, main, keys)
            check_keys(tx.session)
            if not accept_lost_erasures:
                _check_complete(tx.session, erasures)
            again = _erase_again(tx, erasures, actor, proof_years)
            fields = {"erasures": again, "lost_erasures": accept_lost_erasures}
            tx.audit(Event(EventName.BACKUP_RESTORED, at, actor, None, fields))
    finally:
        main.close()
        keys.close()
    compact(store)
    return Restored(rows, again)


def _opened(folder: Path) -> tuple[BackupFile, BackupFile]:
    for name in (MAIN, KEYS):
        if not (folder / name).is_file():
            raise BackupUnusable(f"the folder has no file {name}")
    files: list[BackupFile] = []
    try:
        for name in (MAIN, KEYS):
            try:
                files.append(BackupFile.opened(folder / name))
            except DatabaseError:
                raise BackupUnusable(f"{name} is not a file of a backup") from None
        pairs = {file.pair for file in files}
        if len(pairs) != 1 or pairs == {0}:
            raise BackupUnusable(f"{MAIN} and {KEYS} are not of the same backup, or it was not finished")
    except BaseException:
        for file in files:
            file.close()
        raise
    return files[0], files[1]


def _check(session: Session, main: BackupFile) -> None:
    if any(statement.first(session) for statement in _MUST_BE_EMPTY):
        raise BackupUnusable("the database is not empty")
    revision = "SELECT version_num FROM alembic_version"
    theirs, ours = (driver.execute(revision).fetchone() for driver in (main.driver, session.driver))
    if theirs != ours:
        raise BackupUnusable("the backup is of another version of imgate: restore it with that one, and upgrade then")


def _copy(session: Session, main: BackupFile, keys: BackupFile) -> int:
    for statement in _STARTED:
        statement.run(session)
    rows = 0
    for table in metadata.sorted_tables:
        if table is sessions:  # who had signed out by now would be signed in again
            continue
        try:
            rows += copy_table(keys if table in APART else main, session, table)
        except DatabaseError:
            raise BackupUnusable(f"the backup's table {table.name} cannot be read") from None
        if not is_sqlite(session.dialect) and "position" in table.c:
            session.driver.execute(_NEXT_POSITION.format(table=table.name))
    return rows


_NEXT_POSITION = "SELECT setval(pg_get_serial_sequence('{table}', 'position'), coalesce((SELECT max(position) FROM {table}), 0) + 1, false)"


def _check_complete(session: Session, erasures: Sequence[Erasure]) -> None:
    """Whoever was erased before the backup stands in the file as well, or the file is not the one that belongs to it."""
    known = {erasure.client for erasure in erasures}
    if any(client not in known for (client,) in _ERASED.all(session)):
        raise ErasuresMissing("the file of erasures lacks clients who were erased before the backup: it is not the right one, or was cut")


def _erase_again(tx: SqlTransaction, erasures: Sequence[Erasure], actor: str, proof_years: int) -> int:
    clients = SqlClients(tx.session)
    again = 0
    for erasure in erasures:
        client = clients.by_id(erasure.client)
        if client is not None:
            erase_rows(tx, client, erasure.at, actor, proof_years)
            again += 1
    return again
