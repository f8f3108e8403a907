"""Where an integration manager's day begins: what waits, what failed, what runs out, and who has yet to answer."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange import end_of_use_lists, history, in_hand, running_out
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import worklist
from imgate.exchange.received_notices import open_notices
from imgate.exchange.refusals import not_found
from imgate.exchange.scope_requests import open_requests
from imgate.exchange.stored import Cursor
from imgate.exchange.unknown_people import unknown_people
from imgate.web.desk.opened_clients import open_client
from imgate.web.desk.words import failure, returned
from imgate.web.house import corridor_of, partner_names
from imgate.web.paths import After, Id
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_FIRST, _A_PAGE = 5, 50


def _ending(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    return worklist.running_out(corridor, corridor.remind_days, cursor)


def _unanswered(corridor: Corridor, cursor: Cursor) -> dict[str, Any]:
    return end_of_use_lists.page(corridor, cursor, unanswered=True)


_LISTS: dict[str, Callable[[Corridor, Cursor], dict[str, Any]]] = {
    "failed": in_hand.given_up,
    "returned": in_hand.given_back,
    "waiting": in_hand.waiting,
    "ending": _ending,
    "titles": running_out.received,
    "ends": _unanswered,
}


@router.get("/pages/desk")
def show_overview(request: Request, visitor: IntegrationManager) -> Response:
    """Show the beginning of each list; an empty one is left out."""
    corridor = corridor_of(request)
    lists = {name: _begun(corridor, listed) for name, listed in _LISTS.items()}
    return page(
        request,
        "desk/overview.html",
        lists=lists,
        asked=bool(open_requests(corridor, Cursor(limit=1))["items"]),
        unknown=bool(unknown_people(corridor, limit=1)),
        received=in_hand.has_received(corridor),
        ended=bool(open_notices(corridor, 1)),
        names=partner_names(corridor),
        failure=failure,
        returned=returned,
    )


@router.get("/pages/desk/{listed}")
def show_list(request: Request, visitor: IntegrationManager, listed: str, after: After = None) -> Response:
    """Show one list, page by page."""
    if listed not in _LISTS:
        raise not_found()
    corridor = corridor_of(request)
    items = _LISTS[listed](corridor, Cursor(after, _A_PAGE))
    return page(request, "desk/listed.html", listed=listed, items=items, names=partner_names(corridor), failure=failure, returned=returned)


@router.post("/pages/desk/exchanges/{exchange}")
def open_exchange(request: Request, visitor: IntegrationManager, exchange: Id) -> Response:
    """Open the client whom an exchange is about, and lead to it."""
    client = history.show(corridor_of(request), exchange).get("client")
    if client is None:
        raise not_found()
    answer = RedirectResponse("/pages/desk", 303)
    answer.headers["location"] = f"/pages/clients/{open_client(request, answer, client)}/exchanges/{exchange}"
    return answer


def _begun(corridor: Corridor, listed: Callable[[Corridor, Cursor], dict[str, Any]]) -> dict[str, Any]:
    """Give the first lines of a list. Pages can be empty and go on, so that more than one may have to be looked at."""
    items: list[Any] = []
    cursor = Cursor(limit=_A_PAGE)
    while True:
        found = listed(corridor, cursor)
        items += found["items"]
        if "next" not in found or len(items) > _FIRST:
            return {"items": items[:_FIRST], "more": len(items) > _FIRST}
        cursor = Cursor(found["next"], _A_PAGE)
