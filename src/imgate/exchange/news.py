"""Whether anything waits that a partner's people may read: one word, yes or no, and nothing is handed out.

For an e-mail, which leaves the house: so it is decided again, and of what may not be read now nothing is told.
"""

from datetime import datetime

from imgate.exchange.context import Corridor
from imgate.exchange.notice import leaving
from imgate.exchange.ports import Transaction, Unreadable, Wanted
from imgate.exchange.reading import ground_to_ask
from imgate.exchange.stored import Cursor, OutboxItem

# The newest messages that are looked at. Where none of them may be read, nothing is told of older ones.
_LOOKED_AT = 200
_NEWEST = Wanted(newest_first=True)


def news_waits(corridor: Corridor, partner_id: str, after: datetime | None, until: datetime) -> bool:
    """Tell whether something may be read now that began to wait after one moment (None: ever) and not after the other.

    Raises Refused 404 for a partner that is not configured.
    """
    at = corridor.clock()
    with corridor.store.reading() as tx:
        items = tx.outbox.search(partner_id, Cursor(limit=_LOOKED_AT), at, _NEWEST).items
        return any(_may_be_read(corridor, tx, partner_id, item, at) for item in items if _began(item, after, until))


def _began(item: OutboxItem, after: datetime | None, until: datetime) -> bool:
    """Tell whether a message began to wait in this time; one that was held did when it was held no longer."""
    created_at = item.exchange.created_at
    waits_since = created_at if item.held_until is None else max(created_at, item.held_until)
    return waits_since <= until and (after is None or waits_since > after)


def _may_be_read(corridor: Corridor, tx: Transaction, partner_id: str, item: OutboxItem, at: datetime) -> bool:
    if item.exchange.notice is None:
        return ground_to_ask(corridor, tx, partner_id, item.exchange.id, at) is not None
    client = tx.clients.by_digest(item.exchange.client)
    try:
        return client is not None and leaving(tx, client, item) is not None
    except Unreadable:
        return False
