"""Who received or sent what of one client: for the answer that a client may ask for (Art. 15 GDPR, § 83 SGB X).

The reference is typed, sent by POST, and stands in no address, also on page two.
"""

from fastapi import APIRouter, Request, Response

from imgate.exchange import history
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import is_client
from imgate.web.forms import Form
from imgate.web.house import corridor_of, partner_names
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

_SHOWN = 50


@router.get("/pages/office/disclosures")
def ask_for_client(request: Request, visitor: Office) -> Response:
    """Ask whom it is about."""
    return page(request, "office/disclosures.html", client="", wrong=False, items=None, next=None, first=True, names={})


@router.post("/pages/office/disclosures")
def list_disclosures(request: Request, visitor: Office, form: Form) -> Response:
    """List what GET /v1/clients/{client}/disclosures lists; of an unknown client there is nothing."""
    client, after = form.one("client"), form.one("after")
    if not is_client(client):
        return page(request, "office/disclosures.html", status=422, client=client, wrong=True, items=None, next=None, first=True, names={})
    corridor = corridor_of(request)
    found = history.disclosures(corridor, client, Cursor(after or None, _SHOWN))
    return page(
        request,
        "office/disclosures.html",
        client=client,
        wrong=False,
        items=found["items"],
        next=found.get("next"),
        first=not after,
        names=partner_names(corridor),
    )
