"""Erasing a client (Art. 17 GDPR) in two steps: what goes and what stays is said first, and the reference is typed again.

Nobody is erased by a slip, and none of it can be undone. The command line does the same (`imgate client erase`).
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.bootstrap.erasing import erase
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.rights.disclosed import disclosed
from imgate.storage.erase import years_later
from imgate.vocabulary.identifiers import is_client
from imgate.vocabulary.words import DeclarationState
from imgate.web.forms import Form
from imgate.web.house import House, corridor_of, house_of, today
from imgate.web.office.disclosures import PAGE, nobody, wrong_client
from imgate.web.rendering import page
from imgate.web.visitors import ConfirmedOffice, Visitor

router = APIRouter()

_RUNNING = (DeclarationState.ACTIVE, DeclarationState.PAUSED)


@router.post(f"{PAGE}/erasure")
def ask_erasure(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Say what would go at once and what would stay until when, and ask for the reference again. Changes nothing."""
    client = form.one("client")
    return _asked(request, visitor, client) if is_client(client) else wrong_client(request, visitor, client)


@router.post(f"{PAGE}/erased")
def erase_client(request: Request, visitor: ConfirmedOffice, form: Form) -> Response:
    """Erase, if the reference was typed twice alike. Sent twice, the second time nobody is known by it."""
    house, client = house_of(request), form.one("client")
    if not is_client(client):
        return wrong_client(request, visitor, client)
    if form.one("again") != client:
        return _asked(request, visitor, client, differs=True)
    try:
        was_known = erase(house.gateway, client, visitor.id)
    except Unavailable:
        # Erased, and not overwritten yet because somebody reads: the next sweep does that. Else nothing has happened.
        if _is_known(house, client):
            raise
        was_known = True
    return RedirectResponse(f"{PAGE}?done=client_erased", 303) if was_known else nobody(request, visitor, client)


def _is_known(house: House, client: str) -> bool:
    with house.corridor.store.reading() as tx:
        return tx.clients.find(client) is not None


def _asked(request: Request, visitor: Visitor, client: str, *, differs: bool = False) -> Response:
    corridor, terms = corridor_of(request), house_of(request).gateway.terms
    try:
        found = disclosed(corridor, client, terms)
    except Refused as refused:
        if refused.code == "not_found":
            return nobody(request, visitor, client)
        raise
    return page(
        request,
        "office/erasure.html",
        status=422 if differs else 200,
        client=client,
        differs=differs,
        counts={kept["category"]: kept.get("count", 0) for kept in found["kept"]},
        running=sum(declared["state"] in _RUNNING for declared in found["declarations"]),
        proof_until=years_later(today(corridor), terms.proof_years),
        history_years=terms.history_years,
    )
