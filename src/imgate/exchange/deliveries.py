"""Messages to partners as whoever runs the gateway sees them: ids, states, and why they wait or failed. Nothing here names a client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from imgate.exchange.context import Corridor
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import Cursor, OutboxItem, Page, StoredExchange
from imgate.vocabulary.words import Direction, ExchangeState

WAITING, FAILED = ExchangeState.QUEUED, ExchangeState.FAILED


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a partner. ``why`` is the last word of its history, ``tried_again_at`` when it is due next.

    ``fetched``: the partner fetches it, nobody delivers. ``notice``: it tells the end of use and carries nothing.
    """

    id: str
    partner: str
    state: ExchangeState
    created_at: datetime
    since: datetime
    attempts: int
    why: str | None
    purpose: str | None
    released: tuple[str, ...]
    notice: bool
    fetched: bool
    under_way: bool
    held_until: datetime | None
    tried_again_at: datetime | None
    may_be_retried: bool
    history: tuple[tuple[datetime, str, str | None], ...]


def deliveries(corridor: Corridor, states: Sequence[ExchangeState], partner: str | None, cursor: Cursor) -> Page[Delivery]:
    """List what is meant for partners and stands in one of these states, oldest first. Raises BadCursor."""
    with corridor.store.reading() as tx:
        page = tx.exchanges.in_states(states, cursor, partner)
        shown = [_shown(corridor, tx, tx.exchanges.get(exchange.id) or exchange) for exchange in page.items if _is_delivery(exchange)]
        return Page(tuple(shown), page.next)


def delivery(corridor: Corridor, exchange_id: str) -> Delivery:
    """Show one. Raises Refused 404, also for what a partner sent."""
    with corridor.store.reading() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or not _is_delivery(exchange):
            raise not_found()
        return _shown(corridor, tx, exchange)


def _is_delivery(exchange: StoredExchange) -> bool:
    return exchange.direction is Direction.TO_PARTNER


def _shown(corridor: Corridor, tx: Transaction, exchange: StoredExchange) -> Delivery:
    partner = corridor.partners.get(exchange.partner)
    item = tx.outbox.get(exchange.partner, exchange.id)
    last_at, _, why = exchange.history[-1] if exchange.history else (exchange.created_at, "", None)
    waits = item is not None and exchange.state is WAITING
    return Delivery(
        id=exchange.id,
        partner=exchange.partner,
        state=exchange.state,
        created_at=exchange.created_at,
        since=last_at,
        attempts=exchange.attempts,
        why=why,
        purpose=exchange.purpose,
        released=exchange.released,
        notice=exchange.notice is not None,
        fetched=partner is not None and partner.transport.waits,
        under_way=waits and item is not None and item.begun_at is not None,
        held_until=_later(corridor, item) if waits else None,
        tried_again_at=item.due_at if item is not None and waits and exchange.attempts else None,
        may_be_retried=item is not None and partner is not None and exchange.state is FAILED,
        history=exchange.history,
    )


def _later(corridor: Corridor, item: OutboxItem | None) -> datetime | None:
    """Give until when a message is held for a digest, if it still is."""
    if item is None or item.held_until is None or item.held_until <= corridor.clock():
        return None
    return item.held_until
