"""Signed checkpoints of the log at rest: one for each length that was signed, with what witnesses and an authority added to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, bindparam, literal_column, select, type_coerce, update

from imgate.audit.verify import Checkpoint, NotProven, VerifierKey, verified_checkpoint
from imgate.storage.column_types import Utc
from imgate.storage.engine import is_sqlite
from imgate.storage.log_tables import checkpoints
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_SIGNING = 0x696D67617469  # the number of the advisory lock by which signers take turns; SQLite's writers do so anyway
_LONGEST = 2**63 - 1  # no database counts further


class _Whenever(Utc):
    """A moment that nothing rests on. SQLite keeps any kind of value in any column: what is no moment is read as 1970."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # SQLAlchemy's signature
        """Give the moment in UTC."""
        read = super().result_processor(dialect, coltype)

        def at(value: Any) -> datetime:
            with suppress(TypeError, ValueError, OverflowError):
                moment: datetime = read(value)
                return moment.astimezone(UTC)
            return datetime.fromtimestamp(0, UTC)

        return at


_c = checkpoints.c
_ALL = select(_c.size, type_coerce(_c.at, _Whenever), _c.note, _c.time_stamp).where(_c.size <= _LONGEST)
_THIS = _c.size == bindparam("of_size")
_HOLD = Statement(select(literal_column(f"pg_advisory_xact_lock({_SIGNING})::text")))
_ADD = insert_into(checkpoints)
_LATEST = Statement(_ALL.order_by(_c.size.desc()).limit(1))
_FIND = Statement(_ALL.where(_THIS))
_AFTER = Statement(_ALL.where(_c.size > bindparam("after")).order_by(_c.size).limit(bindparam("limit")))
_BEFORE = Statement(_ALL.where(_c.size < bindparam("before")).order_by(_c.size.desc()).limit(bindparam("limit")))
_SET_NOTE = Statement(update(checkpoints).where(_THIS).values(note=bindparam("new_note")))
_SET_STAMP = Statement(update(checkpoints).where(_THIS, _c.time_stamp.is_(None)).values(time_stamp=bindparam("new_stamp")))


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed note about the log's first ``size`` entries, and the answer of a time-stamping authority about the note's text."""

    size: int
    at: datetime
    note: str
    time_stamp: bytes | None = field(default=None, repr=False)

    def verified(self, log: VerifierKey) -> Checkpoint | None:
        """Read what it says; None where this log did not sign it, or for another length."""
        try:
            checkpoint = verified_checkpoint(self.note.encode(), log)
        except NotProven:
            return None
        return checkpoint if checkpoint.size == self.size else None


class SqlCheckpoints:
    """The checkpoints, in one transaction. Verifies nothing: who reads one verifies its note."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def hold(self) -> None:
        """Let nobody else sign or change one until the commit."""
        if not is_sqlite(self._on.dialect):
            _HOLD.first(self._on)

    def add(self, checkpoint: StoredCheckpoint) -> None:
        """Keep a new one. Call ``hold`` before."""
        _ADD.run(self._on, size=checkpoint.size, at=checkpoint.at, note=checkpoint.note, time_stamp=checkpoint.time_stamp)

    def latest(self) -> StoredCheckpoint | None:
        """Give the one over the longest log."""
        row = _LATEST.first(self._on)
        return None if row is None else _stored(row)

    def newest_note(self) -> str | None:
        """Give the signed note of the same."""
        latest = self.latest()
        return None if latest is None else latest.note

    def find(self, size: int) -> StoredCheckpoint | None:
        """Give the one over a log of this length."""
        row = _FIND.first(self._on, of_size=size)
        return None if row is None else _stored(row)

    def list(self, after: int = -1, limit: int = 500) -> Sequence[StoredCheckpoint]:
        """Give those over longer logs than ``after``, the shortest first."""
        return [_stored(row) for row in _AFTER.all(self._on, after=after, limit=limit)]

    def every(self) -> Iterator[StoredCheckpoint]:
        """Give all of them, the shortest first, some hundred in memory at a time."""
        after = -1
        while part := self.list(after):
            after = part[-1].size
            yield from part

    def newest(self, before: int | None = None, limit: int = 500) -> Sequence[StoredCheckpoint]:
        """Give those over shorter logs than ``before``, or over any, the longest first."""
        rows = _BEFORE.all(self._on, before=_LONGEST if before is None else before, limit=limit)
        return [_stored(row) for row in rows]

    def set_note(self, size: int, note: str) -> None:
        """Put the note with more signatures in place of the one that is there. Call ``hold`` before, and read after it."""
        _SET_NOTE.run(self._on, of_size=size, new_note=note)

    def set_time_stamp(self, size: int, answer: bytes) -> bool:
        """Add a verified answer; False where there is one already."""
        return _SET_STAMP.run(self._on, of_size=size, new_stamp=answer) == 1


def _stored(row: Row) -> StoredCheckpoint:
    """Take a row as it is: what is no text is no note, and fails as one."""
    size, at, note, time_stamp = row
    stamp = time_stamp if time_stamp is None or isinstance(time_stamp, bytes) else b""
    return StoredCheckpoint(size, at, note if isinstance(note, str) else "", stamp)
