"""The papers of a declaration: form and annex before it is signed, the client's copy and the consent record after it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from imgate.documents import consent_record as record
from imgate.documents.papers import Papers
from imgate.exchange.declarations.would_be import AnnexRequest
from imgate.http import examples
from imgate.http.callers import CaseSystem, CaseSystemOrAuditor
from imgate.http.documented import GUARDED, WITH_BODY, refusals, takes
from imgate.http.replies import Id, blocking, read_request, typesetting

router = APIRouter(tags=["declarations"])

_PDF, _BYTES = "application/pdf", {"type": "string", "format": "binary"}
_Lang = Annotated[
    str | None,
    Query(max_length=35, description="BCP 47: the language beside German. Without it, the language of the declaration."),
]
_OF_IT = ("not_found", "declaration_unreadable", "wording_unknown")
_ON_PAPER = (*_OF_IT, "request_invalid", "language_unsupported", "papers_unavailable")
_ANNEX = ("partner_unknown", "purpose_unknown", "scope_unknown", "link_missing", "provenance_required", "adapter_fault")
_TOO_LONG = ("annex_too_long", "paper_too_long")


def _gives(media_type: str, description: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Document an answer that is a file."""
    return {200: {"description": description, "content": {media_type: {"schema": schema}}}}


def _papers(request: Request) -> Papers:
    papers: Papers = request.app.state.papers
    return papers


def _pdf(content: bytes, name: str) -> Response:
    return Response(content, media_type=_PDF, headers={"Content-Disposition": f'inline; filename="{name}"'})


@router.get(
    "/v1/declarations/{id}/form",
    response_class=Response,
    responses=_gives(_PDF, "The form", _BYTES) | refusals(*GUARDED, *_ON_PAPER),
)
async def set_form(request: Request, caller: CaseSystem, id: Id, lang: _Lang = None) -> Response:  # noqa: A002  # the path's own word
    """Set the form as PDF/A-3, German beside the client's language. The declaration is inside, byte for byte as its digest has it."""
    return _pdf(await typesetting(request, _papers(request).form, id, lang), f"form-{id}.pdf")


@router.post(
    "/v1/declarations/{id}/annex",
    response_class=Response,
    responses=_gives(_PDF, "The annex", _BYTES) | refusals(*dict.fromkeys((*WITH_BODY, *_ON_PAPER, *_ANNEX, *_TOO_LONG))),
    openapi_extra=takes(AnnexRequest, examples.ANNEX),
)
async def set_annex(request: Request, caller: CaseSystem, id: Id, lang: _Lang = None) -> Response:  # noqa: A002
    """Set "this is what would be sent" as PDF: as if everybody had signed and the term had begun. Stores and sends nothing."""
    _, asked = await read_request(request, AnnexRequest)
    return _pdf(await typesetting(request, _papers(request).annex, id, asked, lang), f"annex-{id}.pdf")


@router.get(
    "/v1/declarations/{id}/copy",
    response_class=Response,
    responses=_gives(_PDF, "The client's copy", _BYTES) | refusals(*GUARDED, *_ON_PAPER),
)
async def set_copy(request: Request, caller: CaseSystem, id: Id, lang: _Lang = None) -> Response:  # noqa: A002
    """Set the client's copy as PDF: what was allowed, how it stands today, who signed, how it is revoked. Both files are inside."""
    return _pdf(await typesetting(request, _papers(request).copy, id, lang), f"copy-{id}.pdf")


@router.get(
    "/v1/declarations/{id}/consent-record",
    response_class=Response,
    responses=_gives(record.MEDIA_TYPE, "The consent record", {"type": "object"}) | refusals(*GUARDED, *_OF_IT),
)
async def show_consent_record(request: Request, caller: CaseSystemOrAuditor, id: Id) -> Response:  # noqa: A002
    """Show the consent record: the fields of ISO/IEC TS 27560 as JSON-LD of the Data Privacy Vocabulary, with an inline context."""
    return Response(await blocking(_papers(request).consent_record, id), media_type=record.MEDIA_TYPE)
