"""Outbound: from the case system to a partner. ``send`` reads as the list of the steps of one exchange."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.adapters.adapter import ValidMessage
from imgate.audit.events import Event, EventName
from imgate.consent.head import VerifiedDeclaration
from imgate.consent.judge import Decision, Question, decide, now
from imgate.consent.minimise import Minimised, minimise, present_scopes
from imgate.exchange.answers import Answer, Call, answered_before, once
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.listing import shown_at, shown_reasons
from imgate.exchange.ports import ClientKeys, KeyInUse, Stale, Transaction
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import SealedMessage, seal
from imgate.exchange.stored import Link, StoredExchange
from imgate.plugin_api import Envelope
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import PURPOSES, Direction, ExchangeState

_RETRIES = 5
PREVIEW_TIME = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision about one client and one partner rests on; ``stamp`` tells at the commit whether it still stands."""

    client: ClientKeys
    link: Link
    declarations: tuple[VerifiedDeclaration, ...]
    stamp: object
    origins: frozenset[str]
    disclosers: Mapping[str, str] = field(repr=False)


async def send(corridor: Corridor, call: Call, request: ExchangeRequest) -> Answer:
    """Pass one client's data to a partner, as far as the client allowed it: 201 once it is on record and durable.

    Raises Refused: ``partner_unknown``, ``purpose_unknown``, ``link_missing``, ``provenance_required``,
    ``idempotency_key_reused``. Raises AdapterFault where the adapter cannot write exactly what was released; then
    nothing is stored.
    """
    partner = partner_of(corridor, request)
    for _ in range(_RETRIES):
        at = corridor.clock()
        with corridor.store.reading() as tx:
            before = answered_before(tx, call, at)
            if before is not None:
                return before
            case = load(tx, partner, request)
        decision = judge(partner, case, request, at)
        minimised = reduce(corridor, partner, case, decision, request, at)
        exchange = new_id()
        message = write(corridor, partner, case, minimised, request, exchange, shown_at(at))
        sealed = None if message is None else seal(case.client, exchange, message, minimised.released)
        try:
            return await corridor.store.commit(
                lambda tx, case=case, minimised=minimised, decision=decision, sealed=sealed, exchange=exchange, at=at: once(  # type: ignore[misc]  # all bound at once, for the loop
                    tx, call, at, lambda: _record(tx, call, partner, case, decision, minimised, sealed, request, exchange, at)
                )
            )
        except (Stale, KeyInUse):
            continue
    raise Refused(503, "busy")


def preview(corridor: Corridor, request: ExchangeRequest) -> dict[str, Any]:
    """Show what ``send`` would release and withhold, and the message byte for byte but for its id and time; stores nothing."""
    partner = partner_of(corridor, request)
    at = corridor.clock()
    with corridor.store.reading() as tx:
        case = load(tx, partner, request)
    decision = judge(partner, case, request, at)
    minimised = reduce(corridor, partner, case, decision, request, at)
    message = write(corridor, partner, case, minimised, request, NIL_UUID, PREVIEW_TIME)
    answer = _outcome(decision, minimised, request)
    if message is not None:
        answer["message"] = {"media_type": message.media_type, "content": base64.b64encode(message.content).decode()}
    return answer


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
    declarations = tx.declarations.of(client.digest, partner.id)
    return Case(
        client,
        link,
        declarations,
        tx.declarations.stamp(client.digest, partner.id),
        tx.origins.of(client.digest),
        tx.declarations.disclosers(client, [declaration.id for declaration in declarations]),
    )


def judge(partner: Partner, case: Case, request: ExchangeRequest, at: datetime) -> Decision:
    """Decide about every scope that is present. Raises Refused 422 ``provenance_required``."""
    scopes = present_scopes(request.record)  # type: ignore[arg-type]  # a TypedDict is a mapping of mappings
    question = Question(Direction.TO_PARTNER, request.purpose, scopes, now(at), request.provenance)
    decision = decide(partner.policy, case.declarations, question)
    if not case.origins.isdisjoint(decision.permitted):
        unsourced = [scope for scope in decision.permitted if scope in case.origins and scope not in request.provenance]
        if unsourced:
            raise Refused(422, "provenance_required", scopes=unsourced)
    return decision


def reduce(corridor: Corridor, partner: Partner, case: Case, decision: Decision, request: ExchangeRequest, at: datetime) -> Minimised:
    """Minimise: nothing that was not permitted gets past here."""
    today = at.astimezone(corridor.policy.zone).date()
    return minimise(partner.policy, decision, request.record, request.provenance, case.disclosers, today)  # type: ignore[arg-type]  # as above


def write(
    corridor: Corridor, partner: Partner, case: Case, minimised: Minimised, request: ExchangeRequest, message_id: str, created_at: str
) -> ValidMessage | None:
    """Translate and validate what was released; None where nothing was."""
    if not minimised.released.releases:
        return None
    envelope = Envelope(message_id, created_at, corridor.policy.gateway, partner.policy.name, case.link.reference, request.purpose)
    return partner.adapter.validate(partner.adapter.translate(minimised.released, envelope))


def _record(
    tx: Transaction,
    call: Call,
    partner: Partner,
    case: Case,
    decision: Decision,
    minimised: Minimised,
    sealed: SealedMessage | None,
    request: ExchangeRequest,
    exchange: str,
    at: datetime,
) -> Answer:
    """Put permission and message on record in one transaction. Raises Stale where the decision no longer stands."""
    client = case.client
    if tx.declarations.stamp(client.digest, partner.id) != case.stamp or tx.links.get(client, partner.id) != case.link:
        raise Stale
    answer = {"id": exchange} | _outcome(decision, minimised, request)
    stored = StoredExchange(
        id=exchange,
        client=client.digest,
        partner=partner.id,
        direction=Direction.TO_PARTNER,
        purpose=request.purpose,
        state=ExchangeState(answer["state"]),
        created_at=at,
        released=tuple(answer["released"]),
        withheld=tuple((entry["scope"], entry["reason"]) for entry in answer["withheld"]),
        declarations=tuple(answer["declarations"]),
    )
    tx.exchanges.add(stored, None if request.by is None else client.seal("exchanges", "by", exchange, request.by.encode()))
    fields: dict[str, object] = {
        "exchange": exchange,
        "partner": partner.id,
        "purpose": request.purpose,
        "released": answer["released"],
        "withheld": [f"{scope}:{reason}" for scope, reason in stored.withheld],
        "declarations": answer["declarations"],
    }
    if sealed is None:
        tx.audit(Event(EventName.EXCHANGE_WITHHELD, at, call.actor, client.subject, fields))
        return Answer.of(201, answer)
    item = {
        "named": {scope: decision.permitted[scope].id for scope in minimised.released.releases},
        "provenance": {scope: release.origin for scope, release in minimised.released.releases.items() if release.origin != "self"},
        "reference_digest": case.link.reference_digest,
        "media_type": sealed.media_type,
    }
    tx.outbox.add(client, exchange, partner.id, item, sealed.box, None if partner.transport.waits else at)
    fields |= {"adapter": f"{partner.adapter.id} {partner.adapter.version}", "sha256": sealed.box.sha256}
    tx.audit(Event(EventName.EXCHANGE_PERMITTED, at, call.actor, client.subject, fields))
    return Answer.of(201, answer)


def _outcome(decision: Decision, minimised: Minimised, request: ExchangeRequest) -> dict[str, Any]:
    """Say what passes and what does not: together every scope that is present, once."""
    released = minimised.released.releases
    present = present_scopes(request.record)  # type: ignore[arg-type]  # as above
    return {
        "state": (ExchangeState.QUEUED if released else ExchangeState.WITHHELD).value,
        "released": [scope for scope in present if scope in released],
        "withheld": shown_reasons(tuple((scope, minimised.withheld[scope].value) for scope in present if scope not in released)),
        "declarations": sorted({decision.permitted[scope].id for scope in released}),
    }
