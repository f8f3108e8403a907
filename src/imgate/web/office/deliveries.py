"""What waits for partners and what failed, by ids; and the button that tries again."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange import retry as retrying
from imgate.exchange.deliveries import FAILED, WAITING, deliveries, delivery
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import is_uuid
from imgate.vocabulary.words import ExchangeState
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.office.words import why
from imgate.web.rendering import page
from imgate.web.visitors import ConfirmedOffice, Office

router = APIRouter()

_SHOWN = 50
_STATES = (FAILED, WAITING)


@router.get("/pages/office/deliveries")
def list_deliveries(request: Request, visitor: Office) -> Response:
    """List what waits or has failed, of one state or partner or of all. A word that is none of ours leads nowhere."""
    corridor = corridor_of(request)
    state, partner = request.query_params.get("state", ""), request.query_params.get("partner", "")
    if (state and state not in _STATES) or (partner and partner not in corridor.partners):
        raise not_found()
    states = (ExchangeState(state),) if state else _STATES
    found = deliveries(corridor, states, partner or None, Cursor(request.query_params.get("after"), _SHOWN))
    chosen = {"state": state, "partner": partner}
    return page(
        request,
        "office/deliveries.html",
        items=found.items,
        more=None if found.next is None else urlencode({**chosen, "after": found.next}),
        chosen=chosen,
        states=_STATES,
        names=partner_names(corridor),
        why=why,
    )


@router.get("/pages/office/deliveries/{exchange}")
def show_delivery(request: Request, visitor: Office, exchange: str) -> Response:
    """Show one message: its scopes and its history. What it says, and about whom, stands nowhere here."""
    return _shown(request, exchange)


@router.post("/pages/office/deliveries/{exchange}/retry")
def retry_delivery(request: Request, visitor: ConfirmedOffice, form: Form, exchange: str) -> Response:
    """Queue a failed message again; whether it may still leave is decided at the attempt."""
    if not is_uuid(exchange):
        raise not_found()
    corridor = corridor_of(request)
    delivery(corridor, exchange)
    try:
        answer = retrying.retry(corridor, call_of(request, visitor), exchange, anew=form.one("anew") == "yes")
    except Refused as refused:
        if refused.code != "not_failed":
            raise
        return _shown(request, exchange, status=409, refused=True)
    done = "queued_again" if answer["state"] == ExchangeState.QUEUED else "overtaken"
    return RedirectResponse(f"/pages/office/deliveries/{exchange}?done={done}", 303)


def _shown(request: Request, exchange: str, *, status: int = 200, refused: bool = False) -> Response:
    if not is_uuid(exchange):
        raise not_found()
    corridor = corridor_of(request)
    found = delivery(corridor, exchange)
    names = partner_names(corridor)
    return page(request, "office/delivery.html", status=status, item=found, names=names, why=why, refused=refused)
