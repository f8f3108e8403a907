"""What runs out by what partners sent: the hints of those inbox items that the case system was handed already.

imgate holds no record, so it knows of a title only as long as the item that told of it waits to be acknowledged. An item that nobody
was handed yet is left alone: to tell its dates would be to hand it out.
"""

from datetime import datetime
from functools import partial
from typing import Any

import structlog

from imgate.adapters.errors import AdapterFault
from imgate.exchange.again import judge_inbox
from imgate.exchange.code_lists import last_day_of
from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Transaction, Unreadable
from imgate.exchange.record_hints import of_record
from imgate.exchange.stored import Cursor, InboxItem

_DATED = frozenset({"runs_out", "code_runs_out"})
_log = structlog.get_logger()


def received(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List what runs out, each item decided again. A page may be shorter than asked for, or empty, and have a ``next``.

    What became narrower is shown so, and put on record when it is asked for itself. Raises BadCursor.
    """
    at = corridor.clock()
    with corridor.store.reading() as tx:
        page = tx.inbox.page(cursor)
        found = [_shown(corridor, tx, item, at) for item in page.items if item.handed_out_at is not None]
    items: dict[str, Any] = {"items": [item for item in found if item is not None]}
    return items if page.next is None else items | {"next": page.next}


def _shown(corridor: Corridor, tx: Transaction, item: InboxItem, at: datetime) -> dict[str, Any] | None:
    exchange = item.exchange
    client, sender = tx.clients.by_digest(exchange.client), corridor.partners.get(exchange.partner)
    if client is None or sender is None:
        return None
    try:
        judged = judge_inbox(corridor, tx, sender, client, item, at)
    except (AdapterFault, Unreadable):
        _log.error("not_looked_at", exchange=exchange.id, partner=exchange.partner)
        return None
    if judged is None:  # dropped, with a line on record, when it is asked for itself
        return None
    taken, _ = judged
    today = at.astimezone(corridor.policy.zone).date()
    hints = of_record(taken.record, today, corridor.remind_days, partial(last_day_of, tx))
    dated = [hint for hint in hints if hint["code"] in _DATED]
    if not dated:
        return None
    return {
        "id": exchange.id,
        "client": client.reference,
        "partner": exchange.partner,
        "received_at": shown_at(exchange.created_at),
        "hints": dated,
    }
