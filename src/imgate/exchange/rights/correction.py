"""A correction told to who holds the wrong datum (Art. 16, 19 GDPR).

The case system holds the record and corrects it; here the corrected part goes to each partner that was handed it, for the purpose it was
handed it for, as far as a permission still runs. Whom no permission reaches the office tells otherwise, unless that is impossible or
disproportionate (Art. 19): the report names them, and the partners from whom the datum came.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

import orjson
from pydantic import Field

from imgate.audit.events import Event, EventName
from imgate.consent.declaration import Confided
from imgate.consent.minimise import present_scopes
from imgate.exchange import outbound
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.entering import Outcome
from imgate.exchange.ledger import ledger
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import ClientKeys, Transaction
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.requests import Client, ExchangeRequest, Word
from imgate.exchange.stored import KnownValue
from imgate.record import CaseRecord
from imgate.vocabulary.words import SELF, Direction, ExchangeState, Purpose

# Of these the partner has it, or is about to.
_GOES_ON = (ExchangeState.QUEUED, ExchangeState.DELIVERED, ExchangeState.ACKNOWLEDGED)
_Record = Mapping[str, Mapping[str, Any]]


class CorrectionRequest(Confided):
    """What is right now. ``purposes`` narrows whom it is passed on to; without them it is everybody who was handed it."""

    client: Client
    record: CaseRecord
    provenance: dict[Word, Word] = Field(default={}, max_length=100)
    purposes: list[Annotated[Purpose, Field(strict=False)]] | None = Field(default=None, min_length=1, max_length=20)


@dataclass(frozen=True, slots=True)
class _Place:
    """A partner and the purpose for which it was handed these scopes: when last, or None where a message with them waits unseen."""

    partner: str
    purpose: str
    last_at: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a correction means for one place: what passes, what it has already, and why the rest has to be told otherwise."""

    place: _Place
    name: str
    passes: tuple[str, ...]
    has: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]


async def correct(corridor: Corridor, call: Call, request: CorrectionRequest, *, dry_run: bool = False) -> dict[str, Any]:
    """Pass a correction on: one exchange for each partner and purpose, by ``outbound.send``. Give what became of it, place by place.

    Repeating it sends nothing twice as long as nothing else was sent since. Raises Refused as ``send`` does, and 404; AdapterFault. What
    was sent before one of them is on record and stays sent; repeating it goes on behind that.
    """
    held = ledger(corridor, request.client)["items"]
    with corridor.store.reading() as tx:
        keys = tx.clients.find(request.client)
        if keys is None:
            raise not_found()
        places = _places(corridor, tx, keys, held, request)
        findings = [_find(corridor, tx, keys, place, request) for place in places]
        sources = list(_sources(corridor, tx, keys, present_scopes(_record(request))))
    exchanges: dict[int, str] = {}
    async with corridor.cohort:
        for at, finding in enumerate(findings):
            if finding.passes and not dry_run:
                exchanges[at], findings[at] = await _send(corridor, call, keys, finding, request)
    if findings and not dry_run:
        await corridor.store.commit(
            partial(_put_on_record, corridor=corridor, call=call, keys=keys, findings=findings, exchanges=exchanges)
        )
    return {
        "client": request.client,
        "scopes": list(present_scopes(_record(request))),
        "dry_run": dry_run,
        "passed_on": [_shown(finding, finding.passes, exchanges.get(at)) for at, finding in enumerate(findings) if finding.passes],
        "has_it": [_shown(finding, finding.has) for finding in findings if finding.has],
        "tell_otherwise": [_shown_untold(finding) for finding in findings if _untold(finding)],
        "sources": sources,
    }


def _record(request: CorrectionRequest) -> _Record:
    return request.record  # type: ignore[return-value]  # a TypedDict is a mapping of mappings


def _places(
    corridor: Corridor, tx: Transaction, keys: ClientKeys, held: Iterable[Mapping[str, Any]], request: CorrectionRequest
) -> list[_Place]:
    """Find who holds one of these scopes, and for whom a message with one waits: sent after the correction, it would undo it."""
    wanted, purposes = frozenset(present_scopes(_record(request))), request.purposes
    places: dict[tuple[str, str], _Place] = {}

    def note(partner: str, purpose: str, scope: str, last_at: str | None) -> None:
        if scope in wanted and (purposes is None or purpose in purposes):
            places.setdefault((partner, purpose), _Place(partner, purpose)).last_at.setdefault(scope, last_at)

    for item in held:
        note(item["partner"], item["purpose"], item["scope"], item["last_at"])
    for partner in corridor.partners:
        for waiting in tx.outbox.waiting(keys.digest, partner):
            if waiting.exchange.notice is None:
                for scope in waiting.exchange.released:
                    note(partner, str(waiting.exchange.purpose), scope, None if waiting.begun_at is None else shown_at(waiting.begun_at))
    return [places[key] for key in sorted(places)]


def _find(corridor: Corridor, tx: Transaction, keys: ClientKeys, place: _Place, request: CorrectionRequest) -> _Finding:
    """Decide for one place what may pass now. Raises Refused ``provenance_required``, ``scope_unknown``."""
    name = corridor.policy.partner(place.partner).name or _signed_name(tx, keys, place.partner)
    scopes = tuple(scope for scope in present_scopes(_record(request)) if scope in place.last_at)
    if place.partner not in corridor.partners:
        return _Finding(place, name, (), (), tuple((scope, "partner_unknown") for scope in scopes))
    has = tuple(scope for scope in scopes if scope in _passed_on_before(tx, keys, place, request))
    due = tuple(scope for scope in scopes if scope not in has)
    if not due:
        return _Finding(place, name, (), has, ())
    asked = _exchange_request(place, due, request)
    partner, at = outbound.partner_of(corridor, asked), corridor.clock()
    try:
        case = outbound.load(tx, partner, asked)
    except Refused as refused:
        if refused.code != "link_missing":
            raise
        return _Finding(place, name, (), has, tuple((scope, refused.code) for scope in due))
    decided = outbound.judge(partner, case, asked, at)
    outcome = Outcome.of(decided, outbound.reduce(corridor, partner, case, decided, asked, at))
    return _Finding(place, name, outcome.released, has, outcome.withheld)


def _passed_on_before(tx: Transaction, keys: ClientKeys, place: _Place, request: CorrectionRequest) -> set[str]:
    """Name the scopes of which this partner was passed on this very value by a correction, and has been sent nothing since."""
    newest: dict[str, str] = {}
    for exchange in tx.exchanges.states(keys.digest, place.partner, _GOES_ON):
        if exchange.purpose == place.purpose:
            newest |= dict.fromkeys(exchange.released, exchange.id)
    known = tx.known.of(keys.digest, place.partner, _known_as(place))
    said = _values(keys, place, request)
    return {scope for scope, value in known.items() if said.get(scope) == value.digest and newest.get(scope) == value.exchange}


def _known_as(place: _Place) -> str:
    """Stand in the place of a purpose in what is known: what an update compares with is kept apart (see the port ``Known``)."""
    return f"correction:{place.purpose}"


def _values(keys: ClientKeys, place: _Place, request: CorrectionRequest) -> dict[str, str]:
    """Give the keyed digest of each corrected value."""
    return {
        f"{section}.{item}": keys.value_digest(place.partner, f"{section}.{item}", orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
        for section, items in _record(request).items()
        for item, value in items.items()
    }


def _exchange_request(place: _Place, scopes: Iterable[str], request: CorrectionRequest) -> ExchangeRequest:
    part: dict[str, dict[str, Any]] = {}
    for scope in scopes:
        section, _, item = scope.partition(".")
        part.setdefault(section, {})[item] = _record(request)[section][item]
    asked = {"client": request.client, "partner": place.partner, "purpose": place.purpose, "record": part, "provenance": request.provenance}
    return ExchangeRequest.model_validate(asked)


async def _send(corridor: Corridor, call: Call, keys: ClientKeys, finding: _Finding, request: CorrectionRequest) -> tuple[str, _Finding]:
    """Send what passes, and remember that this value was passed on. What is withheld after all has to be told otherwise."""
    place = finding.place
    key = None if call.key is None else f"{call.key} {place.partner} {place.purpose}"  # no caller's key has a blank
    sent = Call(call.actor, call.path, key, call.body)
    answer = orjson.loads((await outbound.send(corridor, sent, _exchange_request(place, finding.passes, request))).body)
    exchange, said = answer["id"], _values(keys, place, request)
    values = {scope: KnownValue(said[scope], exchange) for scope in answer["released"]}
    await corridor.store.commit(lambda tx: tx.known.put(keys.digest, place.partner, _known_as(place), values))
    withheld = (*finding.withheld, *((each["scope"], each["reason"]) for each in answer["withheld"]))
    return exchange, _Finding(place, finding.name, tuple(answer["released"]), finding.has, withheld)


def _put_on_record(
    tx: Transaction, corridor: Corridor, call: Call, keys: ClientKeys, findings: list[_Finding], exchanges: dict[int, str]
) -> None:
    fields: dict[str, object] = {
        "scopes": sorted({scope for finding in findings for scope in finding.place.last_at}),
        "exchanges": list(exchanges.values()),
        "partners": sorted({findings[at].place.partner for at in exchanges}),
        "otherwise": sorted({finding.place.partner for finding in findings if _untold(finding)}),
    }
    tx.audit(Event(EventName.CORRECTION_PASSED_ON, corridor.clock(), call.actor, keys.subject, fields))


def _untold(finding: _Finding) -> list[tuple[str, str]]:
    """Give what was handed out and does not reach the partner this way. What only waited does not leave: that is decided again."""
    return [(scope, reason) for scope, reason in finding.withheld if finding.place.last_at.get(scope) is not None]


def _shown(finding: _Finding, scopes: tuple[str, ...], exchange: str | None = None) -> dict[str, Any]:
    shown = {"partner": finding.place.partner, "name": finding.name, "purpose": finding.place.purpose, "scopes": list(scopes)}
    return shown if exchange is None else shown | {"exchange": exchange}


def _shown_untold(finding: _Finding) -> dict[str, Any]:
    scopes = [{"scope": scope, "reason": reason, "last_at": finding.place.last_at[scope]} for scope, reason in _untold(finding)]
    return {"partner": finding.place.partner, "name": finding.name, "purpose": finding.place.purpose, "scopes": scopes}


def _sources(corridor: Corridor, tx: Transaction, keys: ClientKeys, scopes: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Name the partners from whom one of these scopes came, and when last, where it came through here."""
    came: dict[str, dict[str, str | None]] = {}
    for disclosure in tx.disclosures.of(keys.digest):
        inbound = disclosure.direction is Direction.FROM_PARTNER
        for scope in disclosure.scopes:
            origin = disclosure.partner if inbound else (disclosure.provenance or {}).get(scope, SELF)
            if scope in scopes and origin != SELF:
                last_at = shown_at(disclosure.at) if inbound else None
                came.setdefault(origin, {})[scope] = last_at or came.get(origin, {}).get(scope)
    for partner, found in sorted(came.items()):
        named = [{"scope": scope} | ({} if last_at is None else {"last_at": last_at}) for scope, last_at in found.items()]
        yield {"partner": partner, "name": corridor.policy.partner(partner).name or _signed_name(tx, keys, partner), "scopes": named}


def _signed_name(tx: Transaction, keys: ClientKeys, partner: str) -> str:
    """Give the name under which a partner that is configured no more was signed for last."""
    signed = sorted(tx.declarations.of(keys.digest, partner), key=lambda declared: declared.id)
    return signed[-1].recipient if signed else partner
