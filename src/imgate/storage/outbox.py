"""Messages to partners, until acknowledged or handed over. Payloads are sealed before they come here.

Whoever writes holds the rows it read (PostgreSQL), so that an acknowledgement, a hand-out and a revocation of the same
message come one after the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Text, bindparam, delete, exists, or_, select, type_coerce, update

from imgate.exchange.ports import Wanted
from imgate.exchange.stored import Cursor, OutboxItem, Page, SealedBox, StoredExchange, Waiting
from imgate.storage.exchanges import COLUMNS, exchange_of
from imgate.storage.message_tables import exchanges, outbox
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.vocabulary.words import ExchangeState

_c = outbox.c
_ITEM = (
    _c.named,
    _c.provenance,
    _c.reference_digest,
    _c.media_type,
    _c.due_at,
    _c.handed_out_at,
    _c.handed_out_sha256,
    _c.held_until,
    _c.counted_from,
    _c.note,
    _c.begun_at,
    _c.sha256,
)
_SHOWN = (*COLUMNS, *_ITEM)
_JOIN = exchanges.join(outbox, _c.exchange == exchanges.c.id)
_THIS = _c.exchange == bindparam("exchange_id")
_ADD = insert_into(outbox)
_NOT_HELD = or_(_c.held_until.is_(None), _c.held_until <= bindparam("at"))
_LISTING = Listing(outbox, _SHOWN, _c.partner == bindparam("partner"), _c.fetched.is_(True), _NOT_HELD, join=_JOIN)
# What can be asked for in a search, by the name of the value that it is compared with.
_WANTED: Mapping[str, ColumnElement[bool]] = {
    "exchange_id": _THIS,
    "reference_digest": _c.reference_digest == bindparam("reference_digest"),
    "purpose": exchanges.c.purpose == bindparam("purpose"),
    # A list of scopes is JSON text; a scope's name in quotation marks stands in it nowhere but as an entry of its own.
    "released": type_coerce(exchanges.c.released, Text).like(bindparam("released"), escape="\\"),
    "since": exchanges.c.created_at >= bindparam("since"),
    "until": exchanges.c.created_at < bindparam("until"),
}
_ONE = select(*_SHOWN).select_from(_JOIN).where(_THIS, _c.partner == bindparam("partner"))
_GETS = {False: Statement(_ONE), True: Statement(_ONE.with_for_update(of=outbox))}
_OF_CLIENT = (
    select(*_SHOWN).select_from(_JOIN).where(_c.client == bindparam("client"), _c.partner == bindparam("partner")).order_by(_c.position)
)
_OLDER = Statement(
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(exchanges.c.created_at < bindparam("before"), _c.begun_at.is_(None))
    .order_by(_c.position)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
_WAITING = {False: Statement(_OF_CLIENT), True: Statement(_OF_CLIENT.with_for_update(of=outbox))}
_OF_UNSEEN = (
    select(*COLUMNS, _c.held_until)
    .select_from(_JOIN)
    .where(
        _c.client == bindparam("client"),
        _c.partner == bindparam("partner"),
        _c.begun_at.is_(None),
        _c.handed_out_at.is_(None),
        exchanges.c.state == ExchangeState.QUEUED.value,
        exchanges.c.notice.is_(None),
    )
    .order_by(_c.position)
)
# Whoever holds one is handing it out this moment: it is not waited for.
_UNSEEN = {False: Statement(_OF_UNSEEN), True: Statement(_OF_UNSEEN.with_for_update(of=outbox, skip_locked=True))}
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
_earlier = outbox.alias("earlier")
# Messages about one client leave one after the other. One that was given up has no due time, and holds up nobody; nor does one that
# waits for a digest.
_FIRST_OF_CLIENT = ~exists().where(
    _earlier.c.client == _c.client,
    _earlier.c.partner == _c.partner,
    _earlier.c.position < _c.position,
    _earlier.c.due_at.is_not(None),
    or_(_earlier.c.held_until.is_(None), _earlier.c.held_until <= bindparam("at")),
)
_DUE = Statement(
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(
        _c.partner == bindparam("partner"),
        _c.due_at.is_not(None),
        _c.due_at <= bindparam("at"),
        or_(_c.leased_until.is_(None), _c.leased_until <= bindparam("at")),
        _FIRST_OF_CLIENT,
    )
    .order_by(_c.due_at, _c.position)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
_LEASE = Statement(update(outbox).where(_THIS).values(leased_until=bindparam("until")))
_LEASED = _c.leased_until == bindparam("lease")
_GIVE_BACK = Statement(update(outbox).where(_THIS, _LEASED).values(leased_until=None))
_BEGUN = Statement(update(outbox).where(_THIS).values(begun_at=bindparam("at")))
_ATTEMPT = Statement(update(exchanges).where(exchanges.c.id == bindparam("exchange_id")).values(attempts=exchanges.c.attempts + 1))
_IN_FLIGHT = Statement(select(_c.begun_at).where(_THIS, _c.begun_at.is_not(None)))
_COUNT_ANEW = Statement(update(outbox).where(_THIS).values(counted_from=bindparam("at")))
_NOTE = Statement(update(outbox).where(_THIS).values(note=bindparam("to_note")))
_LATER = Statement(update(outbox).where(_THIS).values(due_at=bindparam("at"), leased_until=None, begun_at=None))


class SqlOutbox:
    """Messages to partners."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, exchange: StoredExchange, waiting: Waiting) -> None:
        """Store the message of an exchange; one that is handed over is due at once, or when it is no longer held."""
        _ADD.run(
            self._on,
            exchange=exchange.id,
            partner=exchange.partner,
            named=waiting.named,
            provenance=waiting.provenance,
            reference_digest=waiting.reference_digest,
            media_type=waiting.media_type,
            sha256=waiting.box.sha256,
            fetched=waiting.fetched,
            due_at=None if waiting.fetched else waiting.held_until or exchange.created_at,
            leased_until=None,
            begun_at=None,
            handed_out_at=None,
            handed_out_sha256=None,
            handed_out_count=0,
            message=waiting.box.message,
            released=waiting.box.released,
            client=exchange.client,
            held_until=waiting.held_until,
            counted_from=waiting.held_until,
            note=None,
        )

    def page(self, partner: str, cursor: Cursor, at: datetime) -> Page[OutboxItem]:
        """List what this partner has not acknowledged, oldest first; only what the partner fetches, and nothing that is held."""
        return _LISTING.page(self._on, cursor, _item, partner=partner, at=at)

    def search(self, partner: str, cursor: Cursor, at: datetime, wanted: Wanted) -> Page[OutboxItem]:
        """List what ``page`` would, as far as it is wanted."""
        digest = None if wanted.reference is None else self._on.vault.reference_digest(partner, wanted.reference)
        asked = {
            "exchange_id": wanted.exchange,
            "reference_digest": digest,
            "purpose": wanted.purpose,
            "released": None if wanted.scope is None else _entry(wanted.scope),
            "since": wanted.since,
            "until": wanted.until,
        }
        values = {name: value for name, value in asked.items() if value is not None}
        listing = _search(frozenset(values), newest_first=wanted.newest_first)
        return listing.page(self._on, cursor, _item, partner=partner, at=at, **values)

    def get(self, partner: str, exchange: str) -> OutboxItem | None:
        """Give one item that is this partner's."""
        row = _GETS[self._on.locks].first(self._on, partner=partner, exchange_id=exchange)
        return None if row is None else _item(row)

    def older(self, before: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Give what has been stored since before this time and is not on its way just now, the oldest first."""
        return tuple(_item(row) for row in _OLDER.all(self._on, before=before, limit=limit))

    def waiting(self, client: str, partner: str) -> tuple[OutboxItem, ...]:
        """Give what is stored for this client and partner, in the order of acceptance."""
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

    def unseen(self, client: str, partner: str) -> tuple[tuple[StoredExchange, datetime | None], ...]:
        """Give the exchanges, without history, whose message is queued: no attempt is under way, nobody was handed it.

        Each with the moment until which it is held.
        """
        rows = _UNSEEN[self._on.locks].all(self._on, client=client, partner=partner)
        return tuple([(exchange_of(row[:-1]), row[-1]) for row in rows])

    def claim(self, partner: str, at: datetime, until: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Lease messages that are due for this partner, not leased by a live worker, and the first of their client's that wait."""
        items = tuple(replace(_item(row), leased_until=until) for row in _DUE.all(self._on, partner=partner, at=at, limit=limit))
        for item in items:
            _LEASE.run(self._on, exchange_id=item.exchange.id, until=until)
        return items

    def hold(self, exchange: str, until: datetime) -> None:
        """Keep a lease until then."""
        _LEASE.run(self._on, exchange_id=exchange, until=until)

    def give_back(self, claimed: Iterable[OutboxItem]) -> None:
        """Give up the leases on messages of which no attempt of this claim has begun."""
        for item in claimed:
            _GIVE_BACK.run(self._on, exchange_id=item.exchange.id, lease=item.leased_until)

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

    def count_anew(self, exchange: str, at: datetime) -> None:
        """Count the message's age from this moment on."""
        _COUNT_ANEW.run(self._on, exchange_id=exchange, at=at)

    def keep_note(self, exchange: str, note: str | None) -> None:
        """Keep what the transport wants to find again at the next attempt; None forgets it."""
        _NOTE.run(self._on, exchange_id=exchange, to_note=note)


def _entry(scope: str) -> str:
    literal = scope.translate({ord(sign): f"\\{sign}" for sign in "\\%_"})
    return f'%"{literal}"%'


@cache
def _search(asked: frozenset[str], *, newest_first: bool) -> Listing:
    """Write a search for what is asked. Two hundred at most, and in practice a handful."""
    wanted = [condition for name, condition in _WANTED.items() if name in asked]
    conditions = (_c.partner == bindparam("partner"), _c.fetched.is_(True), _NOT_HELD, *wanted)
    return Listing(outbox, _SHOWN, *conditions, join=_JOIN, newest_first=newest_first)


def _item(row: Row) -> OutboxItem:
    return OutboxItem(exchange_of(row[: len(COLUMNS)]), *row[len(COLUMNS) :])
