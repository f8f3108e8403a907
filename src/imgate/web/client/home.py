"""The page itself: what I allowed, who got or sent what and when, and how I revoke."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.documents.declared import day
from imgate.documents.languages import written_day
from imgate.exchange.client_page import declarations_of, disclosures_of
from imgate.exchange.context import Corridor
from imgate.vocabulary.words import DeclarationState
from imgate.web.client.owner import HOME, ClientRoute, ThisClient
from imgate.web.client.speech import client_page
from imgate.web.house import corridor_of, house_of

router = APIRouter(route_class=ClientRoute)

_SHOWN = 20
_PAGE_DIGITS = 4
_OVER = (DeclarationState.REVOKED, DeclarationState.EXPIRED)


@router.get(HOME)
def show_home(owner: ThisClient, request: Request) -> Response:
    """Show it; ``page`` is which part of the hand-outs."""
    corridor, house = corridor_of(request), house_of(request)
    handed_out = disclosures_of(corridor, owner.reference)
    number = _page_number(request.query_params.get("page", "1"), len(handed_out))
    names = {disclosure["partner"]: _name(corridor, disclosure["partner"]) for disclosure in handed_out}
    return client_page(
        request,
        "home",
        today=written_day(corridor.clock().astimezone(corridor.policy.zone).date()),
        unit_name=house.gateway.name,
        office=house.gateway.papers.office,
        declarations=[_shown(declaration) for declaration in declarations_of(corridor, owner.reference)],
        handed_out=handed_out[(number - 1) * _SHOWN : number * _SHOWN],
        names=names,
        newer=number - 1,
        older=number + 1 if number * _SHOWN < len(handed_out) else 0,
    )


def _page_number(said: str, length: int) -> int:
    """Give the page that is asked for; what leads nowhere leads to the first one."""
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= _PAGE_DIGITS else 1
    return number if 0 < number <= max(1, -(-length // _SHOWN)) else 1


def _name(corridor: Corridor, partner: str) -> str:
    return corridor.policy.partner(partner).name or partner


def _shown(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is told of one declaration; of one that nobody can read, that there is one."""
    if declaration["state"] == "unreadable" or "content" not in declaration:
        return {"readable": False}
    content = declaration["content"]
    left: Sequence[str] = [scope for scope in content["scopes"] if scope not in declaration["revoked_scopes"]]
    return {
        "readable": True,
        "id": declaration["id"],
        "state": declaration["state"],
        "over": declaration["state"] in _OVER,
        "recipient": content["recipient"],
        "unit": content["discloser"]["unit"],
        "direction": content["direction"],
        "purposes": content["purposes"],
        "left": left,
        "revoked": declaration["revoked_scopes"],
        "valid_from": day(content["valid_from"]),
        "valid_until": day(content["valid_until"]),
    }
