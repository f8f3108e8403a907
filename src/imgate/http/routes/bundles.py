"""Bundles: a declaration as one signed file."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from imgate.consent.bundle import Bundle
from imgate.exchange.declarations.bundles import export
from imgate.exchange.refusals import Refused
from imgate.http.callers import CaseSystemOrAuditor
from imgate.http.documented import GUARDED, refusals
from imgate.http.replies import JSON, Id, blocking, corridor_of
from imgate.vocabulary.words import Role

router = APIRouter(tags=["declarations"])

_WithEvidence = Annotated[bool, Query(alias="evidence", description="With the evidence itself, for the case system only.")]


@router.get(
    "/v1/declarations/{id}/bundle",
    response_model=Bundle,
    responses=refusals(*GUARDED, "request_invalid", "not_found", "declaration_unreadable", "bundle_too_large"),
)
async def export_declaration(
    request: Request,
    caller: CaseSystemOrAuditor,
    id: Id,  # noqa: A002  # the path's own word
    evidence: _WithEvidence = False,
) -> Response:
    """Export one declaration as a bundle, which anybody can check offline. It is on the audit log.

    Keep the bytes as they are: the signature is over each of them.
    """
    if evidence and caller.role is not Role.CASE_SYSTEM:
        raise Refused(403, "forbidden")
    corridor, issuer = corridor_of(request), request.app.state.issuer
    file = await blocking(export, corridor, issuer, caller.id, id, with_evidence=evidence, also_erased=False)
    return Response(file, media_type=JSON)
