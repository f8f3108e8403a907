"""Why a message was decided as it was, and what would be decided today. Nobody whom it is about is named: scopes, reasons, dates, ids."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.context import Corridor
from imgate.exchange.past.comparison import Changed, Compared, Summary, compare
from imgate.exchange.past.explanation import explain
from imgate.exchange.refusals import not_found
from imgate.vocabulary.identifiers import is_uuid
from imgate.web.days import NO_DAY, begin_of, day_of
from imgate.web.forms import Form
from imgate.web.house import corridor_of, partner_names, today
from imgate.web.office.explained import answer, shown
from imgate.web.office.past_words import LIMITS
from imgate.web.office.whole_log import whole_log
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import Office

router = APIRouter()

_PAGE = "/pages/office/what-if"
_SHOWN = 200
_NO_EXCHANGE = _("Diese Kennung hat hier kein Austausch.")
_TO_COME = _("Dieser Tag kommt noch.")


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One scope of one decision that would be decided otherwise."""

    at: datetime | None
    exchange: str | None
    partner: str | None
    direction: str | None
    changed: Changed


@dataclass(slots=True)
class Differences:
    """What would be decided otherwise: all of it counted, and the first so many of each kind."""

    summary: Summary = field(default_factory=Summary)
    would_flow: list[ChangeShown] = field(default_factory=list)
    would_not_flow: list[ChangeShown] = field(default_factory=list)

    def take(self, compared: Compared) -> None:
        """Count one decision, and keep what is to be shown of it."""
        self.summary.take(compared)
        for changed in compared.changed:
            kept = self.would_flow if changed.would_flow else self.would_not_flow
            if len(kept) < _SHOWN:
                direction = None if compared.direction is None else compared.direction.value
                kept.append(ChangeShown(compared.at, compared.exchange, compared.partner, direction, changed))


@router.get(_PAGE)
def ask_what(request: Request, visitor: Office) -> Response:
    """Ask which message it is about, or since when."""
    return _asked(request)


@router.post(_PAGE)
def find_exchange(request: Request, visitor: Office, form: Form) -> Response:
    """Lead to the explanation of the exchange whose id was typed."""
    exchange = form.one("exchange").lower()
    if is_uuid(exchange) and _is_known(corridor_of(request), exchange):
        return RedirectResponse(f"{_PAGE}/{exchange}", 303)
    return _asked(request, status=422, exchange=exchange, wrong={"exchange": _NO_EXCHANGE})


@router.post(_PAGE + "/compare")
def compare_since(request: Request, visitor: Office, form: Form) -> Response:
    """Take the decisions since a day again, by what is configured and installed today. Raises Refused 503 while somebody reads the log."""
    corridor, since = corridor_of(request), form.one("since")
    day = day_of(since)
    if day is None or day > today(corridor):
        return _asked(request, status=422, since=since, wrong={"since": NO_DAY if day is None else _TO_COME})
    with whole_log(request):
        differences = _compared(corridor, day)
    return _asked(request, since=since, differences=differences)


@router.get(_PAGE + "/{exchange}")
def explain_exchange(request: Request, visitor: Office, exchange: str) -> Response:
    """Explain one exchange, premise by premise: as of then, and today. Raises Refused 503 while somebody reads the log."""
    if not is_uuid(exchange):
        raise not_found()
    corridor = corridor_of(request)
    names = partner_names(corridor)
    with whole_log(request):
        explanation = explain(corridor, exchange)
    return page(request, "office/explained.html", explained=shown(explanation, names), names=names)


def _is_known(corridor: Corridor, exchange: str) -> bool:
    with corridor.store.reading() as tx:
        found = tx.exchanges.get(exchange)
    return found is not None and found.notice is None


def _asked(request: Request, *, status: int = 200, **said: Any) -> Response:
    corridor = corridor_of(request)
    values = {"exchange": "", "since": "", "wrong": {}, "differences": None} | said
    names, catalogue = partner_names(corridor), corridor.policy.catalogue.version
    return page(
        request,
        "office/what_if.html",
        status=status,
        **values,
        names=names,
        answer=answer,
        limits=LIMITS,
        catalogue=catalogue,
        shown=_SHOWN,
    )


def _compared(corridor: Corridor, since: date) -> Differences:
    differences = Differences()
    for compared in compare(corridor, begin_of(since, corridor.policy.zone).astimezone(UTC)):
        differences.take(compared)
    return differences
