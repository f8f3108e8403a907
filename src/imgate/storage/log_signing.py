"""Signs the log as it is, if it continues what was signed before. A log that was changed or cut is not signed again (ADR 22)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from imgate.audit.signing import LogSigner
from imgate.audit.tree import Subtrees, root_of
from imgate.audit.verify import NOTHING, AuditEntry, Checkpoint, Verification, node_hash
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.log_columns import COLUMNS
from imgate.storage.proof import place_entries
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore
from imgate.storage.tiles import WIDTH, LogBroken, Tiles

_BATCH = 1000
_c = audit_log.c
_SINCE = Statement(select(*COLUMNS).where(_c.place >= bindparam("first")).order_by(_c.place).limit(bindparam("limit")))


class NotSigned(Exception):
    """The operator must act: the log is not what was signed before, or does not verify since. Its text says what was found."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint; ``new`` where it was signed just now."""

    checkpoint: StoredCheckpoint
    new: bool


def sign_log(store: SqlStore, signer: LogSigner, at: datetime) -> Signed | None:
    """Sign the log, if it has grown since it was signed last; None where there is nothing to sign. Blocks.

    What came since the last checkpoint is verified entry by entry, and what was before by the checkpoint's root. Raises NotSigned.
    """
    place_entries(store)
    with store.reading() as tx:
        before = SqlCheckpoints(tx.session).latest()
        size, root = _continued(tx.session, signer, before)
    if size == (0 if before is None else before.size):
        return None if before is None else Signed(before, new=False)
    with store.transaction() as tx:
        kept = SqlCheckpoints(tx.session)
        kept.hold()
        newest = kept.latest()
        if newest is not None and (before is None or newest.size != before.size):
            return Signed(newest, new=False)  # another process was at it meanwhile
        made = StoredCheckpoint(size, at, str(signer.sign(size, root)))
        kept.add(made)
    return Signed(made, new=True)


def _continued(session: Session, signer: LogSigner, before: StoredCheckpoint | None) -> tuple[int, bytes]:
    """Give size and root of a log that goes on as it was signed. Raises NotSigned.

    The entries of the last tile that was signed are read again, so that it is seen when the end was cut.
    """
    subtrees = Tiles(session).subtree
    last = Checkpoint(signer.origin, 0, NOTHING) if before is None else _verified(before, signer)
    try:
        grown = _Growing(subtrees, max(last.size - 1, 0) // WIDTH * WIDTH)
        for leaf in _verified_leaves(session, grown.size):
            grown.add(leaf)
            if grown.size == last.size and grown.root != last.root:
                raise NotSigned(f"the first {last.size} entries are not those that were signed")
        if grown.size < last.size:
            raise NotSigned(f"there are {grown.size} entries, and {last.size} were signed")
        if root_of(subtrees, grown.size) != grown.root:
            raise NotSigned("the hashes that are kept for proofs are not those of the entries")
    except LogBroken:
        raise NotSigned("entries are missing among those that were signed") from None
    return grown.size, grown.root


def _verified(before: StoredCheckpoint, signer: LogSigner) -> Checkpoint:
    last = before.verified(signer.public)
    if last is None:
        raise NotSigned(f"the last checkpoint is not signed by {signer.origin}: it was changed, or [audit] origin or the gateway's id was")
    return last


def _verified_leaves(session: Session, first: int) -> Iterator[bytes]:
    """Give the hashes of the entries from this place on, each verified in its place. Raises NotSigned."""
    following = first
    while rows := _SINCE.all(session, first=following, limit=_BATCH):
        verification = Verification(session.vault.audit_key)
        entries = [AuditEntry._make(row) for row in rows]
        for place, entry in enumerate(entries, following):
            if entry.place is None or entry.place < 0:
                raise NotSigned(f"the entry in place {place} is not what was written")
        verification.take(entries)
        if verification.report.findings:
            raise NotSigned(f"the entry in place {verification.report.findings[0].place} is not what was written")
        for entry in entries:
            if entry.place != following:
                raise NotSigned(f"the entry in place {following} is missing, or a place is taken twice")
            yield entry.leaf
            following += 1


class _Growing:
    """A tree that is continued from the roots of its full subtrees, so that what was signed before is not read again."""

    def __init__(self, subtrees: Subtrees, size: int) -> None:
        heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
        self._full = [(height, subtrees(height, (size >> height) - 1)) for height in heights]
        self.size = size

    def add(self, leaf: bytes) -> None:
        height, root = 0, leaf
        while self._full and self._full[-1][0] == height:
            height, root = height + 1, node_hash(self._full.pop()[1], root)
        self._full.append((height, root))
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self._full:
            return NOTHING
        *before, (_, root) = self._full
        for _, left in reversed(before):
            root = node_hash(left, root)
        return root
