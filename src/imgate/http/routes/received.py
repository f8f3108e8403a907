"""What came from partners: every receipt and what became of it, and the inbox of the case system."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from imgate.documents.calendar import MEDIA_TYPE, appointments_calendar
from imgate.exchange import boxes, intake, received_notices
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.http.callers import CaseSystem
from imgate.http.documented import GUARDED, refusals
from imgate.http.replies import Id, ListCursor, blocking, call_of, corridor_of, nothing_more, shown
from imgate.http.shapes import InboxItemShown, IntakeShown, Listed, NoticeReceived
from imgate.vocabulary.identifiers import PARTNER_PATTERN

router = APIRouter(tags=["received"])

_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"description": "The appointments", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}


@router.get("/v1/intake", response_model=Listed[IntakeShown], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_intake(
    request: Request, caller: CaseSystem, cursor: ListCursor, partner: Annotated[str | None, Query(pattern=PARTNER_PATTERN)] = None
) -> Response:
    """List receipts and what became of them, of one partner or of all."""
    return shown(await blocking(intake.page, corridor_of(request), partner, cursor))


@router.get("/v1/intake/{receipt}", response_model=IntakeShown, responses=refusals(*GUARDED, "not_found"))
async def show_intake(request: Request, caller: CaseSystem, receipt: Id) -> Response:
    """Show what became of one message."""
    return shown(await blocking(intake.show, corridor_of(request), receipt))


@router.get(
    "/v1/inbox",
    response_model=Listed[InboxItemShown],
    responses=refusals(*GUARDED, "request_invalid", "cursor_invalid", "idempotency_key_invalid"),
)
async def fetch_inbox(request: Request, caller: CaseSystem, cursor: ListCursor) -> Response:
    """Hand out the partial case records that the clients allowed, oldest first; each is decided again before the answer goes."""
    return shown(await blocking(boxes.inbox, corridor_of(request), call_of(request.scope, caller), cursor))


@router.get("/v1/inbox/notices", response_model=Listed[NoticeReceived], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_notices(request: Request, caller: CaseSystem, cursor: ListCursor) -> Response:
    """List the notices of the end of use that partners sent and nobody has acknowledged, oldest first. They change nothing by themselves.

    A page may be shorter than asked for, or empty, and still have a `next`.
    """
    return shown(await blocking(received_notices.page, corridor_of(request), cursor))


@router.get(
    "/v1/inbox/{id}/calendar",
    response_class=Response,
    responses=_CALENDAR | refusals(*GUARDED, "not_found", "idempotency_key_invalid"),
)
async def fetch_calendar(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Hand out the appointments of one inbox item as iCalendar (RFC 5545), decided again. 404 where there are none, or none any more."""
    content = await blocking(_calendar, corridor_of(request), call_of(request.scope, caller), id)
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="appointments-{id}.ics"'})


def _calendar(corridor: Corridor, call: Call, item: str) -> bytes:
    """Hand out and write: thousands of appointments take a second or two, and nobody else is to wait for that."""
    sent = boxes.inbox_appointments(corridor, call, item)
    return appointments_calendar(sent.appointments, uid_of=sent.exchange, created_at=sent.received_at, organiser=sent.sender)


@router.post("/v1/inbox/{id}/ack", status_code=204, responses=refusals(*GUARDED, "not_found", "idempotency_key_invalid"))
async def acknowledge_inbox_item(request: Request, caller: CaseSystem, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Say that the case system has an item, whose content is then deleted, or a notice. Repeatable."""
    await blocking(boxes.inbox_ack, corridor_of(request), call_of(request.scope, caller), id)
    return nothing_more()
