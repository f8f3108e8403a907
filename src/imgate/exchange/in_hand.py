"""What has not reached its partner, of all clients: what waits, and what was given up. For whoever has to see to it."""

from typing import Any

from imgate.exchange import history
from imgate.exchange.context import Corridor
from imgate.exchange.listing import page_of
from imgate.exchange.ports import Transaction
from imgate.exchange.stored import Cursor, StoredExchange
from imgate.vocabulary.words import ExchangeState


def waiting(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what waits for a partner, oldest first. Raises BadCursor."""
    with corridor.store.reading() as tx:
        return page_of(tx.exchanges.in_states((ExchangeState.QUEUED,), cursor), lambda exchange: _shown(tx, exchange))


def given_up(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what was given up, oldest first, with the code that says why. Raises BadCursor."""
    with corridor.store.reading() as tx:
        return page_of(tx.exchanges.in_states((ExchangeState.FAILED,), cursor), lambda exchange: _shown(tx, exchange) | _why(tx, exchange))


def has_received(corridor: Corridor) -> bool:
    """Tell whether anything of what partners sent waits for the case system; of what kind is not looked at."""
    with corridor.store.reading() as tx:
        return bool(tx.inbox.page(Cursor(limit=1)).items)


def _shown(tx: Transaction, exchange: StoredExchange) -> dict[str, Any]:
    """Show an exchange as everywhere; ``notice`` where it tells the end of use and carries nothing."""
    return history.shown(tx, exchange) | {"notice": exchange.notice is not None}


def _why(tx: Transaction, exchange: StoredExchange) -> dict[str, str]:
    known = tx.exchanges.get(exchange.id)
    details = [] if known is None else [detail for _, state, detail in known.history if state == ExchangeState.FAILED and detail]
    return {"why": details[-1]} if details else {}
