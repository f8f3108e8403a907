"""What auditors fetch about the audit log."""

from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange import log_checkpoint
from imgate.http.callers import Auditor
from imgate.http.documented import GUARDED, refusals
from imgate.http.replies import blocking, corridor_of

router = APIRouter(tags=["audit"])

_MEDIA_TYPE = "text/plain; charset=utf-8"
_NOTE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The signed note", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/v1/audit/checkpoint", response_class=Response, responses=_NOTE | refusals(*GUARDED, "not_found"))
async def show_checkpoint(request: Request, caller: Auditor) -> Response:
    """Show the newest checkpoint of the audit log, a signed note: keep it where whoever can change the log cannot change it."""
    note = await blocking(log_checkpoint.newest, corridor_of(request))
    return Response(note, media_type=_MEDIA_TYPE, headers={"Cache-Control": "no-store"})
