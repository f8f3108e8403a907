"""What liaisons ask clients for. It is a question to the client, and stays one: answered by a new declaration, or by no."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.scope_requests import RequestAnswer, answer, open_requests
from imgate.exchange.stored import Cursor
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.paths import After, Id
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager

router = APIRouter()

_A_PAGE = 20


@router.get("/pages/requests")
def show_requests(request: Request, visitor: IntegrationManager, after: After = None) -> Response:
    """List what nobody has answered."""
    corridor = corridor_of(request)
    return page(request, "desk/requests.html", items=open_requests(corridor, Cursor(after, _A_PAGE)), names=partner_names(corridor))


@router.post("/pages/requests/{wish}/decline")
def decline(request: Request, visitor: IntegrationManager, wish: Id) -> Response:
    """Say that the client does not allow it, or was not asked."""
    answer(corridor_of(request), call_of(request, visitor), wish, RequestAnswer.DECLINED)
    return RedirectResponse("/pages/requests?done=declined", 303)
