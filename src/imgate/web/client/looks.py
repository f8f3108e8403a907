"""Who looked at my data of late: what kind of place it was and on which day, and no people's names.

A client need not know who works where; the office's access log names them to whoever has to follow something up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fastapi import APIRouter, Request, Response

from imgate.exchange.client_page import ACTOR, looks_of
from imgate.exchange.ports import Look
from imgate.vocabulary.words import Role, UserRole
from imgate.web.actors import actors_of
from imgate.web.client.owner import HOME, ClientRoute, ThisClient
from imgate.web.client.speech import client_page
from imgate.web.house import House, corridor_of, house_of, partner_names

router = APIRouter(route_class=ClientRoute)


class Kind(StrEnum):
    """Who looks, as a client knows them. ``house``: the office, its audit and its IT."""

    MYSELF = "myself"
    COUNSEL = "counsel"
    HOUSE = "house"
    PARTNER = "partner"


_KINDS: Mapping[UserRole | Role, Kind] = {
    UserRole.INTEGRATION_MANAGER: Kind.COUNSEL,
    UserRole.OFFICE: Kind.HOUSE,
    UserRole.LIAISON: Kind.PARTNER,
    Role.CASE_SYSTEM: Kind.COUNSEL,
    Role.PARTNER: Kind.PARTNER,
    Role.AUDITOR: Kind.HOUSE,
    Role.ADMIN: Kind.HOUSE,
}


@dataclass(frozen=True, slots=True)
class DayOfLooks:
    """One day: who looked how often. A partner stands by name, everybody else by their kind."""

    day: date
    who: Sequence[tuple[Kind, str | None, int]]


@router.get(f"{HOME}/looks")
def show_looks(owner: ThisClient, request: Request) -> Response:
    """Show the days on which somebody looked, the last one first."""
    looks, has_more = looks_of(corridor_of(request), owner.reference)
    days = _by_day(house_of(request), looks)
    return client_page(request, "looks", days=days[:-1] if has_more and len(days) > 1 else days)  # the earliest day may be cut off


def _by_day(house: House, looks: Sequence[Look]) -> Sequence[DayOfLooks]:
    kinds, names, zone = _kinds(house), partner_names(house.corridor), house.corridor.policy.zone
    days: dict[date, Counter[tuple[Kind, str | None]]] = {}
    for look in looks:
        kind = kinds.get(look.actor, Kind.HOUSE)
        partner = names.get(look.partner or "", look.partner or "–") if kind is Kind.PARTNER else None
        days.setdefault(look.at.astimezone(zone).date(), Counter())[kind, partner] += 1
    return [DayOfLooks(day, [(kind, partner, count) for (kind, partner), count in who.items()]) for day, who in days.items()]


def _kinds(house: House) -> Mapping[str, Kind]:
    """Tell what kind of visitor each actor is; whoever is not among them acted for the house."""
    return {each: _KINDS[actor.role] for each, actor in actors_of(house.gateway.store).items()} | {ACTOR: Kind.MYSELF}
