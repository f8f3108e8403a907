"""Declarations: create, sign, revoke, pause, resume, look at."""

from fastapi import APIRouter, Request, Response

from imgate.consent.declaration import DeclarationRequest
from imgate.exchange import declarations
from imgate.exchange.requests import PauseRequest, RevocationRequest, SignatureRequest
from imgate.http import examples
from imgate.http.callers import CaseSystem, CaseSystemOrAuditor
from imgate.http.documented import GUARDED, ONCE, WITH_BODY, refusals, takes
from imgate.http.replies import ClientInQuery, Id, ListCursor, answered, blocking, call_of, corridor_of, read_request, shown
from imgate.http.shapes import DeclarationMade, DeclarationShown, Listed, SignatureTaken, Withdrawn

router = APIRouter(tags=["declarations"])

_CHANGED = (*WITH_BODY, "idempotency_key_invalid", "idempotency_key_reused", "not_found", "declaration_unreadable", "busy")

_EVIDENCE = (
    "evidence_kind_unsupported",
    "evidence_content_missing",
    "evidence_too_large",
    "evidence_media_type_unsupported",
    "evidence_content_mismatch",
)


@router.post(
    "/v1/declarations",
    status_code=201,
    response_model=DeclarationMade,
    responses=refusals(*WITH_BODY, *ONCE, "declaration_invalid"),
    openapi_extra=takes(DeclarationRequest, examples.DECLARATION, once=True),
)
async def create_declaration(request: Request, caller: CaseSystem) -> Response:
    """Record a declaration as a draft. Its content never changes again; it permits nothing until it is signed."""
    body, content = await read_request(request, DeclarationRequest)
    return answered(await blocking(declarations.create, corridor_of(request), call_of(request.scope, caller, body), content))


@router.get("/v1/declarations", response_model=Listed[DeclarationShown], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_declarations(request: Request, caller: CaseSystemOrAuditor, client: ClientInQuery, cursor: ListCursor) -> Response:
    """List a client's declarations, in the order of acceptance."""
    return shown(await blocking(declarations.page, corridor_of(request), client, cursor))


@router.get("/v1/declarations/{id}", response_model=DeclarationShown, responses=refusals(*GUARDED, "not_found"))
async def show_declaration(request: Request, caller: CaseSystemOrAuditor, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show one declaration with its evidence and history."""
    return shown(await blocking(declarations.show, corridor_of(request), id))


@router.post(
    "/v1/declarations/{id}/signatures",
    status_code=201,
    response_model=SignatureTaken,
    responses=refusals(*_CHANGED, *_EVIDENCE, "role_not_required"),
    openapi_extra=takes(SignatureRequest, examples.SIGNATURE, once=True),
)
async def sign_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Add one signer's evidence. The declaration is active once every required role has given its own."""
    body, signature = await read_request(request, SignatureRequest)
    return answered(await blocking(declarations.sign, corridor_of(request), call_of(request.scope, caller, body), id, signature))


@router.post(
    "/v1/declarations/{id}/revocation",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED, "scopes_empty", "scope_not_in_declaration"),
    openapi_extra=takes(RevocationRequest, examples.REVOCATION, once=True, required=False),
)
async def revoke_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Revoke some scopes, or all. Accepted in every state and again; no attempt to deliver begins after the answer."""
    body, revocation = await read_request(request, RevocationRequest, empty=b"{}")
    return answered(await blocking(declarations.revoke, corridor_of(request), call_of(request.scope, caller, body), id, revocation))


@router.post(
    "/v1/declarations/{id}/pause",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED),
    openapi_extra=takes(PauseRequest, examples.PAUSE, once=True, required=False),
)
async def pause_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Pause the declaration as a whole: until it is resumed it permits nothing."""
    body, pause = await read_request(request, PauseRequest, empty=b"{}")
    return answered(await blocking(declarations.pause, corridor_of(request), call_of(request.scope, caller, body), id, pause))


@router.post(
    "/v1/declarations/{id}/resume",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED),
    openapi_extra=takes(PauseRequest, examples.PAUSE, once=True, required=False),
)
async def resume_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Resume a paused declaration. What was cancelled while it was paused does not come back."""
    body, pause = await read_request(request, PauseRequest, empty=b"{}")
    return answered(await blocking(declarations.resume, corridor_of(request), call_of(request.scope, caller, body), id, pause))
