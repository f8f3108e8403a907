"""Which programs have access; it is given on the command line, where its secret can be handed over, and taken away here."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.refusals import not_found
from imgate.vocabulary.identifiers import is_uuid
from imgate.web.house import corridor_of, house_of
from imgate.web.visitors import ConfirmedOffice

router = APIRouter()


@router.post("/pages/office/accesses/{access}/revocation")
def revoke_access(request: Request, visitor: ConfirmedOffice, access: str) -> Response:
    """Take a program's access away; it holds nowhere after five seconds. Twice is once."""
    accesses = house_of(request).gateway.store.access
    if not is_uuid(access) or accesses.get(access) is None:
        raise not_found()
    accesses.revoke(access, corridor_of(request).clock(), visitor.id)
    return RedirectResponse("/pages/office/users?done=access_revoked", 303)
