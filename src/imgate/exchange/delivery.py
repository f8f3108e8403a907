"""Delivery: the worker's part of outbound, for partners that are handed their messages.

Each attempt decides again in the transaction that marks it as begun: the permission is on record before anything leaves. A
message is leased to one attempt at a time; what a worker had begun when it died is tried again once its lease has run out.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from tenacity import RetryCallState, Retrying, wait_combine, wait_exponential, wait_random_exponential

from imgate.adapters.errors import AdapterFault
from imgate.audit.events import Event, EventName
from imgate.exchange import breaker
from imgate.exchange.again import Leaving, decide_outbox, drop
from imgate.exchange.boxes import disclose
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.inbound import WORKER
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable
from imgate.exchange.sealing import seal_reference
from imgate.exchange.stored import Disclosure, OutboxItem
from imgate.plugin_api import NOTHING_SEEN, Delivered, NotDelivered, Outcome, Parcel, ReceiptSource, RefusedByPartner
from imgate.vocabulary.words import ExchangeState

# An attempt is ended after the first, and its lease holds for longer: no two attempts of one message run side by side.
_ATTEMPT_SECONDS = 60.0
_LEASE = timedelta(seconds=90)
# To one partner at a time; what is claimed beyond that waits at hand, so that no connection idles.
SLOTS = 16
_AT_HAND = SLOTS
# Doubling from five seconds to an hour, half of it by chance.
_PAUSE = wait_combine(wait_exponential(multiplier=2.5, max=1800), wait_random_exponential(multiplier=2.5, max=1800))
_NOTE_MAX = 500
_log = structlog.get_logger()


async def deliver_due(corridor: Corridor, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Deliver what is due, to each partner by itself, until nothing more is or somebody has ``enough``; give the number of attempts."""
    handed_over = [partner for partner in corridor.partners.values() if not partner.transport.waits]
    return sum(await asyncio.gather(*(deliver_to(corridor, partner, enough=enough) for partner in handed_over)))


async def deliver_to(corridor: Corridor, partner: Partner, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Deliver what is due for one partner; give the number of attempts."""
    attempts = 0
    at_hand: list[_Claimed] = []
    running: set[asyncio.Task[bool]] = set()
    try:
        while True:
            if len(at_hand) <= _AT_HAND // 2 and not enough():
                at_hand += await _claim(corridor, partner, SLOTS + _AT_HAND - len(running) - len(at_hand))
            while at_hand and len(running) < SLOTS and not enough():
                running.add(asyncio.create_task(_by_itself(corridor, partner, at_hand.pop(0))))
                attempts += 1
            if not running:
                return attempts
            ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            if not all(task.result() for task in ended):  # the others look first whether the partner is to be left in peace
                await _give_back(corridor, at_hand)
    finally:
        if running:
            await asyncio.wait(running)
        await _give_back(corridor, at_hand)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A leased message; ``trying``: it alone tries whether a partner that could not be reached is back."""

    item: OutboxItem
    trying: bool


async def _claim(corridor: Corridor, partner: Partner, most: int) -> list[_Claimed]:
    """Lease what is due, unless the partner is being left in peace."""

    def claim(tx: Transaction) -> list[_Claimed]:
        at = corridor.clock()
        health = tx.breakers.get(partner.id)
        allowed = breaker.allowed(health, at, most)
        claimed = tx.outbox.claim(partner.id, at, at + _LEASE, allowed) if allowed else ()
        trying = health.failures >= breaker.FAILURES
        if claimed and trying and not tx.breakers.take(partner.id, health, breaker.trying(health, at + _LEASE)):
            tx.outbox.give_back(claimed)  # another worker tries just now
            return []
        return [_Claimed(item, trying) for item in claimed]

    return await corridor.store.commit(claim)


async def _give_back(corridor: Corridor, at_hand: list[_Claimed]) -> None:
    """Give up the leases on what was claimed and not begun."""
    if not at_hand:
        return
    leases = [claimed.item for claimed in at_hand]
    at_hand.clear()
    await corridor.store.commit(lambda tx: tx.outbox.give_back(leases))


async def _by_itself(corridor: Corridor, partner: Partner, claimed: _Claimed) -> bool:
    """Deliver one message, and tell whether the partner could be reached; whatever fails there stops none of the others.

    What failed here is tried again when its lease has run out.
    """
    try:
        return await deliver(corridor, partner, claimed.item, trying=claimed.trying)
    except Exception as error:  # noqa: BLE001  # of whatever kind: the others' attempts have begun and must end
        _log.error("delivery_failed", exchange=claimed.item.exchange.id, partner=partner.id, exception=type(error).__name__)
        return False


async def deliver(corridor: Corridor, partner: Partner, item: OutboxItem, *, trying: bool = False) -> bool:
    """Make one attempt: decide again, put it on record as begun, hand over, record the outcome.

    Gives whether the partner could be reached, as far as that was tried.
    """
    begun = await corridor.store.commit(lambda tx: _begin(corridor, tx, partner, item, corridor.clock()))
    if begun is None:
        return True
    if isinstance(begun, str):
        _log.warning("delivery_given_up", exchange=item.exchange.id, partner=partner.id, outcome=begun)
        return True
    outcome = await _handed_over(corridor, partner, begun)
    ended = await corridor.store.commit(lambda tx: _end(corridor, tx, partner, begun, outcome, corridor.clock(), trying=trying))
    _say(begun.item, ended)
    return not isinstance(outcome, NotDelivered)


@dataclass(slots=True)
class _Begun:
    """An attempt that is on record: the message as it was then, what leaves, and the transport's note, which may still change."""

    item: OutboxItem
    leaving: Leaving
    note: str | None = field(default=None)


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


async def _handed_over(corridor: Corridor, partner: Partner, begun: _Begun) -> Outcome:
    """Call the transport. It is foreign code: one that raises has not said that the partner saw nothing."""
    exchange = begun.item.exchange.id

    async def keep(note: str) -> None:
        if not (note.isascii() and note.isprintable() and len(note) <= _NOTE_MAX):
            raise ValueError("a note is visible ASCII, and short")
        await corridor.store.commit(lambda tx: tx.outbox.keep_note(exchange, note))
        begun.note = note

    parcel = Parcel(exchange, begun.item.media_type, begun.leaving.content, partner.id, begun.note, keep)
    try:
        async with asyncio.timeout(_ATTEMPT_SECONDS):
            return await partner.transport.deliver(parcel)
    except TimeoutError:
        return NotDelivered("timeout")
    except Exception as error:  # noqa: BLE001  # it promised to raise nothing, so this is its fault, and says so
        _log.error("transport_fault", exchange=exchange, partner=partner.id, exception=type(error).__name__)
        return NotDelivered("transport_fault")


def _begin(corridor: Corridor, tx: Transaction, partner: Partner, claimed: OutboxItem, at: datetime) -> _Begun | str | None:
    """Decide about the message as it is now: since it was claimed it may have become narrower, or be gone.

    Gives what leaves, or the code of a fault for which it was given up, or None where there is nothing to deliver any more.
    """
    item = tx.outbox.get(partner.id, claimed.exchange.id)
    if item is None or not tx.outbox.keep_lease(claimed, at + _LEASE):
        return None
    exchange = item.exchange
    client = tx.clients.by_digest(exchange.client)
    if client is not None and tx.outbox.in_flight(exchange.id):
        _disclose_lost(tx, partner, client, item, at)
    try:
        leaving = None if client is None else decide_outbox(corridor, tx, partner, client, item, WORKER, at)
    except (AdapterFault, Unreadable) as fault:
        code = "adapter_fault" if isinstance(fault, AdapterFault) else "unreadable"
        _give_up(tx, item, code, at)
        return code
    if client is None or leaving is None:
        drop(tx, client, item, WORKER, at, "not_permitted")
        return None
    tx.outbox.begun(exchange.id, at)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "released": list(leaving.scopes), "sha256": leaving.sha256}
    tx.audit(Event(EventName.DELIVERY_BEGUN, at, WORKER, client.subject, fields))
    return _Begun(item, leaving, item.note)


def _disclose_lost(tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, at: datetime) -> None:
    """Record an attempt whose end nobody recorded: nobody knows what the partner saw, so it counts as disclosed."""
    exchange = item.exchange
    link = tx.links.get(client, partner.id)
    if exchange.notice is None:
        tx.disclosures.add(
            Disclosure(
                exchange=exchange.id,
                client=exchange.client,
                partner=exchange.partner,
                direction=exchange.direction,
                purpose=exchange.purpose,
                scopes=exchange.released,
                declarations=exchange.declarations,
                at=at,
                provenance=item.provenance,
                reference=None if link is None else seal_reference(client, exchange.id, link.reference),
            )
        )


def _end(corridor: Corridor, tx: Transaction, partner: Partner, begun: _Begun, outcome: Outcome, at: datetime, *, trying: bool) -> _Ended:
    exchange = tx.exchanges.get(begun.item.exchange.id) or begun.item.exchange  # its client may have been erased in the meantime
    client = tx.clients.by_digest(exchange.client)
    word = "delivered"
    next_at: datetime | None = None
    match outcome:
        case Delivered():
            tx.outbox.delete(exchange.id)
            tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, at)
            if isinstance(partner.transport, ReceiptSource):
                tx.awaited.add(exchange.id, partner.id, begun.note, at)
        case RefusedByPartner(code):
            tx.outbox.delete(exchange.id)
            tx.exchanges.move(exchange.id, ExchangeState.REJECTED, at, code)
            tx.known.forget_exchange(exchange.client, partner.id, exchange.id)
            word = f"rejected:{code}"
        case NotDelivered(code, retry_after):
            word = f"not_delivered:{code}"
            if at - (begun.item.counted_from or exchange.created_at) > corridor.give_up_after:
                _give_up(tx, begun.item, code, at)
            else:
                next_at = at + timedelta(seconds=max(_pause(exchange.attempts), retry_after or 0.0))
                tx.outbox.later(exchange.id, next_at)
    if client is not None and _may_have_been_seen(outcome):
        disclose(tx, client, exchange, begun.leaving, at)
    health = tx.breakers.get(partner.id)
    changed = breaker.after(health, outcome, at, trying=trying)
    if changed != health:
        tx.breakers.put(partner.id, changed)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "outcome": word}
    tx.audit(Event(EventName.DELIVERY_ENDED, at, WORKER, None if client is None else client.subject, fields))
    return _Ended(word, begun.item.exchange.attempts + 1, next_at)


def _may_have_been_seen(outcome: Outcome) -> bool:
    match outcome:
        case Delivered():
            return True
        case RefusedByPartner(_, seen):
            return seen
        case NotDelivered(code, _, seen):
            return seen and code not in NOTHING_SEEN


def _give_up(tx: Transaction, item: OutboxItem, why: str, at: datetime) -> None:
    exchange = item.exchange
    tx.outbox.later(exchange.id, None)
    tx.exchanges.move(exchange.id, ExchangeState.FAILED, at, why)
    tx.known.forget_exchange(exchange.client, exchange.partner, exchange.id)


def _pause(attempt: int) -> float:
    """Give the seconds to the next attempt after this one."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = min(attempt, 30)
    return _PAUSE(state)
