"""Inbound: from a partner to the case system.

``accept`` is everything up to the 202. It reads nothing that depends on whom a message is about, because being a
client is itself secret. ``take_due`` is the worker's part, on its own clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
import structlog

from imgate.adapters.errors import AdapterFault
from imgate.audit.events import Event, EventName
from imgate.consent.judge import Question, decide, now
from imgate.consent.minimise import minimise, present_scopes
from imgate.exchange.answer_message import ANSWER_TYPE, claims_to_be_answer, read_answer
from imgate.exchange.answers import Answer, Call, answered_before, once
from imgate.exchange.attached import Attached, examine, uncovered, without
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.notice_reading import NOTICE_TYPE, claims_to_be_kept, explain_notice, is_notice, read_notice
from imgate.exchange.ports import ClientKeys, KeyInUse, Stale, Transaction, Unavailable
from imgate.exchange.received_notices import tell
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.sealing import seal_inbox
from imgate.exchange.stored import IntakeItem, PersonReport, StoredExchange
from imgate.exchange.turns import in_turn
from imgate.plugin_api import Incoming, MessageUnreadable, Reading, RowProblem
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.reasons import Reason, Unproved
from imgate.vocabulary.words import Direction, ExchangeState

# A larger body is read in a thread, so that one partner's file does not hold up everybody; so is a table, because a workbook is packed,
# and its size says nothing about the work it makes. It depends on the bytes and the partner alone.
_INLINE_MAX = 64 * 1024
_LEASE = timedelta(minutes=5)
_RETRIES = 5
WORKER = "worker"
_log = structlog.get_logger()


async def accept(corridor: Corridor, call: Call, partner_id: str, media_type: str | None, body: bytes) -> Answer:
    """Take a partner's message in: the same 202 for everyone, once it is sealed and durable.

    Raises Refused 422 ``message_unreadable`` for what the bytes alone show.
    """
    partner = corridor.partners.get(partner_id)
    if partner is None:
        raise not_found()
    said, reading = await _read(partner, body, media_type)
    return await _take_in(corridor, call, partner, said, body, reading)


async def accept_answer(corridor: Corridor, call: Call, partner_id: str, body: bytes) -> Answer:
    """Take in what a partner's people answered from the pages, in the core's own form, as ``accept`` does. For no other door.

    Raises Refused 404, MessageUnreadable.
    """
    partner = corridor.partners.get(partner_id)
    if partner is None:
        raise not_found()
    return await _take_in(corridor, call, partner, ANSWER_TYPE, body, read_answer(body))


async def _take_in(corridor: Corridor, call: Call, partner: Partner, media_type: str, body: bytes, reading: Reading) -> Answer:
    """Seal a message that was read and make it durable, once for its key."""
    problems = shown_problems(reading)
    for _ in range(_RETRIES):
        at = corridor.clock()
        receipt = new_id()
        try:
            with corridor.store.reading() as tx:
                before = answered_before(tx, call, at)
        except Unavailable:  # lost, and the loop does not wait
            await corridor.store.back()
            continue
        if before is not None:
            return before

        def record(tx: Transaction, at: datetime = at, receipt: str = receipt) -> Answer:
            kept = tx.intake.add(receipt, partner.id, at, media_type, body, reading.message_id)
            tx.audit(Event(EventName.MESSAGE_ACCEPTED, at, call.actor, None, {"receipt": kept, "partner": partner.id}))
            return Answer.of(202, {"receipt": kept, "problems": problems})

        try:
            return await corridor.store.commit(lambda tx, at=at, record=record: once(tx, call, at, lambda: record(tx)))  # type: ignore[misc]  # bound at once
        except KeyInUse:
            continue
    raise Refused(503, "busy")


async def put_aside(corridor: Corridor, call: Call, partner: Partner, media_type: str, body: bytes, refused: Refused) -> None:
    """Keep on record, under the call's key once, that a message came which cannot be used; nothing of it is taken."""
    at, receipt = corridor.clock(), new_id()
    problems: Any = refused.details.get("message_problems") or [{"code": refused.code}]

    def record(tx: Transaction) -> Answer:
        kept = tx.intake.add(receipt, partner.id, at, media_type, body, None)
        tx.intake.done(kept, at, (), problems)
        tx.audit(Event(EventName.MESSAGE_ACCEPTED, at, call.actor, None, {"receipt": kept, "partner": partner.id}))
        return Answer.of(202, {"receipt": kept, "problems": problems})

    await corridor.store.commit(lambda tx: once(tx, call, at, lambda: record(tx)))


async def _read(partner: Partner, body: bytes, media_type: str | None) -> tuple[str, Reading]:
    """Read a message; give with it the media type under which it is kept. Raises Refused 422."""
    try:
        if claims_to_be_answer(media_type) or claims_to_be_kept(media_type):  # whatever an adapter says that it reads
            raise MessageUnreadable("media_type_unsupported")
        if len(body) > _INLINE_MAX or partner.adapter.manifest.from_partner.format == "table":
            return await anyio.to_thread.run_sync(_understood, partner, body, media_type)
        return _understood(partner, body, media_type)
    except MessageUnreadable as unreadable:
        refused = unreadable
    explained = await anyio.to_thread.run_sync(_explained, partner, body, media_type) if refused.code == "schema_invalid" else ()
    problems = [_problem(problem.line, problem.column, problem.code) for problem in explained]
    problems = problems or [_problem(refused.line, refused.column, refused.code)]
    raise Refused(422, "message_unreadable", message_problems=problems)


def _understood(partner: Partner, body: bytes, media_type: str | None) -> tuple[str, Reading]:
    """Read a notice ourselves, whatever the partner's format is, and anything else by the partner's adapter."""
    if is_notice(media_type, body):
        return NOTICE_TYPE, read_notice(body).reading
    return media_type or "", partner.adapter.read(body, media_type)


def _explained(partner: Partner, body: bytes, media_type: str | None) -> tuple[RowProblem, ...]:
    return explain_notice(body) if is_notice(media_type, body) else partner.adapter.explain(body)


def shown_problems(reading: Reading) -> list[dict[str, Any]]:
    """Give what the bytes alone show to be unusable, row by row."""
    return [_problem(problem.line, problem.column, problem.code) for problem in reading.problems]


def _problem(line: int | None, column: str | int | None, code: str) -> dict[str, Any]:
    parts = {"line": line, "column": column, "code": code}
    return {name: part for name, part in parts.items() if part is not None}


def take_due(corridor: Corridor, limit: int = 100) -> int:
    """Take what partners sent and nobody has looked at yet; give the number of messages."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        claimed = tx.intake.claim(at, at + _LEASE, limit)
    for item in claimed:
        try:
            take(corridor, item)
        except AdapterFault as fault:  # the message stays, and is tried again when the lease has run out
            _log.error("message_not_taken", receipt=item.receipt, partner=item.partner, adapter=fault.adapter_id, kind=fault.kind)
        except Exception as error:  # noqa: BLE001  # of whatever kind: those behind it are not to wait for it
            _log.error("message_not_taken", receipt=item.receipt, partner=item.partner, exception=type(error).__name__)
    return len(claimed)


@in_turn
def take(corridor: Corridor, item: IntakeItem) -> None:
    """Take one message: per person find, load, decide, minimise, and commit it all together with the intake row's end."""
    partner = corridor.partners.get(item.partner)
    at = corridor.clock()
    if partner is None:  # was configured when the message came: nothing may pass
        with corridor.store.transaction() as tx:
            tx.intake.done(item.receipt, at, (), [{"code": "partner_unknown"}])
        return
    if item.media_type == NOTICE_TYPE:
        _take_notice(corridor, partner, item, at)
        return
    try:
        reading = read_answer(item.body) if item.media_type == ANSWER_TYPE else partner.adapter.read(item.body, item.media_type or None)
    except MessageUnreadable as unreadable:  # a mapping changed since the message came
        reading = Reading((), ())
        problems = [_problem(unreadable.line, unreadable.column, unreadable.code)]
    else:
        problems = shown_problems(reading)
    purpose = reading.purpose or partner.purpose
    attached = examine(corridor, partner, reading, purpose, at)
    with _taking(corridor, item) as tx:
        people = [_person(corridor, tx, partner, purpose, item.receipt, incoming, attached, at) for incoming in reading.people]
        _done(tx, item, at, people, [*problems, *attached.problems, *uncovered(people)], attached.shown)


def _take_notice(corridor: Corridor, partner: Partner, item: IntakeItem, at: datetime) -> None:
    """Take a notice of the end of use: it brings nothing, and nothing is decided about it."""
    notice = read_notice(item.body)
    with _taking(corridor, item) as tx:
        person, told = tell(tx, partner, item, notice, at, WORKER)
        _done(tx, item, at, [person], (), (), told)


@contextmanager
def _taking(corridor: Corridor, item: IntakeItem) -> Iterator[Transaction]:
    """Give the one transaction in which a message is taken, or, where another worker took it, nothing of it stays."""
    try:
        with corridor.store.transaction() as tx:
            yield tx
    except Stale:
        _log.warning("message_taken_before", receipt=item.receipt, partner=item.partner)


def _done(
    tx: Transaction,
    item: IntakeItem,
    at: datetime,
    people: Sequence[PersonReport],
    problems: Sequence[Mapping[str, object]],
    attachments: Sequence[Mapping[str, object]],
    end_of_use: Mapping[str, object] | None = None,
) -> None:
    """Put on record that a message was taken. Raises Stale where the lease had run out, and another worker took it."""
    if not tx.intake.done(item.receipt, at, people, problems, attachments, end_of_use):
        raise Stale
    tx.audit(Event(EventName.MESSAGE_TAKEN, at, WORKER, None, {"receipt": item.receipt, "partner": item.partner, "people": len(people)}))


def _person(
    corridor: Corridor,
    tx: Transaction,
    partner: Partner,
    purpose: str | None,
    receipt: str,
    incoming: Incoming,
    attached: Attached,
    at: datetime,
) -> PersonReport:
    """Take one person's part. An unknown person is reported to the case system only, and leaves no reference in the log."""
    scopes = present_scopes(incoming.record)
    client = tx.links.by_reference(partner.id, incoming.reference)
    if client is None:
        return PersonReport(None, None, incoming.reference)
    unproved = attached.unproved(incoming.reference, scopes)
    record = without(incoming.record, unproved)
    provenance = dict.fromkeys(scopes, partner.id)
    question = Question(Direction.FROM_PARTNER, purpose, tuple(scope for scope in scopes if scope not in unproved), now(at), provenance)
    decision = decide(partner.policy, tx.declarations.of(client.digest, partner.id), question)
    disclosers = dict.fromkeys(decision.named, partner.policy.name)
    today = at.astimezone(corridor.policy.zone).date()
    minimised = minimise(partner.policy, decision, record, provenance, disclosers, today)
    released = tuple(minimised.released.releases)
    reasons: dict[str, Reason | Unproved] = {**minimised.withheld, **unproved}
    withheld = tuple((scope, reasons[scope].value) for scope in scopes if scope in reasons)
    exchange = StoredExchange(
        id=new_id(),
        client=client.digest,
        partner=partner.id,
        direction=Direction.FROM_PARTNER,
        purpose=purpose,
        state=ExchangeState.RECEIVED if released else ExchangeState.WITHHELD,
        created_at=at,
        released=released,
        withheld=withheld,
        declarations=tuple(sorted({decision.permitted[scope].id for scope in released})),
        receipt=receipt,
    )
    tx.exchanges.add(exchange)
    if released:
        named = {scope: decision.permitted[scope].id for scope in released}
        tx.inbox.add(client, exchange.id, named, seal_inbox(client, exchange.id, minimised.released))
    tx.audit(_event(client, exchange))
    return PersonReport(client.digest, exchange.id, None, released, withheld)


def _event(client: ClientKeys, exchange: StoredExchange) -> Event:
    fields = {
        "exchange": exchange.id,
        "partner": exchange.partner,
        "purpose": exchange.purpose,
        "receipt": exchange.receipt,
        "released": list(exchange.released),
        "withheld": [f"{scope}:{reason}" for scope, reason in exchange.withheld],
        "declarations": list(exchange.declarations),
    }
    name = EventName.EXCHANGE_PERMITTED if exchange.released else EventName.EXCHANGE_WITHHELD
    return Event(name, exchange.created_at, WORKER, client.subject, fields)
