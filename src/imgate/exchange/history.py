"""What happened, as it is shown: exchanges and disclosures. Views of history show no content and are no attempt."""

from typing import Any

from imgate.exchange.context import Corridor
from imgate.exchange.listing import page_of, shown_at, shown_reasons
from imgate.exchange.ports import Transaction
from imgate.exchange.refusals import not_found
from imgate.exchange.stored import NOBODY, Cursor, Disclosure, StoredExchange
from imgate.vocabulary.words import Direction


def show(corridor: Corridor, exchange_id: str) -> dict[str, Any]:
    """Show one exchange. Raises Refused 404."""
    with corridor.store.reading() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None:
            raise not_found()
        return shown(tx, exchange)


def page(corridor: Corridor, client: str, cursor: Cursor) -> dict[str, Any]:
    """List a client's exchanges; an unknown client has none. A bad cursor is one whoever it is about: raises BadCursor."""
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        return page_of(tx.exchanges.page(NOBODY if keys is None else keys.digest, cursor), lambda exchange: shown(tx, exchange))


def disclosures(corridor: Corridor, client: str, cursor: Cursor) -> dict[str, Any]:
    """List who received or sent which of a client's scopes; an unknown client has none. Raises BadCursor, as ``page`` does."""
    with corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        return page_of(tx.disclosures.page(NOBODY if keys is None else keys.digest, cursor), _shown_disclosure)


def shown(tx: Transaction, exchange: StoredExchange) -> dict[str, Any]:
    """Give the shape of GET /v1/exchanges/{id}. After erasure nobody can say any more whom it was about."""
    client = tx.clients.by_digest(exchange.client)
    parts = {
        "id": exchange.id,
        "client": client and client.reference,
        "partner": exchange.partner,
        "direction": exchange.direction.value,
        "purpose": exchange.purpose,
        "state": exchange.state.value,
        "created_at": shown_at(exchange.created_at),
        "released": list(exchange.released),
        "withheld": shown_reasons(exchange.withheld),
        "declarations": list(exchange.declarations),
        "receipt": exchange.receipt,
        "attempts": (exchange.attempts or None) if exchange.direction is Direction.TO_PARTNER else None,
        "history": [
            {"at": shown_at(at), "state": state} | ({} if detail is None else {"detail": detail}) for at, state, detail in exchange.history
        ],
    }
    return {name: part for name, part in parts.items() if part is not None}


def _shown_disclosure(disclosure: Disclosure) -> dict[str, Any]:
    parts = {
        "exchange": disclosure.exchange,
        "partner": disclosure.partner,
        "direction": disclosure.direction.value,
        "purpose": disclosure.purpose,
        "scopes": list(disclosure.scopes),
        "declarations": list(disclosure.declarations),
        "at": shown_at(disclosure.at),
    }
    return {name: part for name, part in parts.items() if part is not None}
