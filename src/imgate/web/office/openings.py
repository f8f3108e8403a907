"""Four eyes: which closed scopes the configuration opens to whom, who of the office confirmed that, and whether it is in effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.openings import confirm_opening, confirmations, withdraw_opening
from imgate.exchange.refusals import not_found
from imgate.web.forms import Form, Posted
from imgate.web.house import corridor_of, house_of, partner_names
from imgate.web.rendering import page
from imgate.web.texts import _
from imgate.web.visitors import ConfirmedOffice, Office, Visitor

router = APIRouter()

_PAGE = "/pages/office/openings"

WHY_CLOSED: Mapping[str, str] = {
    "identifiers.azr_number": _("Die AZR-Nummer darf nur für wenige Zwecke verwendet werden (§ 10 Absatz 4 AZRG)."),
    "asylum.grounds": _("Warum jemand geflohen ist, kann Menschen in Gefahr bringen und ist besonders geschützt (Artikel 9 DSGVO)."),
    "health.constraints": _("Angaben zur Gesundheit sind besonders geschützt (Artikel 9 DSGVO)."),
    "contact.address": _("Ohne Öffnung bleibt eine Adresse hier, für die eine Auskunftssperre besteht oder bestehen könnte (§ 51 BMG)."),
}


@dataclass(frozen=True, slots=True)
class ShownOpening:
    """One scope that the configuration opens to a partner. ``confirmed`` are names and times; ``mine``: the visitor's is among them."""

    partner: str
    scope: str
    why_closed: str
    single: bool
    in_effect: bool
    confirmed: Sequence[tuple[str, datetime]]
    mine: bool


@router.get(_PAGE)
def list_openings(request: Request, visitor: Office) -> Response:
    """List everything that the configuration opens."""
    corridor = corridor_of(request)
    names = partner_names(corridor)
    return page(request, "office/openings.html", openings=_shown(request, visitor), names=names)


@router.post(f"{_PAGE}/confirm")
def confirm(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Confirm one opening; from the second person's confirmation on it is in effect here, and elsewhere within seconds."""
    partner, scope = _configured(request, form)
    corridor = corridor_of(request)
    confirm_opening(corridor, visitor.id, partner, scope)
    house_of(request).gateway.openings.refresh()
    done = "opened" if scope in corridor.policy.partner(partner).open else "opening_confirmed"
    return RedirectResponse(f"{_PAGE}?done={done}", 303)


@router.post(f"{_PAGE}/withdraw")
def withdraw(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Take the visitor's own confirmation back; it is closed here at once, and elsewhere within seconds."""
    partner, scope = _configured(request, form)
    withdraw_opening(corridor_of(request), visitor.id, partner, scope)
    house_of(request).gateway.openings.refresh()
    return RedirectResponse(f"{_PAGE}?done=opening_withdrawn", 303)


def _configured(request: Request, form: Posted) -> tuple[str, str]:
    """Give which opening is meant. Raises Refused 404 for one that the configuration does not name, or that takes no four eyes."""
    partner, scope = form.one("partner"), form.one("scope")
    settings = house_of(request).gateway.settings.partners.get(partner)
    if settings is None or settings.accept_single or scope not in settings.open:
        raise not_found()
    return partner, scope


def _shown(request: Request, visitor: Visitor) -> Sequence[ShownOpening]:
    house, corridor = house_of(request), corridor_of(request)
    people = {user.id: user.name for user in house.gateway.store.people.users.list()}
    confirmed = confirmations(corridor)
    return [
        ShownOpening(
            partner,
            scope,
            WHY_CLOSED.get(scope, ""),
            settings.accept_single,
            scope in corridor.policy.partner(partner).open,
            [(people[one.user], one.confirmed_at) for one in confirmed.get((partner, scope), ())],
            any(one.user == visitor.id for one in confirmed.get((partner, scope), ())),
        )
        for partner, settings in house.gateway.settings.partners.items()
        for scope in settings.open
    ]
