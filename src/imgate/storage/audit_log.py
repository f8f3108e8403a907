"""The audit log at rest: entries are appended in the transaction of what they tell about; one sequencer gives them their places.

On SQLite the writer is alone and gives the place at once. On PostgreSQL a lock on the head of the log would cap everything at
some hundred entries a second, so an entry is written without a place, and ``place_pending`` gives places in batches.
"""

from collections.abc import Iterator

from sqlalchemy import bindparam, func, literal, literal_column, select, update

from imgate.audit.entry import AuditEntry, entry_of, place_mac
from imgate.audit.events import Event
from imgate.storage.engine import is_sqlite
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement, insert_into

_BATCH = 1000
_SEQUENCER = 0x696D67617465  # "imgate": the number of the advisory lock that makes the sequencer one

_c = audit_log.c
_ADD = insert_into(audit_log)
_LAST = Statement(select(func.coalesce(func.max(_c.place), literal(-1))))
_ALONE = Statement(select(literal_column(f"pg_try_advisory_xact_lock({_SEQUENCER})")))
_PENDING = Statement(select(_c.position, _c.id, _c.leaf).where(_c.place.is_(None)).order_by(_c.position).limit(bindparam("limit")))
_PLACE = Statement(
    update(audit_log).where(_c.position == bindparam("entry_position")).values(place=bindparam("at"), place_mac=bindparam("mac_at"))
)
_READ = Statement(
    select(_c.position, _c.id, _c.entry, _c.leaf, _c.mac, _c.place, _c.place_mac)
    .where(_c.position > bindparam("after"))
    .order_by(_c.position)
    .limit(bindparam("limit"))
)


class SqlAuditLog:
    """The audit log, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._key = session.vault.audit_key

    def append(self, event: Event) -> None:
        """Append one event. Raises ValueError where it is not in the catalogue: that is a bug of ours."""
        entry = entry_of(self._key, event)
        self._on.entry = entry.id
        place: int | None = None
        if is_sqlite(self._on.dialect):
            place = self._on.place = self._last() + 1
        _ADD.run(
            self._on,
            id=entry.id,
            leaf=entry.leaf,
            mac=entry.mac,
            place=place,
            place_mac=None if place is None else place_mac(self._key, place, entry.id, entry.leaf),
            entry=entry.content,
        )

    def place_pending(self) -> int:
        """Give places to entries that have none, in batches; give how many. Whoever finds another one at it leaves it to that one."""
        alone = _ALONE.first(self._on)
        if alone is None or not alone[0]:
            return 0
        rows = _PENDING.all(self._on, limit=_BATCH)
        first = self._last() + 1
        _PLACE.many(
            self._on,
            [
                {"entry_position": position, "at": place, "mac_at": place_mac(self._key, place, entry, leaf)}
                for place, (position, entry, leaf) in enumerate(rows, first)
            ],
        )
        return len(rows)

    def entries(self) -> Iterator[AuditEntry]:
        """Read the whole log in batches, in the order of writing."""
        after = 0
        while rows := _READ.all(self._on, after=after, limit=_BATCH):
            for position, *cells in rows:
                after = position
                yield AuditEntry(*cells)

    def _last(self) -> int:
        if self._on.place is None:
            row = _LAST.first(self._on)
            self._on.place = -1 if row is None else row[0]
        return self._on.place
