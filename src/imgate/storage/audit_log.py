"""The audit log at rest: entries are appended in the transaction of what they tell about; one sequencer gives them their places.

On SQLite the writer is alone and gives the place at once. On PostgreSQL a lock on the head of the log would cap everything at
some hundred entries a second, so an entry is written without a place, and ``place_pending`` gives places in batches.
"""

from collections.abc import Iterator

from sqlalchemy import BigInteger, LargeBinary, bindparam, cast, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from imgate.audit.entry import content_of
from imgate.audit.events import Event
from imgate.audit.verify import AuditEntry, Macs, leaf_hash
from imgate.exchange.ports import Unavailable
from imgate.storage.engine import is_sqlite
from imgate.storage.log_columns import COLUMNS
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement, insert_into
from imgate.storage.tiles import WIDTH, Tiles

_BATCH = 1000
_SEQUENCER = 0x696D67617465  # "imgate": the number of the advisory lock that makes the sequencer one

_FARTHEST = 1 << 62  # far above what any log has, and far below what databases count to

_c = audit_log.c
_ADD = insert_into(audit_log, "id", "leaf", "mac", "place", "place_mac", "entry")
_LAST = Statement(select(_c.place, _c.leaf).where(_c.place.is_not(None)).order_by(_c.place.desc()).limit(1))
_ALONE = Statement(select(literal_column(f"pg_try_advisory_xact_lock({_SEQUENCER})")))
_PENDING = Statement(select(_c.position, _c.id, _c.leaf).where(_c.place.is_(None)).order_by(_c.position).limit(bindparam("limit")))
# All of a batch in one statement: one for each entry would cost the database as much as writing the entry did (measured).
_placed = (
    func.unnest(
        cast(bindparam("positions"), ARRAY(BigInteger)),
        cast(bindparam("places"), ARRAY(BigInteger)),
        cast(bindparam("macs"), ARRAY(LargeBinary)),
    )
    .table_valued("position", "place", "mac", name="placed")
    .render_derived()
)
_PLACE = Statement(update(audit_log).where(_c.position == _placed.c.position).values(place=_placed.c.place, place_mac=_placed.c.mac))
_READ = Statement(select(_c.position, *COLUMNS).where(_c.position > bindparam("after")).order_by(_c.position).limit(bindparam("limit")))


class LogDamaged(Unavailable):
    """The operator must act: somebody wrote another place into the log's last entry, and nothing can be put on record behind it."""


class SqlAuditLog:
    """The audit log, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._macs = Macs(session.vault.audit_key)
        # What this connection wrote last, by place, so that filling a tile reads nothing. It counts where the log still ends so: the
        # same entry in the same place has the same before it, and after a rollback, or another's writing, it ends otherwise.
        self._recent: dict[int, bytes] = {}

    def append(self, event: Event) -> None:
        """Append one event. Raises ValueError where it is not in the catalogue: that is a bug of ours."""
        made = content_of(event)
        self._on.entry = made[0]
        self._on.unwritten.append(made)

    def write(self) -> None:
        """Write what was appended, all in one go, which costs half of writing each by itself; done at the end of each transaction."""
        if not self._on.unwritten or self._on.doomed:
            return
        mac_of = self._macs.entry
        rows = [(entry, leaf := leaf_hash(content), mac_of(leaf), None, None, content) for entry, content in self._on.unwritten]
        self._on.unwritten.clear()
        if not is_sqlite(self._on.dialect):
            _ADD.rows(self._on, rows)
            return
        place_mac_of, (last, ending) = self._macs.place, self._last()
        leaves = self._recent if self._recent.get(last) == ending else {}
        placed = [
            (entry, leaf, mac, place, place_mac_of(place, entry, leaf), content)
            for place, (entry, leaf, mac, _, _, content) in enumerate(rows, last + 1)
        ]
        _ADD.rows(self._on, placed)
        size = last + 1 + len(rows)
        leaves.update((row[3], row[1]) for row in placed)
        Tiles(self._on, leaves).filled(last + 1, size)
        begun = size // WIDTH * WIDTH
        self._recent = leaves if begun <= last else {at: each for at, each in leaves.items() if at >= begun}

    def place_pending(self) -> int:
        """Give places to entries that have none, in batches; give how many. Whoever finds another one at it leaves it to that one."""
        self.write()
        alone = _ALONE.first(self._on)
        if alone is None or not alone[0]:
            return 0
        rows = _PENDING.all(self._on, limit=_BATCH)
        if rows:
            first = self._last()[0] + 1
            macs = [self._macs.place(place, entry, leaf) for place, (_, entry, leaf) in enumerate(rows, first)]
            behind = first + len(rows)
            _PLACE.run(self._on, positions=[position for position, _, _ in rows], places=list(range(first, behind)), macs=macs)
            Tiles(self._on, {place: leaf for place, (_, _, leaf) in enumerate(rows, first)}).filled(first, behind)
        return len(rows)

    def entries(self) -> Iterator[AuditEntry]:
        """Read the whole log in batches, in the order of writing."""
        self.write()
        after = 0
        while rows := _READ.all(self._on, after=after, limit=_BATCH):
            after = rows[-1][0]
            for row in rows:
                yield AuditEntry._make(row[1:])

    def _last(self) -> tuple[int, bytes]:
        row = _LAST.first(self._on)
        if row is None:
            return -1, b""
        place, leaf = row
        if type(place) is not int or not 0 <= place < _FARTHEST:  # SQLite keeps any kind of value in any column
            raise LogDamaged(
                "the audit log was changed: its last entry has a place that is none. Nothing can be put on record, and so nothing is "
                "done: keep the database as it is, and see `imgate audit verify`"
            )
        return place, leaf
