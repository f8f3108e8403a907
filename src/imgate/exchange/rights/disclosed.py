"""What was passed on about a client (Art. 15 GDPR): who received or sent what, when, what for, with which permission; and what is kept.

One function gives it as one value; JSON and paper show the same. Scopes, names and times, never values: those are in the case record.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from imgate.consent import life
from imgate.consent.head import WHOLE
from imgate.consent.judge import now
from imgate.exchange.context import Corridor
from imgate.exchange.listing import shown_at
from imgate.exchange.retention import Terms
from imgate.exchange.rights.on_file import OnFile, on_file
from imgate.exchange.rights.permission import Ended, Permission, ended, permissions
from imgate.exchange.stored import Disclosure, Headless, StoredDeclaration, StoredExchange
from imgate.vocabulary.words import SELF, Direction, ExchangeState


class Arrival(StrEnum):
    """What became of a hand-out. ``uncertain`` is an attempt whose end is unknown: it counts as disclosed."""

    ACKNOWLEDGED = "acknowledged"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    TAKEN = "taken"


class Category(StrEnum):
    """What is kept about a client."""

    DECLARATIONS = "declarations"
    EVIDENCE = "evidence"
    LINKS = "links"
    EXCHANGES = "exchanges"
    MESSAGES = "messages"
    NOTICES = "notices"
    REQUESTS = "requests"
    OWN_PAGE = "own_page"
    INTAKE = "intake"
    ACCESS_LOG = "access_log"
    AUDIT_LOG = "audit_log"


class Term(StrEnum):
    """How long something is kept.

    Until ``erasure``; until then and ``years`` more as a ``proof``; until then or ``years`` after the last exchange (``history``); while it
    is ``waiting``, at most ``days``; so many ``days``; for good, without a name (``nameless``).
    """

    ERASURE = "erasure"
    PROOF = "proof"
    HISTORY = "history"
    WAITING = "waiting"
    DAYS = "days"
    NAMELESS = "nameless"


def disclosed(corridor: Corridor, client: str, terms: Terms) -> dict[str, Any]:
    """Give all of it for one client, oldest first; ``disclosures`` has the members of GET /v1/clients/{client}/disclosures and more.

    An attempt that is under way just now stands among them, although nobody knows yet how it ends. Raises Refused 404.
    """
    at = corridor.clock()
    with corridor.store.reading() as tx:
        return shown_disclosed(corridor, on_file(corridor, tx, client), terms, at)


def shown_disclosed(corridor: Corridor, kept: OnFile, terms: Terms, at: datetime) -> dict[str, Any]:
    """Show what was loaded."""
    names = {partner: name_of(corridor, kept, partner) for partner in kept.partners}
    rows = sorted(_handed_out(kept), key=lambda row: row[0].at)
    disclosures = [_shown_row(row, arrival, kept, names, at) for row, arrival in rows]
    return {
        "client": kept.client.reference,
        "as_of": shown_at(at),
        "gateway": corridor.policy.gateway,
        "partners": [_shown_partner(corridor, kept, partner, disclosures) for partner in _partners_in(disclosures)],
        "declarations": [_shown_declaration(declared, at) for declared in kept.declarations.values()],
        "disclosures": disclosures,
        "kept": list(_kept(kept, terms)),
    }


def name_of(corridor: Corridor, kept: OnFile, partner: str) -> str:
    """Give a partner's name: as configured, else as it was signed for last, else the bare id."""
    return corridor.policy.partner(partner).name or next(reversed(_signed_names(kept, partner)), partner)


def _signed_names(kept: OnFile, partner: str) -> list[str]:
    """Give the names under which this partner was signed for, oldest first."""
    signed = (declared for declared in kept.declarations.values() if isinstance(declared, StoredDeclaration))
    return list(dict.fromkeys(one.head.recipient for one in signed if one.verified is not None and one.head.partner == partner))


def _handed_out(kept: OnFile) -> Iterator[tuple[Disclosure, Arrival]]:
    """Give what is on record as disclosed, and what is on its way just now."""
    for disclosure in kept.disclosures:
        yield disclosure, _arrival(disclosure, kept.exchanges.get(disclosure.exchange))
    for item in kept.leaving:
        if item.begun_at is not None:
            exchange = item.exchange
            provenance = {scope: origin for scope, origin in item.provenance.items() if scope in exchange.released}
            yield Disclosure.of(exchange, exchange.released, exchange.declarations, item.begun_at, provenance), Arrival.UNCERTAIN


def _arrival(disclosure: Disclosure, exchange: StoredExchange | None) -> Arrival:
    """Tell what became of one hand-out: an exchange's state is that of its last one, and an earlier attempt may have failed unseen."""
    if disclosure.direction is Direction.FROM_PARTNER:
        return Arrival.TAKEN
    known = (ExchangeState.DELIVERED.value, ExchangeState.REJECTED.value)
    arrived_at = None if exchange is None else min((at for at, state, _ in exchange.history if state in known), default=None)
    if exchange is None or arrived_at is None or disclosure.at < arrived_at:
        return Arrival.UNCERTAIN
    match exchange.state:
        case ExchangeState.REJECTED:
            return Arrival.REJECTED
        case ExchangeState.ACKNOWLEDGED:
            return Arrival.ACKNOWLEDGED
        case _:
            return Arrival.DELIVERED


def _shown_row(row: Disclosure, arrival: Arrival, kept: OnFile, names: Mapping[str, str], at: datetime) -> dict[str, Any]:
    parts = {
        "exchange": row.exchange,
        "partner": row.partner,
        "name": names[row.partner],
        "direction": row.direction.value,
        "purpose": row.purpose,
        "scopes": list(row.scopes),
        "declarations": list(row.declarations),
        "at": shown_at(row.at),
        "arrival": arrival.value,
        "provenance": {scope: _origin(row, scope) for scope in row.scopes},
        "permissions": [_shown_permission(one) for one in permissions(row.scopes, row.declarations, kept.declarations, at)],
    }
    return {name: part for name, part in parts.items() if part is not None}


def _origin(row: Disclosure, scope: str) -> str:
    return row.partner if row.direction is Direction.FROM_PARTNER else (row.provenance or {}).get(scope, SELF)


def _shown_permission(permission: Permission) -> dict[str, Any]:
    shown: dict[str, Any] = {"declaration": permission.declaration, "scopes": list(permission.scopes)}
    if permission.until is not None:
        shown["until"] = permission.until
    return shown | _shown_end(permission.ended)


def _shown_end(end: Ended | None) -> dict[str, Any]:
    if end is None:
        return {}
    return {"ended_by": end.cause.value} | ({} if end.at is None else {"ended_at": shown_at(end.at)})


def _partners_in(disclosures: list[dict[str, Any]]) -> list[str]:
    """Name who received or sent anything, and from whom it came before that."""
    return list(dict.fromkeys(each for row in disclosures for each in (row["partner"], *row["provenance"].values()) if each != SELF))


def _shown_partner(corridor: Corridor, kept: OnFile, partner: str, disclosures: list[dict[str, Any]]) -> dict[str, Any]:
    name = name_of(corridor, kept, partner)
    formerly = sorted({*corridor.policy.partner(partner).formerly, *_signed_names(kept, partner)} - {name})
    shown: dict[str, Any] = {"partner": partner, "name": name} | ({"formerly": formerly} if formerly else {})
    for direction in Direction:
        rows = [row for row in disclosures if row["partner"] == partner and row["direction"] == direction]
        if rows:
            scopes = list(dict.fromkeys(scope for row in rows for scope in row["scopes"]))
            shown[direction.value] = {"count": len(rows), "first_at": rows[0]["at"], "last_at": rows[-1]["at"], "scopes": scopes}
    return shown


def _shown_declaration(declared: StoredDeclaration | Headless, at: datetime) -> dict[str, Any]:
    if isinstance(declared, Headless):
        return {"id": declared.id, "state": "unreadable"}
    verified = declared.verified
    if verified is None:
        return {"id": declared.head.id, "state": "unreadable"}
    return {
        "id": verified.id,
        "partner": verified.partner,
        "recipient": verified.recipient,
        "direction": verified.direction.value,
        "purposes": sorted(verified.purposes),
        "scopes": sorted(verified.scopes),
        "valid_from": declared.head.valid_from,
        "valid_until": verified.valid_until,
        "state": life.state(verified, declared.siblings, now(at)).value,
        **_shown_end(ended(verified, declared.siblings, at)),
        "revoked": [{"scope": scope, "at": shown_at(when)} for scope, when in verified.revoked.items() if scope != WHOLE],
    }


def _kept(kept: OnFile, terms: Terms) -> Iterator[dict[str, Any]]:
    """Say what is kept, how many, and for how long. What names a client by a digest or a random word only is not counted."""
    pieces = sum(
        len(declared.evidence) + len(declared.unopened)
        for declared in kept.declarations.values()
        if isinstance(declared, StoredDeclaration)
    )
    erasure = {"term": Term.ERASURE.value}
    proof = {"term": Term.PROOF.value, "years": terms.proof_years}
    history = {"term": Term.HISTORY.value, "years": terms.history_years} if terms.history_years else erasure
    waiting = {"term": Term.WAITING.value, "days": terms.message_days}
    yield {"category": Category.DECLARATIONS.value, "count": len(kept.declarations), **proof}
    yield {"category": Category.EVIDENCE.value, "count": pieces, **proof}
    yield {"category": Category.LINKS.value, "count": len(kept.linked), **erasure}
    yield {"category": Category.EXCHANGES.value, "count": len(kept.exchanges), **history}
    yield {"category": Category.MESSAGES.value, "count": len(kept.leaving) + len(kept.arriving), **waiting}
    yield {"category": Category.NOTICES.value, "count": len(kept.notices), **history}
    yield {"category": Category.REQUESTS.value, "count": len(kept.requests), **erasure}
    yield {"category": Category.OWN_PAGE.value, "count": int(kept.own_page is not None), **erasure}
    yield {"category": Category.INTAKE.value, **_days(terms.intake_days)}
    yield {"category": Category.ACCESS_LOG.value, **_days(terms.access_log_days)}
    yield {"category": Category.AUDIT_LOG.value, "term": Term.NAMELESS.value}


def _days(days: int) -> dict[str, Any]:
    return {"term": Term.DAYS.value, "days": days} if days else {"term": Term.ERASURE.value}
