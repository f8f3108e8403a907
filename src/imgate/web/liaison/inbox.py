"""The liaison's inbox: what waits for the partner and may be had now, a page at a time. It counts nothing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from imgate.exchange import reading_list
from imgate.exchange.ports import Wanted
from imgate.web.house import call_of, corridor_of
from imgate.web.liaison.addresses import after_of, cursor_of
from imgate.web.rendering import page
from imgate.web.visitors import Liaison

router = APIRouter()

_NEWEST = "newest"


@router.get("/pages/inbox")
def show_inbox(
    visitor: Liaison,
    request: Request,
    after: Annotated[str | None, Query(max_length=200)] = None,
    order: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """List what waits, oldest first unless asked otherwise. What is listed is thereby handed out."""
    newest_first = order == _NEWEST
    found = reading_list.page(
        corridor_of(request),
        call_of(request, visitor),
        visitor.partner,
        cursor_of(request, visitor, after),
        Wanted(newest_first=newest_first),
    )
    following = after_of(request, visitor, found.next)
    return page(request, "liaison/inbox.html", lines=found.items, following=following, begun=not after, newest_first=newest_first)
