"""The boxes: what a partner, and the case system, fetch and acknowledge. They need no worker.

Each hand-out decides again, in one transaction before the answer goes, for exactly the items that it returns.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from imgate.adapters.errors import AdapterFault
from imgate.audit.events import Event, EventName
from imgate.exchange.again import Allowed, Leaving, Taken, decide_inbox, decide_outbox, drop
from imgate.exchange.answers import Call
from imgate.exchange.code_lists import last_day_of
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.legal_circle import SAID_BY
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable, Unsigned
from imgate.exchange.received_notices import is_open
from imgate.exchange.record_hints import of_record
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.requests import RejectRequest
from imgate.exchange.responsibility import circle_changes, remember_circle
from imgate.exchange.sealing import open_inbox, seal_reference
from imgate.exchange.signed_receipt import see_that_it_signs, sign_receipt
from imgate.exchange.stored import Cursor, Disclosure, InboxItem, OutboxItem, StoredExchange
from imgate.exchange.turns import in_turn
from imgate.vocabulary.words import Direction, ExchangeState

_APPOINTMENTS = "appointments.upcoming"
_log = structlog.get_logger()

A = TypeVar("A", bound=Allowed)
# What decides again about one item: see ``decide_outbox``.
Deciding = Callable[[Corridor, Transaction, Partner, ClientKeys, OutboxItem, str, datetime], A | None]


def outbox(corridor: Corridor, call: Call, partner_id: str, cursor: Cursor) -> dict[str, Any]:
    """Hand out what waits for this partner, oldest first, each item decided again, with its receipt.

    Raises Refused 404, BadCursor; Unsigned where receipts cannot be signed just now: then nothing is handed out.
    """
    partner = corridor.partners.get(partner_id)
    if partner is None:
        raise not_found()
    see_that_it_signs(corridor)
    handed, following, at = _hand_out_page(corridor, call, partner, cursor)
    items: dict[str, Any] = {"items": [_shown(corridor, partner, item, leaving, at) for item, leaving in handed]}
    return items if following is None else items | {"next": following}


@in_turn
def _hand_out_page(
    corridor: Corridor, call: Call, partner: Partner, cursor: Cursor
) -> tuple[list[tuple[OutboxItem, Leaving]], str | None, datetime]:
    """Hand a page out; give what may leave of it, where the list goes on, and when that was decided."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        page = tx.outbox.page(partner.id, cursor, at)
        handed = [(item, hand_out(corridor, tx, call, partner, item, at, decide_outbox)) for item in page.items]
    return [(item, found[1]) for item, found in handed if found is not None], page.next, at


def _shown(corridor: Corridor, partner: Partner, item: OutboxItem, leaving: Leaving, decided_at: datetime) -> dict[str, Any]:
    return {
        "id": item.exchange.id,
        "media_type": item.media_type,
        "content": base64.b64encode(leaving.content).decode(),
        "created_at": shown_at(item.exchange.created_at),
        "receipt": sign_receipt(corridor, partner, item, leaving, decided_at).token,
    }


def hand_out(
    corridor: Corridor, tx: Transaction, call: Call, partner: Partner, item: OutboxItem, at: datetime, decided: Deciding[A]
) -> tuple[ClientKeys, A] | None:
    """Hand one item out as far as it is ``decided`` to be allowed, and put that on record; None where nothing may be had of it now.

    What may not be had any more is dropped.
    """
    client = tx.clients.by_digest(item.exchange.client)
    if client is None:
        drop(tx, None, item, call.actor, at, "client_unknown")
        return None
    try:
        allowed = decided(corridor, tx, partner, client, item, call.actor, at)
    except Unsigned:  # it is tried again when the partner asks again; the others are not to wait for it
        _log.error("not_handed_out", exchange=item.exchange.id, partner=partner.id, why="unsigned")
        return None
    except (AdapterFault, Unreadable) as fault:
        why = "adapter_fault" if isinstance(fault, AdapterFault) else "unreadable"
        _log.error("not_handed_out", exchange=item.exchange.id, partner=partner.id, why=why)
        if item.exchange.state is not ExchangeState.FAILED:  # a partner asks every other second
            tx.exchanges.move(item.exchange.id, ExchangeState.FAILED, at, why)
        return None
    if allowed is None:
        drop(tx, client, item, call.actor, at, "not_permitted")
        return None
    if item.handed_out_at is None or allowed.sha256 != item.handed_out_sha256:
        _first_time(tx, call, client, item.exchange, allowed, at)
    tx.outbox.handed_out(item.exchange.id, at, allowed.sha256)
    return client, allowed


def _first_time(tx: Transaction, call: Call, client: ClientKeys, exchange: StoredExchange, leaving: Allowed, at: datetime) -> None:
    """Put on record that these bytes are handed out."""
    if exchange.state is not ExchangeState.DELIVERED:
        tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, at)
    disclose(tx, client, exchange, leaving, at)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "released": list(leaving.scopes), "sha256": leaving.sha256}
    tx.audit(Event(EventName.HANDED_OUT, at, call.actor, client.subject, fields))


def disclose(tx: Transaction, client: ClientKeys | None, exchange: StoredExchange, leaving: Allowed, at: datetime) -> None:
    """Record one hand-out to a partner for the client's right to know, with the reference under which it went.

    A notice of the end of use passes nothing, and is no disclosure. ``client`` is None where it was erased in the meantime.
    """
    if exchange.notice is not None:
        return
    reference = None if client is None else seal_reference(client, exchange.id, leaving.reference)
    tx.disclosures.add(Disclosure.of(exchange, leaving.scopes, leaving.declarations, at, leaving.provenance, reference))


def outbox_ack(corridor: Corridor, call: Call, partner_id: str, exchange_id: str) -> None:
    """Take a partner's word that it has a message; its payload is deleted. Repeatable. Raises Refused 404."""
    _end(corridor, call, partner_id, exchange_id, ExchangeState.ACKNOWLEDGED, None)


def outbox_reject(corridor: Corridor, call: Call, partner_id: str, exchange_id: str, request: RejectRequest) -> None:
    """Take a partner's word that it will not have a message; its payload is deleted. Repeatable. Raises Refused 404."""
    _end(corridor, call, partner_id, exchange_id, ExchangeState.REJECTED, request.code)


@in_turn
def _end(corridor: Corridor, call: Call, partner_id: str, exchange_id: str, state: ExchangeState, detail: str | None) -> None:
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or exchange.partner != partner_id or exchange.direction is not Direction.TO_PARTNER:
            raise not_found()
        if exchange.state is state:
            return
        if exchange.state in (ExchangeState.ACKNOWLEDGED, ExchangeState.REJECTED):
            raise Refused(409, f"already_{exchange.state.value}")
        if exchange.state is not ExchangeState.DELIVERED:
            raise not_found()
        tx.outbox.delete(exchange_id)
        tx.awaited.settle(exchange_id)
        tx.exchanges.move(exchange_id, state, at, detail)
        if state is ExchangeState.REJECTED:
            tx.known.forget_exchange(exchange.client, exchange.partner, exchange_id)
        _audit_end(tx, call, exchange, state, detail, at)


@in_turn
def inbox(corridor: Corridor, call: Call, cursor: Cursor) -> dict[str, Any]:
    """Hand out what partners sent and the clients allow, oldest first, each item decided again."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        page = tx.inbox.page(cursor)
        shown = [_take_out(corridor, tx, call, item, at) for item in page.items]
    items: dict[str, Any] = {"items": [item for item in shown if item is not None]}
    return items if page.next is None else items | {"next": page.next}


def _take_out(corridor: Corridor, tx: Transaction, call: Call, item: InboxItem, at: datetime) -> dict[str, Any] | None:
    exchange = item.exchange
    client, taken = _decided(corridor, tx, call, item, at)
    if client is None or taken is None:
        return None
    if item.handed_out_at is None:
        _put_on_record(tx, call, client, exchange, taken.scopes, taken.declarations, at)
    tx.inbox.handed_out(exchange.id, at)
    shown = {
        "id": exchange.id,
        "partner": exchange.partner,
        "client": client.reference,
        "record": dict(taken.record),
        "provenance": dict.fromkeys(taken.scopes, exchange.partner),
        "received_at": shown_at(exchange.created_at),
    }
    today = at.astimezone(corridor.policy.zone).date()
    hints = circle_changes(corridor, tx, client, exchange, taken.record, at)
    hints += of_record(taken.record, today, corridor.remind_days, partial(last_day_of, tx))
    return shown | ({"hints": hints} if hints else {})


def _decided(
    corridor: Corridor, tx: Transaction, call: Call, item: InboxItem, at: datetime
) -> tuple[ClientKeys, Taken] | tuple[None, None]:
    """Decide again about an item; what may not be had any more is dropped."""
    exchange = item.exchange
    client = tx.clients.by_digest(exchange.client)
    partner = corridor.partners.get(exchange.partner)
    try:
        taken = None if client is None or partner is None else decide_inbox(corridor, tx, partner, client, item, call.actor, at)
    except Unreadable:  # the others are not to wait for it; the operator must look
        _log.error("not_handed_out", exchange=exchange.id, partner=exchange.partner, why="unreadable")
        return None, None
    if client is None or taken is None:
        drop(tx, client, item, call.actor, at, "not_permitted")
        return None, None
    return client, taken


def _put_on_record(
    tx: Transaction,
    call: Call,
    client: ClientKeys,
    exchange: StoredExchange,
    scopes: tuple[str, ...],
    declarations: tuple[str, ...],
    at: datetime,
) -> None:
    """Put on record that the case system is handed these scopes, and from whom it has them."""
    tx.disclosures.add(Disclosure.of(exchange, scopes, declarations, at))
    tx.origins.add(exchange.client, exchange.partner, scopes)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "released": list(scopes)}
    tx.audit(Event(EventName.HANDED_OUT, at, call.actor, client.subject, fields))


@dataclass(frozen=True, slots=True)
class InboxAppointments:
    """The appointments of one inbox item, as the case record has them, and the unit that sent them."""

    exchange: str
    sender: str
    received_at: str
    appointments: Sequence[Mapping[str, Any]] = field(repr=False)


def inbox_appointments(corridor: Corridor, call: Call, exchange_id: str) -> InboxAppointments:
    """Hand out the appointments of one inbox item by themselves, decided again. Raises Refused 404 where there are none.

    As long as the item itself was not fetched, each time goes on record, for this scope alone; the item goes on waiting.
    """
    found = _appointments(corridor, call, exchange_id)
    if found is None:  # not inside the transaction: what was narrowed or dropped in it stays so
        raise not_found()
    return found


@in_turn
def _appointments(corridor: Corridor, call: Call, exchange_id: str) -> InboxAppointments | None:
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        item = tx.inbox.get(exchange_id)
        client, taken = (None, None) if item is None else _decided(corridor, tx, call, item, at)
        if item is None or client is None or taken is None:
            return None
        exchange = item.exchange
        appointments: Any = taken.record.get("appointments", {}).get("upcoming")
        if not appointments:
            return None
        if item.handed_out_at is None:
            _put_on_record(tx, call, client, exchange, (_APPOINTMENTS,), (taken.named[_APPOINTMENTS],), at)
        sender = corridor.partners[exchange.partner].policy.name
        return InboxAppointments(exchange.id, sender, shown_at(exchange.created_at), appointments)


@in_turn
def inbox_ack(corridor: Corridor, call: Call, exchange_id: str) -> None:
    """Take the case system's word that it has an item, or a notice; a payload is deleted. Repeatable. Raises Refused 404."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or exchange.direction is not Direction.FROM_PARTNER:
            raise not_found()
        if exchange.state is ExchangeState.ACKNOWLEDGED:
            return
        item = tx.inbox.get(exchange_id)
        if not is_open(exchange) and (item is None or item.handed_out_at is None):
            raise not_found()
        _remember(tx, exchange)
        tx.inbox.delete(exchange_id)
        tx.exchanges.move(exchange_id, ExchangeState.ACKNOWLEDGED, at)
        _audit_end(tx, call, exchange, ExchangeState.ACKNOWLEDGED, None, at)


def _remember(tx: Transaction, exchange: StoredExchange) -> None:
    """Remember what the case system was told of the legal circle. An acknowledgement does not depend on that."""
    if SAID_BY.isdisjoint(exchange.released):  # nearly every item: it need not be opened
        return
    client = tx.clients.by_digest(exchange.client)
    sealed = tx.inbox.sealed(exchange.id)
    if client is None or sealed is None:
        return
    try:
        remember_circle(tx, client, exchange, open_inbox(client, exchange.id, sealed))
    except Unreadable:
        _log.error("circle_not_remembered", exchange=exchange.id, partner=exchange.partner)


def _audit_end(tx: Transaction, call: Call, exchange: StoredExchange, state: ExchangeState, detail: str | None, at: datetime) -> None:
    client = tx.clients.by_digest(exchange.client)
    name = EventName.ACKNOWLEDGED if state is ExchangeState.ACKNOWLEDGED else EventName.REJECTED
    fields: dict[str, object] = {"exchange": exchange.id, "partner": exchange.partner}
    if detail is not None:
        fields["reason"] = detail
    tx.audit(Event(name, at, call.actor, None if client is None else client.subject, fields))
