"""What hangs on one client: links to partners, and the client's right to know who received what."""

from fastapi import APIRouter, Request, Response

from imgate.exchange import history, ledger, links
from imgate.exchange.requests import LinkRequest
from imgate.http import examples
from imgate.http.callers import CaseSystem, CaseSystemOrAuditor
from imgate.http.documented import GUARDED, WITH_BODY, refusals, takes
from imgate.http.replies import ClientInPath, ListCursor, PartnerInPath, answered, blocking, call_of, corridor_of, read_request, shown
from imgate.http.revocation_shapes import Ledger
from imgate.http.shapes import DisclosureShown, LinkRemoved, LinkSet, Listed

router = APIRouter(tags=["clients"])


@router.put(
    "/v1/clients/{client}/links/{partner}",
    response_model=LinkSet,
    responses=refusals(
        *WITH_BODY, "idempotency_key_invalid", "idempotency_key_reused", "client_invalid", "partner_unknown", "reference_taken"
    ),
    openapi_extra=takes(LinkRequest, examples.LINK),
)
async def set_link(request: Request, caller: CaseSystem, client: ClientInPath, partner: PartnerInPath) -> Response:
    """Say under what the partner knows this person. Another reference replaces the first, and what waits is built anew."""
    body, link = await read_request(request, LinkRequest)
    return answered(await blocking(links.put, corridor_of(request), call_of(request.scope, caller, body), client, partner, link))


@router.delete(
    "/v1/clients/{client}/links/{partner}",
    response_model=LinkRemoved,
    responses=refusals(*GUARDED, "idempotency_key_invalid", "client_invalid", "partner_unknown", "not_found"),
)
async def remove_link(request: Request, caller: CaseSystem, client: ClientInPath, partner: PartnerInPath) -> Response:
    """Remove the link and cancel what waits."""
    return answered(await blocking(links.delete, corridor_of(request), call_of(request.scope, caller), client, partner))


@router.get(
    "/v1/clients/{client}/disclosures",
    response_model=Listed[DisclosureShown],
    responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"),
)
async def list_disclosures(request: Request, caller: CaseSystemOrAuditor, client: ClientInPath, cursor: ListCursor) -> Response:
    """List who received or sent which of this client's scopes, when, under which declarations."""
    return shown(await blocking(history.disclosures, corridor_of(request), client, cursor))


@router.get("/v1/clients/{client}/ledger", response_model=Ledger, responses=refusals(*GUARDED))
async def show_ledger(request: Request, caller: CaseSystemOrAuditor, client: ClientInPath) -> Response:
    """Show which partner holds which of this client's scopes now, since when, under which declarations, and until when."""
    return shown(await blocking(ledger.ledger, corridor_of(request), client))
