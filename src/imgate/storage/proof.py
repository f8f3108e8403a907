"""The audit log and what it is compared with: gives entries their places where another process wrote them, and verifies it all."""

from imgate.audit.tree import Checkpoint
from imgate.audit.verify import Report, verify_heads, verify_log
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.engine import is_sqlite
from imgate.storage.heads import head_versions
from imgate.storage.store import SqlStore


def place_entries(store: SqlStore) -> int:
    """Give every entry without a place its place; give how many. On SQLite there are none. Blocks; a worker does it all the time."""
    if is_sqlite(store.engine.dialect):
        return 0
    placed = 0
    while True:
        with store.transaction() as tx:
            batch = SqlAuditLog(tx.session).place_pending()
        placed += batch
        if batch == 0:
            return placed


def verify_store(store: SqlStore, kept: Checkpoint | None = None) -> Report:
    """Verify the log and compare the declarations with it, on one snapshot. Blocks."""
    place_entries(store)
    with store.reading() as tx:
        report = verify_log(store.vault.audit_key, SqlAuditLog(tx.session).entries(), kept)
        verify_heads(report, head_versions(tx.session))
    return report
