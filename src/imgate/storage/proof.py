"""The audit log and what it is compared with: gives entries their places where another process wrote them, and verifies it all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from imgate.audit.verify import Checkpoint, Finding, Flaw, Report, Verification
from imgate.storage.audit_log import SqlAuditLog
from imgate.storage.engine import is_sqlite
from imgate.storage.heads import head_versions
from imgate.storage.store import SqlStore
from imgate.storage.tiles import wrong_tiles


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


def verify_store(store: SqlStore, kept: Sequence[Checkpoint] = (), *, quick: bool = False) -> Report:
    """Verify the log, and compare the declarations and the tiles with it, on one snapshot. Blocks.

    ``kept`` are checkpoints whose signatures were verified. ``quick`` leaves out the MACs of the entries that they cover: what
    was written is proven by the checkpoint, and only the MACs themselves, which nothing but this looks at, may be wrong.
    """
    place_entries(store)
    covered = max((checkpoint.size for checkpoint in kept), default=0) if quick else 0
    with store.reading() as tx:
        verification = Verification(store.vault.audit_key, covered)
        verification.take(SqlAuditLog(tx.session).entries())
        report = verification.conclude(kept)
        if is_sqlite(store.engine.dialect):  # where an entry has its place from the beginning: without one it was taken out of the log
            report.findings = [replace(one, flaw=Flaw.PLACE_WRONG) if one.flaw is Flaw.UNPLACED else one for one in report.findings]
        if covered and not report.sound:
            return verify_store(store, kept)  # the MACs say which entries it is
        report.findings += [Finding(Flaw.TILE_WRONG, place) for place in wrong_tiles(tx.session, verification.tree)]
        compare_heads(report, head_versions(tx.session))
    return report


def compare_heads(report: Report, heads: Mapping[str, int | None]) -> None:
    """Compare the declarations' versions (None: does not match its MAC) with what the log says; adds to the report."""
    for declaration, version in heads.items():
        logged = report.versions.get(declaration, 0)
        if version is None:
            report.findings.append(Finding(Flaw.HEAD_UNREADABLE, declaration=declaration))
        elif version != logged:
            flaw = Flaw.HEAD_OLDER if version < logged else Flaw.HEAD_UNLOGGED
            report.findings.append(Finding(flaw, declaration=declaration))
    report.findings += [Finding(Flaw.HEAD_MISSING, declaration=known) for known in report.versions if known not in heads]
