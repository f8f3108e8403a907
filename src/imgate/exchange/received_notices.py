"""What the case system is told of notices: a partner's permission ended, and some of what it had told us rested on it.

Nothing is changed by a notice. Our own declaration may stand on, with a reason of its own to keep what was taken; that is for the
office to decide. So it is told, and the notice is open until somebody acknowledges it, as an item of the inbox is.
"""

from datetime import datetime
from typing import Any

from imgate.audit.events import Event, EventName
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.listing import shown_at
from imgate.exchange.notice_reading import ReceivedNotice
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.stored import Cursor, IntakeItem, PersonReport, StoredExchange
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, ExchangeState

# They stand among what waits in the inbox, and there may be much of that.
_AT_ONCE = 500


def tell(
    tx: Transaction, partner: Partner, item: IntakeItem, notice: ReceivedNotice, at: datetime, actor: str
) -> tuple[PersonReport, dict[str, object]]:
    """Put a notice on record; give what the intake reports of the person, and of the notice.

    Of the scopes that it names count those that this partner had told us and that were taken. Are there none, or is the person
    unknown, nobody has to be told. An unknown person leaves no reference in the log.
    """
    client = tx.links.by_reference(partner.id, notice.reference)
    if client is None:
        return PersonReport(None, None, notice.reference), _shown_notice(notice, ())
    scopes = tuple(sorted(_had(tx, client, partner.id).intersection(notice.scopes)))
    exchange = StoredExchange(
        id=new_id(),
        client=client.digest,
        partner=partner.id,
        direction=Direction.FROM_PARTNER,
        purpose=None,
        state=ExchangeState.RECEIVED if scopes else ExchangeState.WITHHELD,
        created_at=at,
        released=(),
        withheld=(),
        declarations=(),
        receipt=item.receipt,
    )
    tx.exchanges.add(exchange)
    fields: dict[str, object] = {
        "exchange": exchange.id,
        "partner": partner.id,
        "receipt": item.receipt,
        "revocation": notice.revocation,
        "reminder": notice.reminder,
        "scopes": list(scopes),
    }
    tx.audit(Event(EventName.END_OF_USE_RECEIVED, at, actor, client.subject, fields))
    return PersonReport(client.digest, exchange.id, None), _shown_notice(notice, scopes)


def _had(tx: Transaction, client: ClientKeys, partner: str) -> frozenset[str]:
    """Give the scopes that the case system was handed from this partner, or that wait for it in the inbox."""
    fetched = (
        disclosure.scopes
        for disclosure in tx.disclosures.of(client.digest)
        if disclosure.direction is Direction.FROM_PARTNER and disclosure.partner == partner
    )
    waits = (item.exchange.released for item in tx.inbox.waiting(client.digest, partner))
    return frozenset[str]().union(*fetched, *waits)


def _shown_notice(notice: ReceivedNotice, scopes: tuple[str, ...]) -> dict[str, object]:
    reminder = {"reminder": notice.reminder} if notice.reminder else {}
    return {"revocation": notice.revocation, **reminder, "ended_on": notice.ended_on, "scopes": list(scopes)}


def is_open(exchange: StoredExchange) -> bool:
    """Tell whether an exchange is a notice that the case system has not acknowledged.

    A notice is the one thing from a partner that waits without a purpose: data without one is withheld.
    """
    return exchange.direction is Direction.FROM_PARTNER and exchange.purpose is None and exchange.state is ExchangeState.RECEIVED


def page(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    """List the notices that are open, oldest first. A page may be shorter than asked for, or empty, and have a ``next``.

    Of one whose client was erased, or whose report was kept for its term, nothing can be told any more. Raises BadCursor.
    """
    with corridor.store.reading() as tx:
        listed = tx.exchanges.in_states((ExchangeState.RECEIVED,), cursor)
        found = [_shown(tx, exchange) for exchange in listed.items if is_open(exchange)]
    items: dict[str, Any] = {"items": [item for item in found if item is not None]}
    return items if listed.next is None else items | {"next": listed.next}


def open_notices(corridor: Corridor, limit: int) -> list[dict[str, Any]]:
    """Give the oldest of those that are open, as they are listed, no more than so many."""
    found: list[dict[str, Any]] = []
    cursor = Cursor(limit=_AT_ONCE)
    while True:
        listed = page(corridor, cursor)
        found += listed["items"]
        if len(found) >= limit or listed.get("next") in (None, cursor.after):  # what still settles has nothing beyond it
            return found[:limit]
        cursor = Cursor(listed["next"], _AT_ONCE)


def _shown(tx: Transaction, exchange: StoredExchange) -> dict[str, Any] | None:
    client = tx.clients.by_digest(exchange.client)
    report = None if exchange.receipt is None else tx.intake.get(exchange.receipt)
    if client is None or report is None or report.end_of_use is None:
        return None
    return {
        "id": exchange.id,
        "partner": exchange.partner,
        "client": client.reference,
        **report.end_of_use,
        "received_at": shown_at(exchange.created_at),
        "receipt": report.receipt,
    }
