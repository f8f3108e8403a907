"""What partners answer when they are told of the end of use: over their own path, or by telephone, and the case system says it for them.

An answer can be corrected: the latest counts, and each is on record.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from imgate.audit.events import Event, EventName
from imgate.consent.declaration import Confided
from imgate.exchange.again import drop
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.stored import Notice, Revocation, StoredExchange
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import UUID_PATTERN, new_id
from imgate.vocabulary.words import EndOfUseAnswer, ExchangeState


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("not printable")
    return text


class EndOfUseRequest(Confided):
    """What the partner does now. ``statute`` names the provision under which it has to keep the data."""

    answer: Annotated[EndOfUseAnswer, Field(strict=False)]
    statute: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)] | None = None


class EndOfUseByTelephone(EndOfUseRequest):
    """The same in the partner's name: for one notice, or for all of the revocation."""

    notice: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None


@in_turn
def answer(corridor: Corridor, call: Call, partner_id: str, message_id: str, request: EndOfUseRequest) -> None:
    """Take a partner's answer to a notice, named by the id of its message or of a reminder; it acknowledges that message too.

    Repeatable. Raises Refused 404, 422 ``statute_missing``, ``statute_unexpected``.
    """
    _check(request)
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        exchange = tx.exchanges.get(message_id)
        if exchange is None or exchange.partner != partner_id or exchange.notice is None or not _may_have_it(exchange):
            raise not_found()
        notice = tx.revocations.notice(exchange.notice)
        run = None if notice is None else tx.revocations.get(notice.revocation)
        if notice is None or run is None:
            raise not_found()
        client = tx.clients.by_digest(notice.client)
        _acknowledge(tx, call, client, exchange, at)
        _record(tx, call, client, run, notice, request, at)


@in_turn
def answer_by_telephone(corridor: Corridor, call: Call, revocation: str, request: EndOfUseByTelephone) -> None:
    """Take the case system's word for a partner's answer: to one notice, or to all of a revocation. Repeatable.

    Also where there was no notice, because nobody knew a reference: then the telephone was the only way. Raises Refused 404,
    409 ``client_erased``, 422 ``statute_missing``, ``statute_unexpected``.
    """
    _check(request)
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        run = tx.revocations.get(revocation)
        if run is None:
            raise not_found()
        client = tx.clients.by_digest(run.client)
        notices = tx.revocations.notices(run.id) or (_without_message(tx, client, run),)
        chosen = [notice for notice in notices if request.notice in (None, notice.id)]
        if not chosen:
            raise not_found()
        for notice in chosen:
            _record(tx, call, client, run, notice, request, at)


def _check(request: EndOfUseRequest) -> None:
    """See that a statute is named where the answer is about one, and only there."""
    kept = request.answer is EndOfUseAnswer.KEPT_UNDER_STATUTE
    if kept and request.statute is None:
        raise Refused(422, "statute_missing", [Problem("statute_missing", "/statute")])
    if not kept and request.statute is not None:
        raise Refused(422, "statute_unexpected", [Problem("statute_unexpected", "/statute")])


def _may_have_it(exchange: StoredExchange) -> bool:
    """Tell whether the partner can know this message: an attempt whose outcome is unknown may have reached it."""
    return exchange.attempts > 0 or exchange.state not in (ExchangeState.QUEUED, ExchangeState.CANCELLED)


def _without_message(tx: Transaction, client: ClientKeys | None, run: Revocation) -> Notice:
    """Store a notice that was given by telephone: without reference and message."""
    if client is None:
        raise Refused(409, "client_erased")
    notice = Notice(new_id(), run.id, run.client, "", run.scopes, message="")
    tx.revocations.add_notice(client, notice)
    return notice


def _acknowledge(tx: Transaction, call: Call, client: ClientKeys | None, exchange: StoredExchange, at: datetime) -> None:
    """Whoever answers has the message. One that is on its way just now is left to the attempt."""
    if exchange.state in (ExchangeState.ACKNOWLEDGED, ExchangeState.REJECTED) or tx.outbox.in_flight(exchange.id):
        return
    tx.outbox.delete(exchange.id)
    tx.awaited.settle(exchange.id)
    tx.exchanges.move(exchange.id, ExchangeState.ACKNOWLEDGED, at)
    fields = {"exchange": exchange.id, "partner": exchange.partner}
    tx.audit(Event(EventName.ACKNOWLEDGED, at, call.actor, None if client is None else client.subject, fields))


def _record(
    tx: Transaction, call: Call, client: ClientKeys | None, run: Revocation, notice: Notice, request: EndOfUseRequest, at: datetime
) -> None:
    """Put the answer on record; what else waits of this notice is not needed any more."""
    if notice.answer is request.answer and notice.statute == (None if client is None else request.statute):
        return
    tx.revocations.answer(client, notice.id, request.answer, request.statute, at)
    for item in tx.outbox.waiting(notice.client, run.partner):
        if item.exchange.notice == notice.id and not tx.outbox.in_flight(item.exchange.id):
            drop(tx, client, item, call.actor, at, "answered")
    fields = {"revocation": run.id, "notice": notice.id, "partner": run.partner, "answer": request.answer.value}
    tx.audit(Event(EventName.END_OF_USE_ANSWERED, at, call.actor, None if client is None else client.subject, fields))
