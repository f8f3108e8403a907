"""The form of a declaration as PDF: what the client reads and signs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from imgate.documents.papers import Papers
from imgate.http.callers import CaseSystem
from imgate.http.documented import GUARDED, refusals
from imgate.http.replies import Id, blocking

router = APIRouter(tags=["declarations"])

_PDF = "application/pdf"
_GIVES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The form", "content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/v1/declarations/{id}/form",
    response_class=Response,
    responses=_GIVES
    | refusals(
        *GUARDED, "request_invalid", "not_found", "declaration_unreadable", "language_unsupported", "wording_unknown", "papers_unavailable"
    ),
)
async def set_form(
    request: Request,
    caller: CaseSystem,
    id: Id,  # noqa: A002  # the path's own word
    lang: Annotated[
        str | None,
        Query(max_length=35, description="BCP 47: the language beside German. Without it, the language of the declaration."),
    ] = None,
) -> Response:
    """Set the form as PDF/A-3, German beside the client's language. The declaration is inside, byte for byte as its digest has it."""
    papers: Papers = request.app.state.papers
    pdf = await blocking(papers.form, id, lang)
    return Response(pdf, media_type=_PDF, headers={"Content-Disposition": f'inline; filename="form-{id}.pdf"'})
