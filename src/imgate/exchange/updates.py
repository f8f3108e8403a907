"""Updates: the case system says what a client's record holds now, and each subscribed partner is sent what changed of it.

What changed is told by keyed digests of what the partner was sent last (see the port ``Known``); what waits counts as sent. All
exchanges of one update are put on record together, or none is. One that makes none still says what a partner has: that is a look.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from imgate.consent.judge import Decision
from imgate.consent.minimise import Minimised
from imgate.exchange.answers import Answer, Call, answered_before, keep_answer
from imgate.exchange.case import Case, case_of
from imgate.exchange.code_lists import last_day_of
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.entering import Entry, record, value_digests
from imgate.exchange.held import Held, held_for, stands, with_held
from imgate.exchange.listing import shown_at, shown_reasons
from imgate.exchange.looking import Looker, watching
from imgate.exchange.outbound import judge, prepare, reduce
from imgate.exchange.ports import KeyInUse, Look, Stale, Transaction, Unavailable
from imgate.exchange.record_hints import of_record
from imgate.exchange.refusals import Problem, Refused
from imgate.exchange.requests import ExchangeRequest, UpdateRequest
from imgate.exchange.stored import KnownValue
from imgate.vocabulary.words import Door

_RETRIES = 5


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One partner and purpose, and of the record what it has a subscription for: an exchange that may become necessary."""

    partner: Partner
    request: ExchangeRequest


@dataclass(frozen=True, slots=True)
class Loaded:
    """A subscription with what its decision rests on, and what the partner was sent last. ``held`` waits for the next digest."""

    subscribed: Subscribed
    case: Case
    known: Mapping[str, KnownValue]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an update means for one subscription: what is to be sent, and why the rest is not."""

    loaded: Loaded
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An exchange as it will stand on record."""

    entry: Entry = field(repr=False)
    case: Case = field(repr=False)


async def update(corridor: Corridor, call: Call, request: UpdateRequest) -> Answer:
    """Send each subscribed partner what changed for it: 201 once the exchanges are on record and durable, 200 if there is none.

    Raises Refused: ``scope_unknown``, ``provenance_required``, ``idempotency_key_reused``. Raises AdapterFault where an adapter
    cannot write exactly what was released; then nothing is stored, for no partner.
    """
    subscribed = _subscribed(corridor, request)
    for _ in range(_RETRIES):
        await corridor.cohort.step()
        at = corridor.clock()
        try:
            with watching() as seen, corridor.store.reading() as tx:
                before = answered_before(tx, call, at)
                if before is not None:
                    return before
                loaded = _load(tx, request.client, subscribed, at)
        except Unavailable:  # lost, and the loop does not wait
            await corridor.store.back()
            continue
        await corridor.cohort.step()
        findings = _compare(corridor, loaded, at)
        made = [await _make(corridor, call, finding, at) for finding in findings if finding.changed]
        answer = _answer(subscribed, findings, made)
        looks = [] if made else _looker(call).at(at, seen)
        if not made and not looks and call.key is None:
            return answer
        record_all = partial(_put_on_record, call=call, loaded=loaded, made=made, looks=looks, answer=answer, at=at)
        try:
            return await corridor.store.commit(record_all)
        except (Stale, KeyInUse):
            continue
    raise Refused(503, "busy")


def with_hints(corridor: Corridor, request: UpdateRequest, answer: Answer) -> Answer:
    """Add what the record gives to think of: to what goes back only. What is kept for the next request of the key holds no value.

    Without a database there are none: what was sent is on record by now, and whoever asked is to hear of it.
    """
    today = corridor.clock().astimezone(corridor.policy.zone).date()
    try:
        with corridor.store.reading() as tx:
            hints = of_record(request.record, today, corridor.remind_days, partial(last_day_of, tx))  # type: ignore[arg-type]  # a TypedDict is a mapping of mappings
    except Unavailable:
        return answer
    return Answer.of(answer.status, orjson.loads(answer.body) | {"hints": hints}) if hints else answer


def exchanges_of(answer: Answer) -> list[str]:
    """Give the ids of the exchanges that an update made."""
    return [exchange["id"] for exchange in orjson.loads(answer.body)["exchanges"]]


def _subscribed(corridor: Corridor, request: UpdateRequest) -> list[Subscribed]:
    """Find whom this record can concern. Raises Refused 422 for a provenance of what is no scope."""
    if any(scope not in corridor.policy.catalogue.scopes for scope in request.provenance):
        raise Refused(422, "scope_unknown", [Problem("scope_unknown", "/provenance/?")])
    found = []
    for partner in corridor.partners.values():
        for purpose, scopes in partner.subscriptions.items():
            part = _of_record(request.record, scopes)  # type: ignore[arg-type]  # a TypedDict is a mapping of mappings
            if part:
                found.append(Subscribed(partner, _exchange_request(request.client, partner, purpose, part, request.provenance)))
    return found


def _load(tx: Transaction, client: str, subscribed: list[Subscribed], at: datetime) -> list[Loaded]:
    """Load what the decisions rest on, of every partner who knows the client."""
    keys = tx.clients.find(client) if subscribed else None
    if keys is None:
        return []
    origins = tx.origins.of(keys.digest)
    cases: dict[str, Case | None] = {}
    loaded: list[Loaded] = []
    for each in subscribed:
        partner, purpose = each.partner, each.request.purpose
        if partner.id not in cases:
            link = tx.links.get(keys, partner.id)
            cases[partner.id] = None if link is None else case_of(tx, partner, keys, link, origins)
        case = cases[partner.id]
        if case is not None:
            known = tx.known.of(keys.digest, partner.id, purpose)
            held = () if partner.digest is None else held_for(tx, keys.digest, partner.id, purpose, at)
            loaded.append(Loaded(each, case, known, held))
    return loaded


def _compare(corridor: Corridor, loaded: list[Loaded], at: datetime) -> list[Finding]:
    """Decide and minimise for everyone, and see what is not as it was sent last. Raises Refused 422 ``provenance_required``."""
    findings: list[Finding] = []
    unsourced: dict[str, None] = {}
    for each in loaded:
        try:
            findings.append(_find(corridor, each, at))
        except Refused as refused:
            if refused.code != "provenance_required":
                raise
            unsourced |= dict.fromkeys(refused.details["scopes"])  # type: ignore[call-overload]  # names of scopes
    if unsourced:
        raise Refused(422, "provenance_required", scopes=list(unsourced))
    return findings


def _find(corridor: Corridor, loaded: Loaded, at: datetime) -> Finding:
    subscribed = loaded.subscribed
    decided, minimised = _reduced(corridor, loaded, subscribed.request, at)
    digests = value_digests(subscribed.partner, loaded.case, subscribed.request.purpose, minimised)
    last = {scope: value.digest for scope, value in loaded.known.items()}
    changed = tuple([scope for scope, digest in digests.items() if last.get(scope) != digest])
    unchanged = tuple([scope for scope in digests if scope not in changed])
    withheld = tuple([(scope, minimised.withheld[scope].value) for scope in decided.scopes if scope not in digests])
    return Finding(loaded, changed, unchanged, withheld)


async def _make(corridor: Corridor, call: Call, finding: Finding, at: datetime) -> Made:
    """Make the exchange of what changed, by the steps of every exchange; with a digest, also of what is held until then."""
    loaded, partner, case = finding.loaded, finding.loaded.subscribed.partner, finding.loaded.case
    asked = loaded.subscribed.request
    part = _of_record(asked.record, frozenset(finding.changed))  # type: ignore[arg-type]  # as above
    request = _exchange_request(asked.client, partner, asked.purpose, part, asked.provenance)
    if loaded.held:
        request = with_held(corridor, partner, case, loaded.held, request, at)
    held_until = None if partner.digest is None else partner.digest.next_after(at, corridor.policy.zone)
    return Made(await prepare(corridor, call, partner, case, request, at, held_until=held_until), case)


def _reduced(corridor: Corridor, loaded: Loaded, request: ExchangeRequest, at: datetime) -> tuple[Decision, Minimised]:
    partner, case = loaded.subscribed.partner, loaded.case
    decided = judge(partner, case, request, at)
    return decided, reduce(corridor, partner, case, decided, request, at)


def _looker(call: Call) -> Looker:
    """Say who is told what partners have: a caller by the route, or the operator by a command."""
    return Looker(call.actor, Door.API, f"POST {call.path}") if call.path.startswith("/") else Looker(call.actor, Door.COMMAND, call.path)


def _put_on_record(
    tx: Transaction, call: Call, loaded: list[Loaded], made: list[Made], looks: list[Look], answer: Answer, at: datetime
) -> Answer:
    """Put all on record in one transaction. Raises Stale where something that was compared or decided on no longer stands.

    Also where nothing is sent: of two updates of one client that meet, each partner is to have the same one's values.
    """
    before = answered_before(tx, call, at)
    if before is not None:
        return before
    for each in loaded:
        client, partner = each.case.client.digest, each.subscribed.partner.id
        if tx.links.stamp(client, partner) != each.case.link.stamp:
            raise Stale
        if tx.known.of(client, partner, each.subscribed.request.purpose) != each.known or not stands(tx, partner, each.held):
            raise Stale
    for one in made:
        record(tx, one.case, one.entry)
    tx.looks.add(looks)
    keep_answer(tx, call, answer, at)
    return answer


def _of_record(record: Mapping[str, Mapping[str, Any]], scopes: frozenset[str]) -> dict[str, dict[str, Any]]:
    part: dict[str, dict[str, Any]] = {}
    for section, items in record.items():
        kept = {item: value for item, value in items.items() if f"{section}.{item}" in scopes}
        if kept:
            part[section] = kept
    return part


def _exchange_request(
    client: str, partner: Partner, purpose: str, part: Mapping[str, Mapping[str, Any]], provenance: dict[str, str]
) -> ExchangeRequest:
    """Make the request for one exchange. Its parts were checked when the update was read."""
    record: Any = part
    return ExchangeRequest.model_construct(client=client, partner=partner.id, purpose=purpose, record=record, provenance=provenance)


def _answer(subscribed: list[Subscribed], findings: list[Finding], made: list[Made]) -> Answer:
    """Say what was sent, and for everybody else why not."""
    found = {id(finding.loaded.subscribed): finding for finding in findings}
    partners = [_shown_partner(each, found.get(id(each))) for each in subscribed]
    return Answer.of(201 if made else 200, {"exchanges": [_shown_exchange(one.entry) for one in made], "partners": partners})


def _shown_partner(subscribed: Subscribed, finding: Finding | None) -> dict[str, Any]:
    named = {"partner": subscribed.partner.id, "purpose": subscribed.request.purpose}
    if finding is None:
        return named | {"link": False}
    return named | {"unchanged": list(finding.unchanged), "withheld": shown_reasons(finding.withheld)}


def _shown_exchange(entry: Entry) -> dict[str, Any]:
    exchange = entry.exchange
    held_until = None if entry.waiting is None else entry.waiting.held_until
    return {
        "id": exchange.id,
        "partner": exchange.partner,
        "purpose": exchange.purpose,
        "state": exchange.state.value,
        "released": list(exchange.released),
        "withheld": shown_reasons(exchange.withheld),
        "declarations": list(exchange.declarations),
    } | ({} if held_until is None else {"held_until": shown_at(held_until)})
