"""Delivery: the worker's part of outbound, for partners that are handed their messages by push or folder.

Each attempt decides again in the transaction that marks it as begun: the permission is on record before anything leaves.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio
import structlog

from imgate.adapters.errors import AdapterFault
from imgate.audit.events import Event, EventName
from imgate.exchange.again import Leaving, decide_outbox, drop
from imgate.exchange.boxes import disclose
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.inbound import WORKER
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Transaction, Unreadable
from imgate.exchange.stored import OutboxItem
from imgate.plugin_api import Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner
from imgate.vocabulary.words import ExchangeState

_LEASE = timedelta(minutes=5)
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 3600.0
_log = structlog.get_logger()
GIVE_UP_AFTER = timedelta(days=3)
# Outcomes of which it is known that the partner saw nothing of the message.
NOT_CONNECTED = "not_connected"


async def deliver_due(corridor: Corridor, limit: int = 20) -> int:
    """Deliver what is due; give the number of attempts."""
    at = corridor.clock()
    claimed = await corridor.store.commit(lambda tx: tx.outbox.claim(at, at + _LEASE, limit))
    async with anyio.create_task_group() as group:
        for item in claimed:
            group.start_soon(_by_itself, corridor, item)
    return len(claimed)


async def _by_itself(corridor: Corridor, item: OutboxItem) -> None:
    """Deliver one message; whatever fails there stops none of the others. It is tried again when its lease has run out."""
    try:
        await deliver(corridor, item)
    except Exception as error:  # noqa: BLE001  # of whatever kind: the others' attempts have begun and must end
        _log.error("delivery_failed", exchange=item.exchange.id, partner=item.exchange.partner, exception=type(error).__name__)


async def deliver(corridor: Corridor, item: OutboxItem) -> None:
    """Make one attempt: decide again, put it on record as begun, hand over, record the outcome."""
    partner = corridor.partners.get(item.exchange.partner)
    leaving = await corridor.store.commit(lambda tx: _begin(corridor, tx, partner, item, corridor.clock()))
    if leaving is None or partner is None:
        return
    if isinstance(leaving, str):
        _log.warning("delivery_given_up", exchange=item.exchange.id, partner=item.exchange.partner, outcome=leaving)
        return
    outcome = await _handed_over(partner, Parcel(item.exchange.id, item.media_type, leaving.content, partner.id))
    ended = await corridor.store.commit(lambda tx: _end(tx, item, leaving, outcome, corridor.clock()))
    _say(item, ended)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How an attempt ended: its outcome as a code, its number, and when the next is due; None where there is none."""

    outcome: str
    attempt: int
    next_at: datetime | None


def _say(item: OutboxItem, ended: _Ended) -> None:
    """Log one line. After the commit: a job of a commit may run more than once."""
    say = _log.info if ended.outcome == "delivered" else _log.warning
    next_at = None if ended.next_at is None else shown_at(ended.next_at)
    say(
        "delivery",
        exchange=item.exchange.id,
        partner=item.exchange.partner,
        outcome=ended.outcome,
        attempt=ended.attempt,
        next_at=next_at,
    )


async def _handed_over(partner: Partner, parcel: Parcel) -> Outcome:
    """Call the transport. It is foreign code: one that raises has not said that the partner saw nothing."""
    try:
        return await partner.transport.deliver(parcel)
    except Exception as error:  # noqa: BLE001  # it promised to raise nothing, so this is its fault, and says so
        _log.error("transport_fault", exchange=parcel.message_id, partner=partner.id, exception=type(error).__name__)
        return NotDelivered("transport_fault")


def _begin(corridor: Corridor, tx: Transaction, partner: Partner | None, claimed: OutboxItem, at: datetime) -> Leaving | str | None:
    """Decide about the message as it is now: since it was claimed it may have become narrower, or be gone.

    Gives what leaves, or the code of a fault for which it was given up, or None where there is nothing to deliver any more.
    """
    item = tx.outbox.get(claimed.exchange.partner, claimed.exchange.id)
    if item is None:
        return None
    exchange = item.exchange
    client = tx.clients.by_digest(exchange.client)
    try:
        leaving = None if client is None or partner is None else decide_outbox(corridor, tx, partner, client, item, WORKER, at)
    except (AdapterFault, Unreadable) as fault:
        code = "adapter_fault" if isinstance(fault, AdapterFault) else "unreadable"
        _give_up(tx, item, code, at)
        return code
    if tx.outbox.in_flight(exchange.id):  # an attempt whose end nobody recorded counts as disclosed
        disclose(tx, exchange, exchange.released, exchange.declarations, at)
    if client is None or leaving is None:
        drop(tx, client, item, WORKER, at, "not_permitted")
        return None
    tx.outbox.begun(exchange.id, at)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "released": list(leaving.scopes), "sha256": leaving.sha256}
    tx.audit(Event(EventName.DELIVERY_BEGUN, at, WORKER, client.subject, fields))
    return leaving


def _end(tx: Transaction, item: OutboxItem, leaving: Leaving, outcome: Outcome, at: datetime) -> _Ended:
    exchange = tx.exchanges.get(item.exchange.id) or item.exchange  # its client may have been erased in the meantime
    word = "delivered"
    next_at: datetime | None = None
    match outcome:
        case Delivered():
            tx.outbox.delete(exchange.id)
            tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, at)
        case RefusedByPartner(code):
            tx.outbox.delete(exchange.id)
            tx.exchanges.move(exchange.id, ExchangeState.REJECTED, at, code)
            word = f"rejected:{code}"
        case NotDelivered(code, retry_after):
            word = f"not_delivered:{code}"
            if at - exchange.created_at > GIVE_UP_AFTER:
                _give_up(tx, item, code, at)
            else:
                next_at = at + timedelta(seconds=_pause(item.exchange.attempts, retry_after))
                tx.outbox.later(exchange.id, next_at)
    if word != f"not_delivered:{NOT_CONNECTED}":
        disclose(tx, exchange, leaving.scopes, leaving.declarations, at)
    client = tx.clients.by_digest(exchange.client)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "outcome": word}
    tx.audit(Event(EventName.DELIVERY_ENDED, at, WORKER, None if client is None else client.subject, fields))
    return _Ended(word, item.exchange.attempts + 1, next_at)


def _give_up(tx: Transaction, item: OutboxItem, why: str, at: datetime) -> None:
    tx.outbox.later(item.exchange.id, None)
    tx.exchanges.move(item.exchange.id, ExchangeState.FAILED, at, why)


def _pause(attempts: int, retry_after: float | None) -> float:
    """Give the seconds to the next attempt: doubling, with jitter, and never before the partner said."""
    doubling = min(_FIRST_PAUSE * 2.0 ** min(attempts, 20), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing
    return max(doubling, retry_after or 0.0)
