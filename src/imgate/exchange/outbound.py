"""Outbound: from the case system to a partner. ``send`` reads as the list of the steps of one exchange."""

from datetime import datetime
from functools import partial

from imgate.adapters.adapter import PartnerMessage
from imgate.consent.judge import Decision, Question, decide, now
from imgate.consent.minimise import Minimised, minimise, present_scopes
from imgate.exchange.answers import Answer, Call, answered_before
from imgate.exchange.attaching import attach
from imgate.exchange.case import Case, case_of
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.entering import Entry, enter, put_on_record
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import KeyInUse, Stale, Transaction, Unavailable
from imgate.exchange.presenting import present_aside
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import ExchangeRequest
from imgate.exchange.sealing import seal
from imgate.plugin_api import Envelope
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import PURPOSES, Direction

_RETRIES = 5
# Of a message that is only looked at.
PREVIEW_TIME = "1970-01-01T00:00:00Z"


async def send(corridor: Corridor, call: Call, request: ExchangeRequest) -> Answer:
    """Pass one client's data to a partner, as far as the client allowed it: 201 once it is on record and durable.

    Raises Refused: ``partner_unknown``, ``purpose_unknown``, ``link_missing``, ``provenance_required``,
    ``idempotency_key_reused``, and those of ``present``. Raises AdapterFault where the adapter cannot write exactly what was
    released, and what ``prepare`` raises beside it; then nothing is stored.
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
) -> Entry:
    """Take the steps between loading and the record: decide, minimise, attach, translate, validate, present, seal.

    Raises Refused, AdapterFault, PaperFault; Unreadable where a bundle is to be attached and cannot be made, Unsigned where it
    cannot be just now.
    """
    exchange = new_id()
    await corridor.cohort.step()
    decided = judge(partner, case, request, at)
    minimised = reduce(corridor, partner, case, decided, request, at)
    await corridor.cohort.step()
    envelope = address(corridor, partner, case, request, exchange, shown_at(at))
    envelope = attach(corridor, partner, envelope, decided, minimised.released, case.proved, at)
    written = translate(partner, minimised, envelope)
    await corridor.cohort.step()
    message = None if written is None else partner.adapter.validate(written)
    await corridor.cohort.step()
    presented = None if message is None else await present_aside(corridor, partner, message, minimised.released, envelope)
    sealed = None if presented is None else seal(case.client, exchange, presented, minimised.released)
    attached = [attachment.name for attachment in envelope.attachments]
    return enter(call, partner, case, decided, minimised, sealed, request, exchange, at, held_until=held_until, attached=attached)


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
    return case_of(tx, partner, client, link, tx.origins.of(client.digest))


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


def address(corridor: Corridor, partner: Partner, case: Case, request: ExchangeRequest, message_id: str, created_at: str) -> Envelope:
    """Say from whom to whom, about whom and what for."""
    return Envelope(message_id, created_at, corridor.policy.gateway, partner.policy.name, case.link.reference, request.purpose)


def translate(partner: Partner, minimised: Minimised, envelope: Envelope) -> PartnerMessage | None:
    """Translate what was released; None where nothing was."""
    return partner.adapter.translate(minimised.released, envelope) if minimised.released.releases else None
