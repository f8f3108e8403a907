"""What has not reached its partner, of all clients: what waits, and what was given up. For whoever has to see to it."""

from datetime import datetime, timedelta
from typing import Any

from imgate.exchange import history
from imgate.exchange.context import Corridor
from imgate.exchange.listing import page_of, shown_at
from imgate.exchange.ports import Transaction
from imgate.exchange.stored import Cursor, StoredExchange
from imgate.vocabulary.words import ExchangeState

# Long enough to be seen by whoever was away; nobody has to do anything about it, so nothing else takes it off the list.
_LATELY = timedelta(days=14)
# How long before that something may have been sent.
_ON_ITS_WAY = timedelta(days=180)


def waiting(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what waits for a partner, oldest first. Raises BadCursor."""
    with corridor.store.reading() as tx:
        return page_of(tx.exchanges.in_states((ExchangeState.QUEUED,), cursor), lambda exchange: _shown(tx, exchange))


def given_up(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what was given up, oldest first, with the code that says why. Raises BadCursor."""
    with corridor.store.reading() as tx:
        return page_of(tx.exchanges.in_states((ExchangeState.FAILED,), cursor), lambda exchange: _shown(tx, exchange) | _why(tx, exchange))


def given_back(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what partners gave back lately, oldest first, with their word for why. Pages can be empty and go on. Raises BadCursor."""
    since = corridor.clock() - _LATELY
    with corridor.store.reading() as tx:
        page = tx.exchanges.in_states((ExchangeState.REJECTED,), cursor)
        found = [(exchange, _end(tx, exchange)) for exchange in page.items if exchange.created_at >= since - _ON_ITS_WAY]
        items = [_shown(tx, exchange) | {"at": shown_at(at), "why": why} for exchange, (at, why) in found if at >= since]
    return {"items": items} if page.next is None else {"items": items, "next": page.next}


def has_received(corridor: Corridor) -> bool:
    """Tell whether anything of what partners sent waits for the case system; of what kind is not looked at."""
    with corridor.store.reading() as tx:
        return bool(tx.inbox.page(Cursor(limit=1)).items)


def _shown(tx: Transaction, exchange: StoredExchange) -> dict[str, Any]:
    """Show an exchange as everywhere; ``notice`` where it tells the end of use and carries nothing."""
    return history.shown(tx, exchange) | {"notice": exchange.notice is not None}


def _why(tx: Transaction, exchange: StoredExchange) -> dict[str, str]:
    _, why = _end(tx, exchange)
    return {"why": why} if why else {}


def _end(tx: Transaction, exchange: StoredExchange) -> tuple[datetime, str | None]:
    """Give when it came into the state it is in, and the word that was said then."""
    known = tx.exchanges.get(exchange.id)
    lines = () if known is None else known.history
    return next(((at, detail) for at, state, detail in reversed(lines) if state == exchange.state), (exchange.created_at, None))
