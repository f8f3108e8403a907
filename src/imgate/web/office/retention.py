"""How long each kind of thing is kept, what has run out, and the button that takes it away now; the worker does so every hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from fastapi import APIRouter, Request, Response

from imgate.audit.events import EventName
from imgate.bootstrap.retention import standing_now, sweep_all
from imgate.exchange.retention import Terms
from imgate.storage.idempotency import KEPT as ANSWERS_KEPT
from imgate.storage.retention import UNKNOWN_REFERENCES_KEPT
from imgate.vocabulary.words import Kept
from imgate.web.actors import actors_of, names_of
from imgate.web.house import house_of
from imgate.web.office.trail import trail
from imgate.web.office.words import ACTORS, KEPT, WHY_KEPT
from imgate.web.rendering import page
from imgate.web.visitors import ConfirmedOffice, Office

router = APIRouter()

_SWEEPS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class KindShown:
    """One kind: how many of it have run out, the oldest since ``oldest``. ``length`` is in ``unit``, which says more where it is none."""

    kind: Kept
    unit: str
    length: int
    count: int
    oldest: datetime | None


@router.get("/pages/office/retention")
def show_retention(request: Request, visitor: Office) -> Response:
    """Show each kind with its term, and what a sweep would take now. Changes nothing."""
    return _shown(request, None)


@router.post("/pages/office/retention/sweep")
def sweep_now(request: Request, visitor: ConfirmedOffice) -> Response:
    """Take away what has run out, and say what went. Sent twice, the second time finds nothing more."""
    return _shown(request, sweep_all(house_of(request).gateway, visitor.id))


def _shown(request: Request, went: Mapping[Kept, int] | None) -> Response:
    store = house_of(request).gateway.store
    sweeps = trail(store, names_of(actors_of(store)), EventName.RETENTION_SWEPT)
    return page(
        request,
        "office/retention.html",
        kinds=_kinds(request),
        what=KEPT,
        why=WHY_KEPT,
        went=None if went is None else [(kind, count) for kind, count in went.items() if count],
        sweeps=[line for line in sweeps.lines if line.sound][:_SWEEPS_SHOWN],
        actors=ACTORS,
        url_of_log=f"/pages/office/log?event={EventName.RETENTION_SWEPT}",
    )


def _kinds(request: Request) -> Sequence[KindShown]:
    gateway = house_of(request).gateway
    return [
        KindShown(stands.rule.kind, *_term(stands.rule.kind, gateway.terms), stands.count, stands.oldest)
        for stands in standing_now(gateway)
    ]


def _term(kind: Kept, terms: Terms) -> tuple[str, int]:
    """Give a term in its unit: what ``imgate retention show`` says in English."""
    match kind:
        case Kept.HISTORY:
            return ("years_after_end", terms.history_years) if terms.history_years else ("for_good", 0)
        case Kept.INTAKE:
            return ("days", terms.intake_days) if terms.intake_days else ("for_good", 0)
        case Kept.REFERENCES:
            return "days", UNKNOWN_REFERENCES_KEPT.days
        case Kept.AWAITED | Kept.MESSAGES:
            return "days", terms.message_days
        case Kept.ACCESS_LOG:
            return "days", terms.access_log_days
        case Kept.PROOF:
            return "years_after_erasure", terms.proof_years
        case Kept.ANSWERS:
            return "hours", int(ANSWERS_KEPT / timedelta(hours=1))
        case Kept.SESSIONS | Kept.ASSERTIONS:
            return "at_end", 0
        case _:
            assert_never(kind)
