"""The block about a client's own page: making it, giving the number that opens it together with the code on the copy, locking it."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.client_page import give_number, lock_page, make_page, renew_code, state_of_page
from imgate.exchange.refusals import Refused
from imgate.web.desk.opened_clients import reference_of
from imgate.web.house import corridor_of, house_of
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

_PAGE = "/pages/clients/{case}/own-page"
_HALF = 4


def client_page_block(request: Request, visitor: Visitor, reference: str) -> Mapping[str, object]:
    """Give how far a client's own page is; ``is_known`` is False for somebody of whom there is no declaration yet."""
    try:
        return {"own_page": state_of_page(corridor_of(request), reference), "is_known": True}
    except Refused:
        return {"own_page": None, "is_known": False}


@router.post(f"{_PAGE}/make")
def make_own_page(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Make the page, as the client wishes."""
    make_page(corridor_of(request), visitor.id, reference_of(request, case))
    return RedirectResponse(f"/pages/clients/{case}?done=own_page_made", 303)


@router.post(f"{_PAGE}/renew")
def renew_own_page(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Give it another code: the copies that carry the earlier one open nothing any more."""
    renew_code(corridor_of(request), visitor.id, reference_of(request, case))
    return RedirectResponse(f"/pages/clients/{case}?done=own_page_renewed", 303)


@router.post(f"{_PAGE}/lock")
def lock_own_page(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Take the number away, until there is another one."""
    lock_page(corridor_of(request), visitor.id, reference_of(request, case))
    return RedirectResponse(f"/pages/clients/{case}?done=own_page_locked", 303)


@router.post(f"{_PAGE}/number")
def give_page_number(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Show another number, this once: it is not kept, so the answer to the form is the only page that has it."""
    reference, hours = reference_of(request, case), house_of(request).gateway.settings.pages.factor_hours
    number = give_number(corridor_of(request), visitor.id, reference, timedelta(hours=hours))
    state = state_of_page(corridor_of(request), reference)
    halves = f"{number[:_HALF]} {number[_HALF:]}"
    return page(request, "desk/client_page_number.html", case=case, reference=reference, number=halves, state=state)
