"""Messages to partners, until acknowledged or handed over. Payloads are sealed before they come here.

Whoever writes holds the rows it read (PostgreSQL), so that an acknowledgement, a hand-out and a revocation of the same
message come one after the other.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update

from imgate.exchange.stored import Cursor, OutboxItem, Page, SealedBox, StoredExchange, Waiting
from imgate.storage.exchanges import COLUMNS, exchange_of
from imgate.storage.pages import Listing
from imgate.storage.schema import exchanges, outbox
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_c = outbox.c
_ITEM = (_c.named, _c.provenance, _c.reference_digest, _c.media_type, _c.due_at, _c.handed_out_at, _c.handed_out_sha256)
_SHOWN = (*COLUMNS, *_ITEM)
_JOIN = exchanges.join(outbox, _c.exchange == exchanges.c.id)
_THIS = _c.exchange == bindparam("exchange_id")
_ADD = insert_into(outbox)
_LISTING = Listing(outbox, _SHOWN, _c.partner == bindparam("partner"), _c.fetched.is_(True), join=_JOIN)
_ONE = select(*_SHOWN).select_from(_JOIN).where(_THIS, _c.partner == bindparam("partner"))
_GETS = {False: Statement(_ONE), True: Statement(_ONE.with_for_update(of=outbox))}
_OF_CLIENT = (
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(exchanges.c.client == bindparam("client"), _c.partner == bindparam("partner"))
    .order_by(_c.written_in, _c.position)
)
_OLDER = Statement(
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(exchanges.c.created_at < bindparam("before"))
    .order_by(_c.position)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
_WAITING = {False: Statement(_OF_CLIENT), True: Statement(_OF_CLIENT.with_for_update(of=outbox))}
_BOX = Statement(select(_c.message, _c.released, _c.sha256).where(_THIS))
_REPLACE = Statement(
    update(outbox)
    .where(_THIS)
    .values(
        named=bindparam("to_named"),
        reference_digest=bindparam("to_reference_digest"),
        sha256=bindparam("to_sha256"),
        message=bindparam("to_message"),
        released=bindparam("to_released"),
    )
)
_HANDED_OUT = Statement(
    update(outbox)
    .where(_THIS)
    .values(handed_out_at=bindparam("at"), handed_out_sha256=bindparam("handed_sha256"), handed_out_count=_c.handed_out_count + 1)
)
_DELETE = Statement(delete(outbox).where(_THIS))
_DUE = Statement(
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(_c.due_at.is_not(None), _c.due_at <= bindparam("at"), or_(_c.leased_until.is_(None), _c.leased_until <= bindparam("at")))
    .order_by(_c.due_at, _c.position)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
_LEASE = Statement(update(outbox).where(_THIS).values(leased_until=bindparam("until")))
_BEGUN = Statement(update(outbox).where(_THIS).values(begun_at=bindparam("at")))
_ATTEMPT = Statement(update(exchanges).where(exchanges.c.id == bindparam("exchange_id")).values(attempts=exchanges.c.attempts + 1))
_IN_FLIGHT = Statement(select(_c.begun_at).where(_THIS, _c.begun_at.is_not(None)))
_LATER = Statement(update(outbox).where(_THIS).values(due_at=bindparam("at"), leased_until=None, begun_at=None))


class SqlOutbox:
    """Messages to partners."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, exchange: StoredExchange, waiting: Waiting) -> None:
        """Store the message of an exchange."""
        _ADD.run(
            self._on,
            exchange=exchange.id,
            partner=exchange.partner,
            named=waiting.named,
            provenance=waiting.provenance,
            reference_digest=waiting.reference_digest,
            media_type=waiting.media_type,
            sha256=waiting.box.sha256,
            fetched=waiting.due_at is None,
            due_at=waiting.due_at,
            leased_until=None,
            begun_at=None,
            handed_out_at=None,
            handed_out_sha256=None,
            handed_out_count=0,
            message=waiting.box.message,
            released=waiting.box.released,
        )

    def page(self, partner: str, cursor: Cursor) -> Page[OutboxItem]:
        """List what this partner has not acknowledged, oldest first; only what the partner fetches."""
        return _LISTING.page(self._on, cursor, _item, partner=partner)

    def get(self, partner: str, exchange: str) -> OutboxItem | None:
        """Give one item that is this partner's."""
        row = _GETS[self._on.locks].first(self._on, partner=partner, exchange_id=exchange)
        return None if row is None else _item(row)

    def older(self, before: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Give what has been stored since before this time, the oldest first."""
        return tuple(_item(row) for row in _OLDER.all(self._on, before=before, limit=limit))

    def waiting(self, client: str, partner: str) -> tuple[OutboxItem, ...]:
        """Give what is stored for this client and partner."""
        return tuple(_item(row) for row in _WAITING[self._on.locks].all(self._on, client=client, partner=partner))

    def box(self, exchange: str) -> SealedBox | None:
        """Load the payload."""
        row = _BOX.first(self._on, exchange_id=exchange)
        return None if row is None else SealedBox(message=row[0], released=row[1], sha256=row[2])

    def replace(self, exchange: str, named: Mapping[str, str], reference_digest: str, box: SealedBox) -> None:
        """Store what was built anew."""
        _REPLACE.run(
            self._on,
            exchange_id=exchange,
            to_named=named,
            to_reference_digest=reference_digest,
            to_sha256=box.sha256,
            to_message=box.message,
            to_released=box.released,
        )

    def handed_out(self, exchange: str, at: datetime, sha256: str) -> None:
        """Record a hand-out: count, time, and the digest of what was handed out."""
        _HANDED_OUT.run(self._on, exchange_id=exchange, at=at, handed_sha256=sha256)

    def delete(self, exchange: str) -> None:
        """Delete the payload."""
        _DELETE.run(self._on, exchange_id=exchange)

    def claim(self, at: datetime, until: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Lease messages that are due for delivery and not leased by a live worker."""
        items = tuple(_item(row) for row in _DUE.all(self._on, at=at, limit=limit))
        for item in items:
            _LEASE.run(self._on, exchange_id=item.exchange.id, until=until)
        return items

    def begun(self, exchange: str, at: datetime) -> None:
        """Record that an attempt begins, and count it: from here on the message may have been disclosed."""
        _BEGUN.run(self._on, exchange_id=exchange, at=at)
        _ATTEMPT.run(self._on, exchange_id=exchange)

    def in_flight(self, exchange: str) -> bool:
        """Tell whether an attempt has begun whose end is not known."""
        return _IN_FLIGHT.first(self._on, exchange_id=exchange) is not None

    def later(self, exchange: str, due_at: datetime | None) -> None:
        """End an attempt; try again at this time, or None: not before somebody asks for it."""
        _LATER.run(self._on, exchange_id=exchange, at=due_at)


def _item(row: Row) -> OutboxItem:
    named, provenance, reference_digest, media_type, due_at, handed_out_at, handed_out_sha256 = row[len(COLUMNS) :]
    return OutboxItem(
        exchange=exchange_of(row[: len(COLUMNS)]),
        named=named,
        provenance=provenance,
        reference_digest=reference_digest,
        media_type=media_type,
        due_at=due_at,
        handed_out_at=handed_out_at,
        handed_out_sha256=handed_out_sha256,
    )
