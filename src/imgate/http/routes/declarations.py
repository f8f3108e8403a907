"""Declarations: create, sign, renew, revoke, pause, resume, look at."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from imgate.consent.declaration import DeclarationRequest
from imgate.exchange.declarations import recheck as rechecking
from imgate.exchange.declarations import register, renewal, signing, worklist
from imgate.exchange.requests import PauseRequest, RenewalRequest, RevocationRequest, SignatureRequest
from imgate.http import examples
from imgate.http.callers import CaseSystem, CaseSystemOrAuditor
from imgate.http.declaration_shapes import DeclarationChecked, DeclarationMade, DeclarationShown, RunningOut, SignatureTaken, Withdrawn
from imgate.http.documented import GUARDED, ONCE, WITH_BODY, refusals, takes
from imgate.http.replies import ClientInQuery, Id, ListCursor, answered, blocking, call_of, corridor_of, examining, read_request, shown
from imgate.http.shapes import Listed

router = APIRouter(tags=["declarations"])

_CHANGED = (*WITH_BODY, "idempotency_key_invalid", "idempotency_key_reused", "not_found", "declaration_unreadable", "busy")

_EVIDENCE = (
    "evidence_kind_unsupported",
    "evidence_content_missing",
    "evidence_too_large",
    "evidence_media_type_unsupported",
    "evidence_content_mismatch",
    "evidence_unreadable",
    "evidence_too_many_pages",
    "evidence_too_many",
    "evidence_digest_differs",
    "evidence_reason_unexpected",
    "evidence_examiner_unavailable",
    "authority_unexpected",
    "authority_ended",
)
_SIGNED_DOCUMENT = (
    "signature_missing",
    "signature_invalid",
    "signature_changed_after",
    "signature_partial",
    "signature_algorithm_weak",
    "signature_declaration_differs",
    "signature_untrusted",
    "signature_expired",
    "signature_revoked",
    "signature_revocation_unknown",
    "signature_time_stamp_missing",
    "signature_signer_differs",
    "signature_reused",
)
_EID = ("eid_invalid", "eid_untrusted", "eid_expired", "eid_declaration_differs")
_Days = Annotated[int, Query(ge=1, le=400, description="In how many days the last day comes, at most.")]


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
    return answered(await blocking(register.create, corridor_of(request), call_of(request.scope, caller, body), content))


@router.get("/v1/declarations", response_model=Listed[DeclarationShown], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_declarations(request: Request, caller: CaseSystemOrAuditor, client: ClientInQuery, cursor: ListCursor) -> Response:
    """List a client's declarations, in the order of acceptance."""
    return shown(await blocking(register.page, corridor_of(request), client, cursor))


# Before the one by id, which would take the word for an id.
@router.get(
    "/v1/declarations/expiring",
    response_model=Listed[RunningOut],
    responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"),
)
async def list_declarations_running_out(request: Request, caller: CaseSystem, cursor: ListCursor, days: _Days = 30) -> Response:
    """List what is in force or paused, ends within so many days, and has no signed successor, in the order of acceptance.

    What is left out is left out of its page, which may so be shorter than asked for, or empty, and have a `next`.
    """
    return shown(await blocking(worklist.running_out, corridor_of(request), days, cursor))


@router.get("/v1/declarations/{id}", response_model=DeclarationShown, responses=refusals(*GUARDED, "not_found"))
async def show_declaration(request: Request, caller: CaseSystemOrAuditor, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show one declaration with its evidence and history; `unreadable` where it is not what its seal says."""
    return shown(await blocking(register.show, corridor_of(request), id))


@router.post(
    "/v1/declarations/{id}/signatures",
    status_code=201,
    response_model=SignatureTaken,
    responses=refusals(*_CHANGED, *_EVIDENCE, *_SIGNED_DOCUMENT, *_EID, "role_not_required"),
    openapi_extra=takes(SignatureRequest, examples.SIGNATURE, once=True),
)
async def sign_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Add one signer's evidence. The declaration is active once every required role has given its own.

    Signed documents and assertions are validated before they count, which can take seconds.
    """
    body, signature = await read_request(request, SignatureRequest)
    call = call_of(request.scope, caller, body)
    return answered(await examining(request, signing.sign, corridor_of(request), call, id, signature))


@router.post(
    "/v1/declarations/{id}/evidence/{evidence}/check",
    response_model=DeclarationChecked,
    responses=refusals(*GUARDED, "not_found", "declaration_unreadable", "busy"),
)
async def check_evidence(request: Request, caller: CaseSystem, id: Id, evidence: Id) -> Response:  # noqa: A002
    """Examine a piece of stored evidence again, with what is trusted today. Changes nothing; it is on the audit log."""
    return shown(await examining(request, rechecking.recheck, corridor_of(request), caller.id, id, evidence))


@router.post(
    "/v1/declarations/{id}/renewal",
    status_code=201,
    response_model=DeclarationMade,
    responses=refusals(*_CHANGED, "declaration_invalid"),
    openapi_extra=takes(RenewalRequest, examples.RENEWAL, once=True),
)
async def renew_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Record a successor as a draft: the same content for another term. Once it is signed it takes the place of this one."""
    body, wanted = await read_request(request, RenewalRequest)
    return answered(await blocking(renewal.renew, corridor_of(request), call_of(request.scope, caller, body), id, wanted))


@router.post(
    "/v1/declarations/{id}/revocation",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED, "scopes_empty", "scope_not_in_declaration"),
    openapi_extra=takes(RevocationRequest, examples.REVOCATION, once=True, required=False),
)
async def revoke_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Revoke some scopes, or all. Accepted in every state and again; no attempt to deliver begins after the answer."""
    body, revocation = await read_request(request, RevocationRequest, empty=b"{}")
    return answered(await blocking(register.revoke, corridor_of(request), call_of(request.scope, caller, body), id, revocation))


@router.post(
    "/v1/declarations/{id}/pause",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED),
    openapi_extra=takes(PauseRequest, examples.PAUSE, once=True, required=False),
)
async def pause_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Pause the declaration as a whole: until it is resumed it permits nothing."""
    body, pause = await read_request(request, PauseRequest, empty=b"{}")
    return answered(await blocking(register.pause, corridor_of(request), call_of(request.scope, caller, body), id, pause))


@router.post(
    "/v1/declarations/{id}/resume",
    response_model=Withdrawn,
    responses=refusals(*_CHANGED),
    openapi_extra=takes(PauseRequest, examples.PAUSE, once=True, required=False),
)
async def resume_declaration(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Resume a paused declaration. What was cancelled while it was paused does not come back."""
    body, pause = await read_request(request, PauseRequest, empty=b"{}")
    return answered(await blocking(register.resume, corridor_of(request), call_of(request.scope, caller, body), id, pause))
