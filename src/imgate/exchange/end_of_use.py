"""The end of use: whoever was handed something under a declaration that has ended is told so, and reminded.

Only partners that were, or may have been, handed something are told. A whole revocation concerns all of it; after expiry,
superseding and partial revocation a scope that another declaration covers goes on, and nothing is said about it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from imgate.audit.events import Event, EventName
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Question, decide, now
from imgate.exchange.context import Corridor
from imgate.exchange.inbound import WORKER
from imgate.exchange.notice import send_notice, was_handed_out
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable
from imgate.exchange.sealing import open_reference
from imgate.exchange.stored import Disclosure, Notice, Revocation
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, EndCause, ExchangeState

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class End:
    """The end of a declaration, or of some of its scopes. ``at``: from when on; ``in_flight``: exchanges on their way just now."""

    declaration: VerifiedDeclaration
    cause: EndCause
    scopes: frozenset[str]
    at: datetime
    in_flight: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Handed:
    """Scopes that were, or may have been, handed out together: for what, whose they were, and under which reference."""

    scopes: frozenset[str]
    purpose: str | None
    provenance: Mapping[str, str]
    reference: str | None = field(repr=False)


def tell_end_of_use(corridor: Corridor, tx: Transaction, client: ClientKeys, end: End, actor: str, at: datetime) -> str | None:
    """Put the end on record and have the partner told; give the revocation's id, or None where nobody was handed anything.

    To be called once the end is in force in this transaction, and what waited has been withdrawn. Where no reference is
    known, or the partner is configured no more, there is no notice: somebody must phone.
    """
    partner_id = end.declaration.partner
    known_as = _current_reference(tx, client, partner_id)
    concerned = [*_handed_out(tx, client, end, known_as), *_in_flight(tx, client, end, known_as)]
    if end.cause is not EndCause.REVOKED:
        concerned = list(_not_covered(corridor, tx, client, partner_id, concerned, at))
    earlier = _handed_out(tx, client, end, known_as, earlier=True)
    concerned += _not_covered(corridor, tx, client, partner_id, earlier, at)
    scopes = sorted({scope for handed in concerned for scope in handed.scopes})
    if not scopes:
        return None
    run = Revocation(new_id(), client.digest, partner_id, end.declaration.id, end.cause, tuple(scopes), end.at)
    tx.revocations.add(run)
    tx.known.forget(client.digest, partner_id, run.scopes)
    notices = list(_tell(corridor, tx, client, run, concerned, at))
    fields = {
        "revocation": run.id,
        "declaration": run.declaration,
        "partner": partner_id,
        "cause": run.cause.value,
        "scopes": scopes,
        "notices": [notice.id for notice in notices],
        "messages": [notice.message for notice in notices],
    }
    tx.audit(Event(EventName.END_OF_USE_TOLD, at, actor, client.subject, fields))
    return run.id


def _handed_out(tx: Transaction, client: ClientKeys, end: End, known_as: str | None, *, earlier: bool = False) -> Iterator[_Handed]:
    """Give what the partner was handed of it, and was not told about since; or ``earlier``, when it did not stand yet."""
    told: dict[str, datetime] = {}
    for run, notice in tx.revocations.of_client(client.digest):
        if run.partner == end.declaration.partner:
            told |= {scope: max(run.at, told.get(scope, run.at)) for scope in notice.scopes}
    for disclosure in tx.disclosures.to_partners(client.digest, end.declaration.partner):
        if not (_before(disclosure, end.declaration) if earlier else _under(disclosure, end.declaration)):
            continue
        scopes = {scope for scope in end.scopes.intersection(disclosure.scopes) if scope not in told or told[scope] < disclosure.at}
        if scopes:
            yield _Handed(frozenset(scopes), disclosure.purpose, disclosure.provenance or {}, _opened(client, disclosure) or known_as)


def _under(disclosure: Disclosure, declaration: VerifiedDeclaration) -> bool:
    """Tell whether a hand-out was one for which this declaration stood, even if another was named for it."""
    if declaration.id in disclosure.declarations:
        return True
    complete_at = declaration.complete_at
    return _stands_for(declaration, disclosure.purpose) and complete_at is not None and complete_at <= disclosure.at < declaration.closes_at


def _stands_for(declaration: VerifiedDeclaration, purpose: str | None) -> bool:
    """Tell whether a declaration can have carried a message to the partner with this purpose."""
    return declaration.complete_at is not None and declaration.direction.covers(Direction.TO_PARTNER) and purpose in declaration.purposes


def _before(disclosure: Disclosure, declaration: VerifiedDeclaration) -> bool:
    """Tell whether a hand-out came before this declaration was complete, which has carried its further use since."""
    complete_at = declaration.complete_at
    return (
        complete_at is not None
        and declaration.direction.covers(Direction.TO_PARTNER)
        and disclosure.purpose in declaration.purposes
        and disclosure.at < complete_at
        and declaration.id not in disclosure.declarations
    )


def _in_flight(tx: Transaction, client: ClientKeys, end: End, known_as: str | None) -> Iterator[_Handed]:
    """Give what is on its way just now: nobody knows yet whether it arrives."""
    if not end.in_flight:
        return
    for item in tx.outbox.waiting(client.digest, end.declaration.partner):
        exchange = item.exchange
        scopes = end.scopes.intersection(exchange.released)
        if exchange.id in end.in_flight and scopes and _stands_for(end.declaration, exchange.purpose):
            yield _Handed(scopes, exchange.purpose, item.provenance, known_as)


def _not_covered(
    corridor: Corridor, tx: Transaction, client: ClientKeys, partner: str, concerned: Iterable[_Handed], at: datetime
) -> Iterator[_Handed]:
    """Leave out what any declaration permits now, for the purpose and of the origin with which it was handed out."""
    policy, declarations = corridor.policy.partner(partner), tx.declarations.of(client.digest, partner)
    for handed in concerned:
        question = Question(Direction.TO_PARTNER, handed.purpose, tuple(sorted(handed.scopes)), now(at), handed.provenance)
        scopes = handed.scopes.intersection(decide(policy, declarations, question).denied)
        if scopes:
            yield _Handed(scopes, handed.purpose, handed.provenance, handed.reference)


def _current_reference(tx: Transaction, client: ClientKeys, partner: str) -> str | None:
    """Give under what the partner knows this client, or knew last: the link may be gone, and the partner's file is still there."""
    link = tx.links.get(client, partner)
    if link is not None:
        return link.reference
    handed_out = reversed(tx.disclosures.to_partners(client.digest, partner))
    return next((reference for reference in (_opened(client, disclosure) for disclosure in handed_out) if reference), None)


def _opened(client: ClientKeys, disclosure: Disclosure) -> str | None:
    """Open the reference of a hand-out; one that cannot be opened may not stand in the way of the client's word."""
    if disclosure.reference is None:
        return None
    try:
        return open_reference(client, disclosure.exchange, disclosure.reference)
    except Unreadable:
        _log.error("reference_unreadable", exchange=disclosure.exchange, partner=disclosure.partner)
        return None


def _tell(
    corridor: Corridor, tx: Transaction, client: ClientKeys, run: Revocation, concerned: Iterable[_Handed], at: datetime
) -> Iterator[Notice]:
    """Write one notice for each reference under which something was handed out."""
    partner = corridor.partners.get(run.partner)
    by_reference: dict[str, set[str]] = {}
    for handed in concerned:
        if handed.reference is not None:
            by_reference.setdefault(handed.reference, set()).update(handed.scopes)
    if partner is None:
        return
    for reference, scopes in by_reference.items():
        # When the first reminder is due the worker says, which knows the configuration; it looks at the notice at once.
        notice = Notice(new_id(), run.id, client.digest, reference, tuple(sorted(scopes)), message=new_id(), remind_at=at)
        tx.revocations.add_notice(client, notice)
        send_notice(corridor, tx, client, partner, run, notice, notice.message, 0, at)
        yield notice


@in_turn
def remind(corridor: Corridor, days: int, most: int, limit: int = 100) -> int:
    """Remind partners that have not answered for so many days, at most so often; give the number of notices looked at."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        due = tx.revocations.to_remind(at, limit)
        for notice in due:
            _remind(corridor, tx, notice, timedelta(days=days), most, at)
        return len(due)


def _remind(corridor: Corridor, tx: Transaction, notice: Notice, pause: timedelta, most: int, at: datetime) -> None:
    """Send the next reminder, put it off, or send none any more."""
    run, message = tx.revocations.get(notice.revocation), tx.exchanges.get(notice.message)
    client = tx.clients.by_digest(notice.client)
    if run is None or message is None or client is None or notice.reminders >= most or not notice.reference:
        tx.revocations.told_again(notice.id, notice.message, None)
        return
    partner = corridor.partners.get(run.partner)
    due_at = message.created_at + pause
    if due_at > at:
        tx.revocations.told_again(notice.id, notice.message, due_at)
        return
    waits = message.state is ExchangeState.QUEUED or (
        message.state is ExchangeState.DELIVERED and tx.outbox.get(run.partner, message.id) is not None
    )
    if waits or partner is None:  # what was not looked at yet is not answered faster by two of it
        tx.revocations.told_again(notice.id, notice.message, at + pause)
        return
    if message.state is ExchangeState.CANCELLED and not was_handed_out(tx, run.partner, notice):
        tx.revocations.told_again(notice.id, notice.message, None)
        return
    again, number = new_id(), notice.reminders + 1
    send_notice(corridor, tx, client, partner, run, notice, again, number, at)
    tx.revocations.told_again(notice.id, again, at + pause if number < most else None)
    fields = {"revocation": run.id, "notice": notice.id, "message": again, "partner": run.partner, "reminder": number}
    tx.audit(Event(EventName.END_OF_USE_REMINDED, at, WORKER, client.subject, fields))
