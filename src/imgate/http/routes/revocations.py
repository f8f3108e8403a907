"""Revocations: who had to be told that a client's consent no longer carries further use, and what they answered."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from imgate.exchange import end_of_use_answers, end_of_use_lists
from imgate.exchange.end_of_use_answers import EndOfUseByTelephone, EndOfUseRequest
from imgate.http import examples
from imgate.http.callers import CaseSystem, CaseSystemOrAuditor, OwnPartner
from imgate.http.documented import GUARDED, WITH_BODY, refusals, takes
from imgate.http.replies import Id, ListCursor, PartnerInPath, blocking, call_of, corridor_of, nothing_more, read_request, shown
from imgate.http.revocation_shapes import RevocationShown
from imgate.http.shapes import Listed

router = APIRouter(tags=["revocations"])

_STATUTE = ("statute_missing", "statute_unexpected")


@router.get("/v1/revocations", response_model=Listed[RevocationShown], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_revocations(
    request: Request,
    caller: CaseSystemOrAuditor,
    cursor: ListCursor,
    open: Annotated[bool | None, Query(description="Only those that somebody has yet to answer, or only the others.")] = None,  # noqa: A002
) -> Response:
    """List revocations, oldest first. With `open` a page may be shorter than asked for, or empty, and still have a `next`."""
    return shown(await blocking(end_of_use_lists.page, corridor_of(request), cursor, unanswered=open))


@router.get("/v1/revocations/{id}", response_model=RevocationShown, responses=refusals(*GUARDED, "not_found"))
async def show_revocation(request: Request, caller: CaseSystemOrAuditor, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show one revocation: what the partner was told, whether it has answered, and what."""
    return shown(await blocking(end_of_use_lists.show, corridor_of(request), id))


@router.post(
    "/v1/revocations/{id}/answer",
    status_code=204,
    responses=refusals(*WITH_BODY, "not_found", "client_erased", "idempotency_key_invalid", *_STATUTE),
    openapi_extra=takes(EndOfUseByTelephone, examples.END_OF_USE_BY_TELEPHONE),
)
async def answer_for_partner(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002
    """Say what the partner answered by telephone: to one notice, or to all of this revocation. Repeatable; the latest answer counts."""
    body, answer = await read_request(request, EndOfUseByTelephone)
    await blocking(end_of_use_answers.answer_by_telephone, corridor_of(request), call_of(request.scope, caller, body), id, answer)
    return nothing_more()


@router.post(
    "/v1/partners/{partner}/outbox/{id}/end-of-use",
    status_code=204,
    responses=refusals(*WITH_BODY, "not_found", "idempotency_key_invalid", *_STATUTE),
    openapi_extra=takes(EndOfUseRequest, examples.END_OF_USE),
)
async def answer_end_of_use(request: Request, caller: OwnPartner, partner: PartnerInPath, id: Id) -> Response:  # noqa: A002
    """Answer a notice of the end of use, or a reminder of it, and thereby acknowledge it. Repeatable; the latest answer counts."""
    body, answer = await read_request(request, EndOfUseRequest)
    await blocking(end_of_use_answers.answer, corridor_of(request), call_of(request.scope, caller, body), partner, id, answer)
    return nothing_more()
