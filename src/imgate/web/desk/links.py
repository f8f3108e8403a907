"""Under what each partner knows a client: set, changed and removed by whoever looks after the client."""

from typing import Annotated, Any

import pydantic
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange import links
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.known_as import known_as
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.requests import LinkRequest
from imgate.vocabulary.identifiers import PARTNER_PATTERN, new_id
from imgate.web.desk.opened_clients import reference_of
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

Partner = Annotated[str, Path(pattern=PARTNER_PATTERN)]

NOT_A_REFERENCE = _("Ein Zeichen hat 1 bis 64 sichtbare Schriftzeichen.")
REFERENCE_TAKEN = _("Unter diesem Zeichen kennt der Partner schon jemand anderen. Bitte prüfen Sie die Schreibweise.")


def links_block(request: Request, visitor: Visitor, reference: str) -> dict[str, Any]:
    """Give under what each configured partner knows a client."""
    corridor = corridor_of(request)
    return {"known_as": known_as(corridor, reference), "names": partner_names(corridor)}


def set_link(corridor: Corridor, call: Call, client: str, partner: str, typed: str) -> str | None:
    """Set a link; give the sentence that says why it cannot be, None where it was."""
    try:
        links.put(corridor, call, client, partner, LinkRequest(reference=typed))
    except pydantic.ValidationError:
        return NOT_A_REFERENCE
    except Refused as refused:
        if refused.code == "reference_taken":
            return REFERENCE_TAKEN
        raise
    return None


@router.get("/pages/clients/{case}/links/{partner}")
def show_link(request: Request, visitor: IntegrationManager, case: Id, partner: Partner) -> Response:
    """Show the form for one partner's link."""
    return _form(request, case, partner)


@router.post("/pages/clients/{case}/links/{partner}")
def put_link(request: Request, visitor: IntegrationManager, case: Id, partner: Partner, form: Form) -> Response:
    """Set or change one partner's link."""
    reference, corridor, typed = reference_of(request, case), corridor_of(request), form.one("reference")
    if partner not in corridor.partners:
        raise not_found()
    error = set_link(corridor, call_of(request, visitor, key=key_of(form), body=typed.encode()), reference, partner, typed)
    if error is not None:
        return _form(request, case, partner, typed, error)
    return RedirectResponse(f"/pages/clients/{case}?done=link_set", 303)


@router.post("/pages/clients/{case}/links/{partner}/removal")
def remove_link(request: Request, visitor: IntegrationManager, case: Id, partner: Partner) -> Response:
    """Remove one partner's link; what waits is cancelled. Once it is gone, there is nothing more to do."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    if partner not in corridor.partners:
        raise not_found()
    if partner in known_as(corridor, reference):
        links.delete(corridor, call_of(request, visitor), reference, partner)
    return RedirectResponse(f"/pages/clients/{case}?done=link_removed", 303)


def _form(request: Request, case: str, partner: str, typed: str | None = None, error: str | None = None) -> Response:
    reference, corridor = reference_of(request, case), corridor_of(request)
    if partner not in corridor.partners:
        raise not_found()
    known = known_as(corridor, reference).get(partner)
    return page(
        request,
        "desk/link.html",
        status=422 if error else 200,
        case=case,
        reference=reference,
        partner=partner,
        name=partner_names(corridor)[partner],
        known=known,
        typed=(known or "") if typed is None else typed,
        error=error,
        key=new_id(),
    )
