"""What a liaison does with a message that was read: it is kept, or given back. Either way its payload is deleted here."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.exchange import boxes
from imgate.exchange.requests import RejectRequest
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of
from imgate.web.liaison.item import item_page
from imgate.web.paths import Id
from imgate.web.visitors import Liaison

router = APIRouter()

GIVEN_BACK = ("not_for_me", "already_known")


@router.post("/pages/inbox/{id}/ack")
def acknowledge(visitor: Liaison, request: Request, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Say that the partner has it. Repeatable."""
    boxes.outbox_ack(corridor_of(request), call_of(request, visitor), visitor.partner, id)
    return RedirectResponse("/pages/inbox?done=acknowledged", 303)


@router.post("/pages/inbox/{id}/reject")
def give_back(visitor: Liaison, request: Request, id: Id, form: Form) -> Response:  # noqa: A002  # as above
    """Give it back, in one of two words. Repeatable."""
    why = form.one("why")
    if why not in GIVEN_BACK:
        return item_page(visitor, request, id, status=422, problem="why")
    boxes.outbox_reject(corridor_of(request), call_of(request, visitor), visitor.partner, id, RejectRequest(code=why))
    return RedirectResponse("/pages/inbox?done=given_back", 303)
