"""Asking for what a message does not bring: it goes to the integration manager as a question to the client, in no words but ours."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.exchange import scope_requests
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of
from imgate.web.liaison.item import item_page
from imgate.web.paths import Id
from imgate.web.visitors import Liaison

router = APIRouter()


@router.post("/pages/inbox/{id}/ask")
def ask(visitor: Liaison, request: Request, id: Id, form: Form) -> Response:  # noqa: A002  # the path's own word
    """Ask for the scopes that were ticked."""
    scopes = form.all("scopes")
    if not scopes:
        return item_page(visitor, request, id, status=422, problem="scopes")
    scope_requests.ask(corridor_of(request), call_of(request, visitor), visitor.partner, id, scopes)
    return RedirectResponse(f"/pages/inbox/{id}?done=asked", 303)
