"""Decide again: before anything leaves, and whenever something it rests on has changed (contract §5).

What still holds in the same way leaves as it was stored; what became narrower is built anew from the stored released
part, under the same id, never gaining a scope; of what nothing is left, nothing leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.audit.events import Event, EventName
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Decision, Question, decide, now
from imgate.consent.minimise import ADDRESS, Minimised, minimise
from imgate.exchange.attaching import attach, proofs
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.listing import shown_at
from imgate.exchange.notice import leaving as notice_leaving
from imgate.exchange.ports import ClientKeys, DeclarationFile, Transaction
from imgate.exchange.presenting import present_anew
from imgate.exchange.sealing import open_inbox, open_message, open_released, seal, seal_inbox
from imgate.exchange.stored import InboxItem, Link, OutboxItem, StoredExchange
from imgate.plugin_api import Envelope
from imgate.vocabulary.words import Direction, ExchangeState


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may leave now, known by the digest of its bytes: these scopes under these declarations."""

    sha256: str
    scopes: tuple[str, ...]
    declarations: tuple[str, ...]
    provenance: Mapping[str, str]
    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Leaving(Allowed):
    """What may leave now, and its bytes. ``named`` is the declaration under which each scope leaves."""

    content: bytes = field(repr=False)
    named: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """On what a waiting message may leave now. ``same``: by the same permissions, under the same reference.

    ``unchanged``: so that it leaves as it was written, which can be told without opening it.
    """

    link: Link
    file: DeclarationFile
    decision: Decision
    same: bool
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What the case system may have now, of what a partner sent. ``named`` is the declaration under which it has each scope."""

    record: Mapping[str, Mapping[str, object]] = field(repr=False)
    scopes: tuple[str, ...]
    named: Mapping[str, str]
    declarations: tuple[str, ...]


def decide_outbox(
    corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, actor: str, at: datetime
) -> Leaving | None:
    """Decide again about a waiting message and, where it became narrower, build it anew; None where nothing may leave.

    A notice of the end of use passes nothing, and leaves although no permission is left.
    """
    if item.exchange.notice is not None:
        return notice_leaving(tx, client, item)
    ground = ground_of(tx, partner, client, item, at)
    return None if ground is None else leave_on(ground, corridor, tx, partner, client, item, actor, at)


def leave_on(
    ground: Ground, corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, actor: str, at: datetime
) -> Leaving | None:
    """Open what may leave on this ground, or build it anew; None where minimising leaves nothing."""
    exchange, link, decision = item.exchange, ground.link, ground.decision
    box = tx.outbox.box(exchange.id)
    if box is None:
        return None
    minimised = None if ground.unchanged else minimise_again(corridor, partner, item, ground, open_released(client, exchange.id, box), at)
    if minimised is None or (ground.same and not minimised.withheld):
        content = open_message(client, exchange.id, box)
        return Leaving(box.sha256, exchange.released, exchange.declarations, provenance_of(item), link.reference, content, item.named)
    released = minimised.released
    if not released.releases:
        return None
    envelope = envelope_of(corridor, partner, exchange, link)
    envelope = attach(corridor, partner, envelope, decision, released, proofs(tx, partner, decision.named), at)
    valid = partner.adapter.validate(partner.adapter.translate(released, envelope))
    message = present_anew(corridor, tx, item, valid, released, envelope)
    sealed = seal(client, exchange.id, message, released)
    named = {scope: decision.permitted[scope].id for scope in released.releases}
    tx.outbox.replace(exchange.id, named, link.reference_digest, sealed.box)
    scopes = tuple(scope for scope in exchange.released if scope in released.releases)
    attached = [attachment.name for attachment in envelope.attachments]
    _narrow(tx, client, exchange, scopes, minimised.withheld, named, actor, at, attached)
    provenance = {scope: origin for scope, origin in item.provenance.items() if scope in named}
    declarations = tuple(sorted(set(named.values())))
    return Leaving(sealed.box.sha256, scopes, declarations, provenance, link.reference, message.content, named)


def ground_of(tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, at: datetime) -> Ground | None:
    """Decide again about a waiting message, and open nothing of it; None where nothing may leave. A notice needs no ground."""
    link = tx.links.get(client, partner.id)
    if link is None:
        return None
    file = tx.declarations.file(client, partner.id)
    decision = _decision(partner, file.verified, item.exchange, item.provenance, at)
    if not decision.permitted:
        return None
    same = _same(decision, item.named) and link.reference_digest == item.reference_digest
    return Ground(link, file, decision, same, same and not _holds_address(partner, item.exchange))


def provenance_of(item: OutboxItem) -> Mapping[str, str]:
    """Give the origins of what is released, as far as it did not come from the client."""
    return {scope: origin for scope, origin in item.provenance.items() if scope in item.exchange.released}


def minimise_again(
    corridor: Corridor, partner: Partner, item: OutboxItem, ground: Ground, record: Mapping[str, Mapping[str, Any]], at: datetime
) -> Minimised:
    """Minimise a stored released part anew."""
    disclosers = {declaration: ground.file.discloser(declaration) for declaration in ground.decision.named}
    today = at.astimezone(corridor.policy.zone).date()
    return minimise(partner.policy, ground.decision, record, item.provenance, disclosers, today)


def envelope_of(corridor: Corridor, partner: Partner, exchange: StoredExchange, link: Link) -> Envelope:
    """Say from whom to whom, about whom and what for, as the message said before."""
    sent_at = shown_at(exchange.created_at)
    return Envelope(exchange.id, sent_at, corridor.policy.gateway, partner.policy.name, link.reference, str(exchange.purpose))


def decide_inbox(
    corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: InboxItem, actor: str, at: datetime
) -> Taken | None:
    """Decide again about what a partner sent and the case system has not fetched; None where nothing is left."""
    judged = judge_inbox(corridor, tx, partner, client, item, at)
    if judged is None:
        return None
    taken, narrower = judged
    if narrower is not None:
        tx.inbox.replace(item.exchange.id, taken.named, seal_inbox(client, item.exchange.id, narrower.released))
        _narrow(tx, client, item.exchange, taken.scopes, narrower.withheld, taken.named, actor, at)
    return taken


def judge_inbox(
    corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: InboxItem, at: datetime
) -> tuple[Taken, Minimised | None] | None:
    """Decide so, and write nothing. Where it became narrower, what was minimised anew comes with it."""
    exchange = item.exchange
    sealed = tx.inbox.sealed(exchange.id)
    if sealed is None:
        return None
    provenance = dict.fromkeys(exchange.released, partner.id)
    decision = _decision(partner, tx.declarations.of(client.digest, partner.id), exchange, provenance, at)
    if not decision.permitted:
        return None
    record = open_inbox(client, exchange.id, sealed)
    same = _same(decision, item.named)
    if same and not _holds_address(partner, exchange):
        return Taken(record, exchange.released, item.named, exchange.declarations), None
    today = at.astimezone(corridor.policy.zone).date()
    disclosers = dict.fromkeys(decision.named, partner.policy.name)
    minimised = minimise(partner.policy, decision, record, provenance, disclosers, today)
    if same and not minimised.withheld:
        return Taken(record, exchange.released, item.named, exchange.declarations), None
    released = minimised.released
    if not released.releases:
        return None
    named = {scope: decision.permitted[scope].id for scope in released.releases}
    scopes = tuple(scope for scope in exchange.released if scope in released.releases)
    return Taken(released.record, scopes, named, tuple(sorted(set(named.values())))), minimised


def drop(tx: Transaction, client: ClientKeys | None, item: OutboxItem | InboxItem, actor: str, at: datetime, why: str) -> bool:
    """Delete a payload that may not leave any more; tell whether the exchange is thereby cancelled.

    What was handed out before keeps its state: somebody has it. So does an inbox item of which the appointments were, by themselves.
    """
    exchange = item.exchange
    (tx.outbox if isinstance(item, OutboxItem) else tx.inbox).delete(exchange.id)
    handed_out = item.handed_out_at is not None or (isinstance(item, InboxItem) and tx.disclosures.any_of(exchange.client, exchange.id))
    if not handed_out:
        tx.exchanges.move(exchange.id, ExchangeState.CANCELLED, at, why)
        if exchange.direction is Direction.TO_PARTNER:
            tx.known.forget_exchange(exchange.client, exchange.partner, exchange.id)
    fields = {"exchange": exchange.id, "partner": exchange.partner, "reason": why, "handed_out": handed_out}
    tx.audit(Event(EventName.EXCHANGE_CANCELLED, at, actor, None if client is None else client.subject, fields))
    return not handed_out


def _decision(
    partner: Partner, declarations: tuple[VerifiedDeclaration, ...], exchange: StoredExchange, provenance: Mapping[str, str], at: datetime
) -> Decision:
    question = Question(exchange.direction, exchange.purpose, exchange.released, now(at), provenance)
    return decide(partner.policy, declarations, question)


def _holds_address(partner: Partner, exchange: StoredExchange) -> bool:
    """Tell whether it holds an address that may only leave while it is open to the partner: the permission alone does not say."""
    return ADDRESS in exchange.released and ADDRESS not in partner.policy.open


def _same(decision: Decision, named: Mapping[str, str]) -> bool:
    """Same scopes, each with the same named declaration."""
    return not decision.denied and {scope: d.id for scope, d in decision.permitted.items()} == named


def _narrow(
    tx: Transaction,
    client: ClientKeys,
    exchange: StoredExchange,
    scopes: tuple[str, ...],
    withheld: Mapping[str, object],
    named: Mapping[str, str],
    actor: str,
    at: datetime,
    attached: Sequence[str] = (),
) -> None:
    now_withheld = (*exchange.withheld, *((scope, str(reason)) for scope, reason in withheld.items()))
    declarations = tuple(sorted(set(named.values())))
    tx.exchanges.narrow(exchange.id, scopes, now_withheld, declarations)
    if exchange.direction is Direction.TO_PARTNER:
        tx.known.forget_exchange(exchange.client, exchange.partner, exchange.id, withheld)
    fields: dict[str, object] = {
        "exchange": exchange.id,
        "partner": exchange.partner,
        "released": list(scopes),
        "withheld": [f"{scope}:{reason}" for scope, reason in now_withheld],
        "declarations": list(declarations),
    }
    if attached:
        fields["attached"] = list(attached)
    tx.audit(Event(EventName.EXCHANGE_NARROWED, at, actor, client.subject, fields))
