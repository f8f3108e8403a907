"""Outbound: from the case system to a partner. ``send`` reads as the list of the steps of one exchange."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from imgate.adapters.adapter import PartnerMessage
from imgate.audit.events import Event, EventName
from imgate.consent.judge import Decision, Question, decide, now
from imgate.consent.minimise import Minimised, minimise, present_scopes
from imgate.exchange.answers import Answer, Call, answered_before, keep_answer
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.declarations.hints import hints
from imgate.exchange.listing import shown_at, shown_reasons
from imgate.exchange.order import overtake
from imgate.exchange.ports import ClientKeys, DeclarationFile, KeyInUse, Stale, Transaction, Unavailable
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import SealedMessage, seal
from imgate.exchange.stored import KnownValue, Link, StoredExchange, Waiting
from imgate.plugin_api import Envelope
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import PURPOSES, SELF, Direction, ExchangeState

_RETRIES = 5
PREVIEW_TIME = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision about one client and one partner rests on; its stamps tell at the commit whether it still stands."""

    client: ClientKeys
    link: Link
    declarations: DeclarationFile
    origins: frozenset[str]


async def send(corridor: Corridor, call: Call, request: ExchangeRequest) -> Answer:
    """Pass one client's data to a partner, as far as the client allowed it: 201 once it is on record and durable.

    Raises Refused: ``partner_unknown``, ``purpose_unknown``, ``link_missing``, ``provenance_required``,
    ``idempotency_key_reused``. Raises AdapterFault where the adapter cannot write exactly what was released; then
    nothing is stored.
    """
    partner = partner_of(corridor, request)
    for _ in range(_RETRIES):
        await corridor.cohort.step()
        at = corridor.clock()
        try:
            with corridor.store.reading() as tx:
                before = answered_before(tx, call, at)
                if before is not None:
                    return before
                case = load(tx, partner, request)
        except Unavailable:  # lost, and the loop does not wait
            await corridor.store.back()
            continue
        entry = await prepare(corridor, call, partner, case, request, at)
        try:
            return await corridor.store.commit(partial(put_on_record, call=call, case=case, entry=entry))
        except (Stale, KeyInUse):
            continue
    raise Refused(503, "busy")


async def prepare(
    corridor: Corridor,
    call: Call,
    partner: Partner,
    case: Case,
    request: ExchangeRequest,
    at: datetime,
    *,
    held_until: datetime | None = None,
) -> "Entry":
    """Take the steps between loading and the record: decide, minimise, translate, validate, seal. Raises Refused, AdapterFault."""
    exchange = new_id()
    await corridor.cohort.step()
    decided = judge(partner, case, request, at)
    minimised = reduce(corridor, partner, case, decided, request, at)
    await corridor.cohort.step()
    written = translate(corridor, partner, case, minimised, request, exchange, shown_at(at))
    await corridor.cohort.step()
    message = None if written is None else partner.adapter.validate(written)
    await corridor.cohort.step()
    sealed = None if message is None else seal(case.client, exchange, message, minimised.released)
    return enter(call, partner, case, decided, minimised, sealed, request, exchange, at, held_until=held_until)


def preview(corridor: Corridor, request: ExchangeRequest) -> dict[str, Any]:
    """Show what ``send`` would release and withhold, and the message byte for byte but for its id and time; stores nothing."""
    partner = partner_of(corridor, request)
    at = corridor.clock()
    with corridor.store.reading() as tx:
        case = load(tx, partner, request)
        thought_of = hints(tx, request.record, case.declarations.verified, at, at.astimezone(corridor.policy.zone).date())
    decided = judge(partner, case, request, at)
    minimised = reduce(corridor, partner, case, decided, request, at)
    written = translate(corridor, partner, case, minimised, request, NIL_UUID, PREVIEW_TIME)
    answer = Outcome.of(decided, minimised).shown()
    if written is not None:
        message = partner.adapter.validate(written)
        answer["message"] = {"media_type": message.media_type, "content": base64.b64encode(message.content).decode()}
    return answer | ({"hints": thought_of} if thought_of else {})


def partner_of(corridor: Corridor, request: ExchangeRequest) -> Partner:
    """Find the partner, and check the words of the request. Raises Refused 422."""
    partner = corridor.partners.get(request.partner)
    if partner is None:
        raise Refused(422, "partner_unknown", [Problem("partner_unknown", "/partner")])
    if request.purpose not in PURPOSES:
        raise Refused(422, "purpose_unknown", [Problem("purpose_unknown", "/purpose")])
    if any(scope not in corridor.policy.catalogue.scopes for scope in request.provenance):
        raise Refused(422, "scope_unknown", [Problem("scope_unknown", "/provenance/?")])
    return partner


def load(tx: Transaction, partner: Partner, request: ExchangeRequest) -> Case:
    """Load what the decision rests on. Raises Refused 409 ``link_missing``."""
    client = tx.clients.find(request.client)
    link = None if client is None else tx.links.get(client, partner.id)
    if client is None or link is None:
        raise Refused(409, "link_missing")
    return Case(client, link, tx.declarations.file(client, partner.id), tx.origins.of(client.digest))


def judge(partner: Partner, case: Case, request: ExchangeRequest, at: datetime) -> Decision:
    """Decide about every scope that is present. Raises Refused 422 ``provenance_required``."""
    scopes = present_scopes(request.record)  # type: ignore[arg-type]  # a TypedDict is a mapping of mappings
    question = Question(Direction.TO_PARTNER, request.purpose, scopes, now(at), request.provenance)
    decision = decide(partner.policy, case.declarations.verified, question)
    if not case.origins.isdisjoint(decision.permitted):
        unsourced = [scope for scope in decision.permitted if scope in case.origins and scope not in request.provenance]
        if unsourced:
            raise Refused(422, "provenance_required", scopes=unsourced)
    return decision


def reduce(corridor: Corridor, partner: Partner, case: Case, decision: Decision, request: ExchangeRequest, at: datetime) -> Minimised:
    """Minimise: nothing that was not permitted gets past here."""
    today = at.astimezone(corridor.policy.zone).date()
    disclosers = {declaration: case.declarations.discloser(declaration) for declaration in decision.named}
    return minimise(partner.policy, decision, request.record, request.provenance, disclosers, today)  # type: ignore[arg-type]  # as above


def translate(
    corridor: Corridor, partner: Partner, case: Case, minimised: Minimised, request: ExchangeRequest, message_id: str, created_at: str
) -> PartnerMessage | None:
    """Translate what was released; None where nothing was."""
    if not minimised.released.releases:
        return None
    envelope = Envelope(message_id, created_at, corridor.policy.gateway, partner.policy.name, case.link.reference, request.purpose)
    return partner.adapter.translate(minimised.released, envelope)


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
    fields: dict[str, object] = {
        "exchange": exchange,
        "partner": partner.id,
        "purpose": request.purpose,
        "released": list(outcome.released),
        "withheld": [f"{scope}:{reason}" for scope, reason in outcome.withheld],
        "declarations": list(outcome.declarations),
    }
    waiting = None
    name = EventName.EXCHANGE_WITHHELD
    if sealed is not None:
        provenance = {scope: request.provenance[scope] for scope in outcome.released if request.provenance.get(scope, SELF) != SELF}
        fetched = partner.transport.waits
        waiting = Waiting(outcome.named, provenance, case.link.reference_digest, sealed.media_type, fetched, held_until, sealed.box)
        fields |= {"adapter": f"{partner.adapter.id} {partner.adapter.version}", "sha256": sealed.box.sha256}
        name = EventName.EXCHANGE_PERMITTED
    by = None if request.by is None else case.client.seal("exchanges", "by", exchange, request.by.encode())
    answer = Answer.of(201, {"id": exchange} | outcome.shown())
    digests = value_digests(partner, case, request.purpose, minimised) if request.purpose in partner.subscriptions else {}
    known = {scope: KnownValue(digest, exchange) for scope, digest in digests.items()}
    return Entry(stored, by, waiting, known, Event(name, at, call.actor, case.client.subject, fields), answer)


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
