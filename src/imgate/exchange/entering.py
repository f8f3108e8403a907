"""Entering: what one exchange to a partner puts on record, made before the commit, and the commit itself.

All of it in one transaction, or nothing: exchange, message, what becomes known, audit event and answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from imgate.audit.events import Event, EventName
from imgate.consent.judge import Decision
from imgate.consent.minimise import Minimised
from imgate.exchange.answers import Answer, Call, answered_before, keep_answer
from imgate.exchange.case import Case
from imgate.exchange.context import Partner
from imgate.exchange.listing import shown_reasons
from imgate.exchange.order import overtake
from imgate.exchange.ports import Stale, Transaction
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import SealedMessage
from imgate.exchange.stored import KnownValue, StoredExchange, Waiting
from imgate.vocabulary.words import SELF, Direction, ExchangeState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What passes and what does not: together every scope that is present, once. ``named``: each released scope's declaration."""

    released: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    named: Mapping[str, str]
    declarations: tuple[str, ...]

    @classmethod
    def of(cls, decided: Decision, minimised: Minimised) -> "Outcome":
        """Sum up, in the order of the record."""
        named = {scope: decided.permitted[scope].id for scope in minimised.released.releases}
        withheld = tuple([(scope, minimised.withheld[scope].value) for scope in decided.scopes if scope not in named])
        return cls(tuple(named), withheld, named, tuple(sorted(set(named.values()))))

    @property
    def state(self) -> ExchangeState:
        """The state in which such an exchange begins."""
        return ExchangeState.QUEUED if self.released else ExchangeState.WITHHELD

    def shown(self) -> dict[str, Any]:
        """Write it as every answer does."""
        return {
            "state": self.state.value,
            "released": list(self.released),
            "withheld": shown_reasons(self.withheld),
            "declarations": list(self.declarations),
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that the commit writes, made before it: exchange, message, what becomes known, audit event, and the answer to it."""

    exchange: StoredExchange
    by: bytes | None = field(repr=False)
    waiting: Waiting | None
    known: Mapping[str, KnownValue]
    event: Event
    answer: Answer


def value_digests(partner: Partner, case: Case, purpose: str, minimised: Minimised) -> dict[str, str]:
    """Give the keyed digest of each released value for which this partner has a subscription: what it was sent becomes known."""
    subscribed = partner.subscriptions.get(purpose, frozenset())
    digests = {}
    for scope in minimised.released.releases:
        if scope in subscribed:
            section, _, item = scope.partition(".")
            value = orjson.dumps(minimised.released.record[section][item], option=orjson.OPT_SORT_KEYS)
            digests[scope] = case.client.value_digest(partner.id, scope, value)
    return digests


def enter(
    call: Call,
    partner: Partner,
    case: Case,
    decided: Decision,
    minimised: Minimised,
    sealed: SealedMessage | None,
    request: ExchangeRequest,
    exchange: str,
    at: datetime,
    *,
    held_until: datetime | None,
    attached: Sequence[str] = (),
) -> Entry:
    """Make what goes on record: the permission, scope by scope, and with it the message."""
    outcome = Outcome.of(decided, minimised)
    stored = StoredExchange(
        id=exchange,
        client=case.client.digest,
        partner=partner.id,
        direction=Direction.TO_PARTNER,
        purpose=request.purpose,
        state=outcome.state,
        created_at=at,
        released=outcome.released,
        withheld=outcome.withheld,
        declarations=outcome.declarations,
    )
    waiting = None
    if sealed is not None:
        provenance = {scope: request.provenance[scope] for scope in outcome.released if request.provenance.get(scope, SELF) != SELF}
        fetched = partner.transport.waits
        waiting = Waiting(outcome.named, provenance, case.link.reference_digest, sealed.media_type, fetched, held_until, sealed.box)
    by = None if request.by is None else case.client.seal("exchanges", "by", exchange, request.by.encode())
    answer = Answer.of(201, {"id": exchange} | outcome.shown())
    digests = value_digests(partner, case, request.purpose, minimised) if request.purpose in partner.subscriptions else {}
    known = {scope: KnownValue(digest, exchange) for scope, digest in digests.items()}
    return Entry(stored, by, waiting, known, _event(call, partner, case, stored, sealed, attached), answer)


def _event(
    call: Call, partner: Partner, case: Case, stored: StoredExchange, sealed: SealedMessage | None, attached: Sequence[str]
) -> Event:
    fields: dict[str, object] = {
        "exchange": stored.id,
        "partner": partner.id,
        "purpose": stored.purpose,
        "released": list(stored.released),
        "withheld": [f"{scope}:{reason}" for scope, reason in stored.withheld],
        "declarations": list(stored.declarations),
    }
    if sealed is None:
        return Event(EventName.EXCHANGE_WITHHELD, stored.created_at, call.actor, case.client.subject, fields)
    fields |= {"adapter": f"{partner.adapter.id} {partner.adapter.version}", "sha256": sealed.box.sha256}
    if attached:
        fields["attached"] = list(attached)
    return Event(EventName.EXCHANGE_PERMITTED, stored.created_at, call.actor, case.client.subject, fields)


def put_on_record(tx: Transaction, call: Call, case: Case, entry: Entry) -> Answer:
    """Put one exchange on record, once per Idempotency-Key. Raises Stale where what was decided on no longer stands."""
    at = entry.exchange.created_at
    before = answered_before(tx, call, at)
    if before is not None:
        return before
    record(tx, case, entry)
    keep_answer(tx, call, entry.answer, at)
    return entry.answer


def record(tx: Transaction, case: Case, entry: Entry) -> None:
    """Put permission and message on record in one transaction. Raises Stale where what was decided on no longer stands."""
    exchange, event = entry.exchange, entry.event
    if tx.declarations.stamp(exchange.client, exchange.partner) != case.declarations.stamp:
        raise Stale
    if tx.links.stamp(exchange.client, exchange.partner) != case.link.stamp:
        raise Stale
    if entry.waiting is None:
        tx.exchanges.add(exchange, entry.by)
    else:
        overtaken = overtake(tx, exchange, exchange.created_at, held=entry.waiting.held_until is not None)
        if overtaken:
            event = replace(event, fields={**event.fields, "overtakes": list(overtaken)})
        tx.exchanges.add(exchange, entry.by)
        tx.outbox.add(exchange, entry.waiting)
        if entry.known:
            tx.known.put(exchange.client, exchange.partner, str(exchange.purpose), entry.known)
    tx.audit(event)
