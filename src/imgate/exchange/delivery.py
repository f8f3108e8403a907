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
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable, Unsigned
from imgate.exchange.sealing import seal_reference
from imgate.exchange.signed_receipt import SignedReceipt, sign_receipt
from imgate.exchange.stored import Breaker, Disclosure, OutboxItem
from imgate.plugin_api import NOTHING_SEEN, Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner
from imgate.vocabulary.words import ExchangeState

# An attempt is ended after the first two, and its lease holds for longer: no two attempts of one message run side by side.
_SIGN_SECONDS = 10.0
_ATTEMPT_SECONDS = 60.0
_LEASE = timedelta(seconds=90)
_FAULT_PAUSE = timedelta(seconds=10)
# Attempts at one partner at a time: more than there are connections, so that the next turn is decided while these are posted.
SLOTS = 48
# What ends so soon after another shares its transaction; and while all wait for a slow partner, new messages are looked for.
_GATHER_SECONDS = 0.0005
_LOOK_AGAIN_SECONDS = 2.0
# Doubling from five seconds to an hour, half of it by chance.
_PAUSE = wait_combine(wait_exponential(multiplier=2.5, max=1800), wait_random_exponential(multiplier=2.5, max=1800))
_NOTE_MAX = 500
_UNSIGNED = NotDelivered("unsigned", seen=False)
_log = structlog.get_logger()


async def deliver_due(corridor: Corridor, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Deliver what is due, to each partner by itself, until nothing more is or somebody has ``enough``; give the number of attempts."""
    handed_over = [partner for partner in corridor.partners.values() if not partner.transport.waits]
    return sum(await asyncio.gather(*(deliver_to(corridor, partner, enough=enough) for partner in handed_over)))


async def deliver_to(corridor: Corridor, partner: Partner, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Deliver what is due for one partner; give the number of attempts.

    In turns: each records what has ended and begins what is due in one transaction, so that many share the wait for the disk.
    """
    attempts = 0
    ended: list[_Attempt] = []
    running: set[asyncio.Task[_Attempt]] = set()
    try:
        while True:
            turn = await _take_turn(corridor, partner, ended, 0 if enough() else SLOTS - len(running))
            ended = []
            attempts += len(turn.begun)
            running |= {asyncio.create_task(_hand_over(corridor, partner, attempt)) for attempt in turn.begun}
            if not running:
                if turn.claimed:  # nothing of it may leave, but what waited behind it may
                    continue
                return attempts
            done, running = await asyncio.wait(running, timeout=_LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if done and running:
                more, running = await asyncio.wait(running, timeout=_GATHER_SECONDS)
                done |= more
            ended = [task.result() for task in done]
    finally:
        if running:
            done, _ = await asyncio.wait(running)
            await _take_turn(corridor, partner, [*ended, *(task.result() for task in done)], 0)


@dataclass(slots=True)
class _Attempt:
    """An attempt that is on record: the message as it was then, whose it is, what leaves, and the transport's note, which may change.

    ``trying``: it alone tries whether a partner that could not be reached is back. ``outcome`` comes last.
    """

    item: OutboxItem
    client: ClientKeys = field(repr=False)
    leaving: Leaving
    begun_at: datetime
    trying: bool
    note: str | None
    outcome: Outcome = field(default_factory=lambda: NotDelivered("transport_fault"))


@dataclass(frozen=True, slots=True)
class _Report:
    """What is logged of a message: a word, the exchange, and how an attempt ended, its number, and when the next is due, if ever."""

    word: str
    exchange: str
    outcome: str
    attempt: int | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a turn did: which attempts it began, of how many messages, and what is to be logged."""

    begun: list[_Attempt]
    claimed: int
    reports: list[_Report]


async def _take_turn(corridor: Corridor, partner: Partner, ended: list[_Attempt], free: int) -> _Turn:
    """Record what has ended, and begin at most ``free`` attempts that are due; log it once that is durable."""
    turn = await corridor.store.commit(lambda tx: _turn(corridor, tx, partner, ended, free, corridor.clock()))
    for report in turn.reports:
        say = _log.info if report.outcome == "delivered" else _log.warning
        shown = {} if report.attempt is None else {"attempt": report.attempt, "next_at": report.next_at and shown_at(report.next_at)}
        say(report.word, exchange=report.exchange, partner=partner.id, outcome=report.outcome, **shown)
    return turn


def _turn(corridor: Corridor, tx: Transaction, partner: Partner, ended: list[_Attempt], free: int, at: datetime) -> _Turn:
    """Do one turn. Each message by itself: whatever fails with one of them stops none of the others."""
    reports: list[_Report] = []
    before = health = tx.breakers.get(partner.id)
    for attempt in ended:
        with tx.apart(_failed(tx, reports, attempt.item, at)):
            reports.append(_end(corridor, tx, partner, attempt, at))
        if attempt.outcome != _UNSIGNED:  # which says nothing about the partner
            health = breaker.after(health, attempt.outcome, at, trying=attempt.trying)
    if health != before:
        tx.breakers.put(partner.id, health)
    begun: list[_Attempt] = []
    claimed = _claim(tx, partner, health, free, at)
    for item in claimed:
        with tx.apart(_failed(tx, reports, item, at)):
            attempt_or_fault = _begin(corridor, tx, partner, item, at, trying=health.failures >= breaker.FAILURES)
            if isinstance(attempt_or_fault, _Attempt):
                begun.append(attempt_or_fault)
            elif attempt_or_fault is not None:
                reports.append(_Report("delivery_given_up", item.exchange.id, attempt_or_fault))
    return _Turn(begun, len(claimed), reports)


def _failed(tx: Transaction, reports: list[_Report], item: OutboxItem, at: datetime) -> Callable[[Exception], None]:
    """Say that something failed with this message, and have it tried again a little later."""

    def failed(error: Exception) -> None:
        tx.outbox.hold(item.exchange.id, at + _FAULT_PAUSE)
        reports.append(_Report("delivery_failed", item.exchange.id, type(error).__name__))

    return failed


def _claim(tx: Transaction, partner: Partner, health: Breaker, free: int, at: datetime) -> tuple[OutboxItem, ...]:
    """Lease what is due, unless the partner is being left in peace."""
    allowed = breaker.allowed(health, at, free)
    claimed = tx.outbox.claim(partner.id, at, at + _LEASE, allowed) if allowed else ()
    if not claimed or health.failures < breaker.FAILURES:
        return claimed
    if tx.breakers.take(partner.id, health, breaker.trying(health, at + _LEASE)):
        return claimed
    tx.outbox.give_back(claimed)  # another worker tries just now
    return ()


async def _hand_over(corridor: Corridor, partner: Partner, attempt: _Attempt) -> _Attempt:
    """Make the attempt; give it with its outcome. Without a receipt nothing leaves."""
    receipt = await _signed(corridor, partner, attempt)
    attempt.outcome = _UNSIGNED if receipt is None else await _handed_over(corridor, partner, attempt, receipt)
    return attempt


async def _signed(corridor: Corridor, partner: Partner, attempt: _Attempt) -> SignedReceipt | None:
    """Sign the receipt, aside because what signs may be a hardware token; None where it cannot be just now."""
    item = attempt.item
    try:
        async with asyncio.timeout(_SIGN_SECONDS):
            return await asyncio.to_thread(sign_receipt, corridor, partner, item, attempt.leaving, attempt.begun_at)
    except (Unsigned, TimeoutError):
        return None
    except Exception as error:  # noqa: BLE001  # a bug of ours; it must not stop what else is under way
        _log.error("receipt_fault", exchange=item.exchange.id, partner=partner.id, exception=type(error).__name__)
        return None


async def _handed_over(corridor: Corridor, partner: Partner, attempt: _Attempt, receipt: SignedReceipt) -> Outcome:
    """Call the transport. It is foreign code: one that raises has not said that the partner saw nothing."""
    exchange = attempt.item.exchange.id

    async def keep(note: str) -> None:
        if not (note.isascii() and note.isprintable() and len(note) <= _NOTE_MAX):
            raise ValueError("a note is visible ASCII, and short")
        await corridor.store.commit(lambda tx: tx.outbox.keep_note(exchange, note))
        attempt.note = note

    leaving, media_type = attempt.leaving, attempt.item.media_type
    parcel = Parcel(exchange, media_type, leaving.content, partner.id, attempt.note, keep, receipt=receipt.token)
    try:
        async with asyncio.timeout(_ATTEMPT_SECONDS):
            return await partner.transport.deliver(parcel)
    except TimeoutError:
        return NotDelivered("timeout")
    except Exception as error:  # noqa: BLE001  # it promised to raise nothing, so this is its fault, and says so
        _log.error("transport_fault", exchange=exchange, partner=partner.id, exception=type(error).__name__)
        return NotDelivered("transport_fault")


def _begin(corridor: Corridor, tx: Transaction, partner: Partner, item: OutboxItem, at: datetime, *, trying: bool) -> _Attempt | str | None:
    """Decide about a message that was claimed in this transaction, and put its attempt on record.

    Gives the attempt, or the code of a fault for which it was given up, or None where there is nothing to deliver any more.
    """
    exchange = item.exchange
    client = tx.clients.by_digest(exchange.client)
    if client is not None and item.begun_at is not None:
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
    return _Attempt(item, client, leaving, at, trying, item.note)


def _disclose_lost(tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, at: datetime) -> None:
    """Record an attempt whose end nobody recorded: nobody knows what the partner saw, so it counts as disclosed."""
    exchange = item.exchange
    link = tx.links.get(client, partner.id)
    if exchange.notice is None:
        reference = None if link is None else seal_reference(client, exchange.id, link.reference)
        tx.disclosures.add(Disclosure.of(exchange, exchange.released, exchange.declarations, at, item.provenance, reference))


def _end(corridor: Corridor, tx: Transaction, partner: Partner, attempt: _Attempt, at: datetime) -> _Report:
    """Record how an attempt ended. What was ended otherwise in the meantime keeps its state; what was disclosed is disclosed."""
    exchange, outcome = attempt.item.exchange, attempt.outcome
    state, client_now = tx.exchanges.standing(exchange.id)
    client = attempt.client if client_now == exchange.client else None  # None: erased in the meantime
    open_still = state in (ExchangeState.QUEUED, ExchangeState.FAILED)
    word = "delivered"
    next_at: datetime | None = None
    match outcome:
        case Delivered():
            tx.outbox.delete(exchange.id)
            if open_still:
                tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, at)
                if partner.gives_receipts:
                    tx.awaited.add(exchange.id, partner.id, attempt.note, at)
        case RefusedByPartner(code):
            word = f"rejected:{code}"
            tx.outbox.delete(exchange.id)
            if open_still:
                tx.exchanges.move(exchange.id, ExchangeState.REJECTED, at, code)
                tx.known.forget_exchange(exchange.client, partner.id, exchange.id)
        case NotDelivered(code, retry_after):
            word = f"not_delivered:{code}"
            if open_still and at - (attempt.item.counted_from or exchange.created_at) > corridor.give_up_after:
                _give_up(tx, attempt.item, code, at)
            elif open_still:
                next_at = at + timedelta(seconds=max(_pause(exchange.attempts + 1), retry_after or 0.0))
                tx.outbox.later(exchange.id, next_at)
    if _may_have_been_seen(outcome):
        disclose(tx, client, exchange, attempt.leaving, at)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "outcome": word}
    tx.audit(Event(EventName.DELIVERY_ENDED, at, WORKER, None if client is None else client.subject, fields))
    return _Report("delivery", exchange.id, word, exchange.attempts + 1, next_at)


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
