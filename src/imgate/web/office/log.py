"""The audit log, the newest entries first, and the button that verifies all of it."""

import re
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.audit.events import EventName
from imgate.exchange.refusals import not_found
from imgate.web.house import corridor_of, house_of, partner_names
from imgate.web.office.trail import names_of, trail
from imgate.web.office.verification import verification_of
from imgate.web.office.words import ACTORS, EVENTS, FLAWS
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

_is_place = re.compile(r"[0-9]{1,18}\Z").match
_FINDINGS_SHOWN = 100


@router.get("/pages/office/log")
def show_log(request: Request, visitor: Office) -> Response:
    """Show a page of the log, of one event or of all."""
    store = house_of(request).gateway.store
    event, before = request.query_params.get("event", ""), request.query_params.get("before", "")
    if (event and event not in EVENTS) or (before and _is_place(before) is None):
        raise not_found()
    found = trail(store, names_of(store), EventName(event) if event else None, int(before) if before else None)
    return page(
        request,
        "office/log.html",
        lines=found.lines,
        cut=found.cut,
        more=None if found.before is None else urlencode({"event": event, "before": found.before}),
        first=not before,
        event=event,
        events=EVENTS,
        actors=ACTORS,
        names=partner_names(corridor_of(request)),
        verified=verification_of(request).last,
        flaws=FLAWS,
        findings_shown=_FINDINGS_SHOWN,
    )


@router.post("/pages/office/log/verify")
def verify_log(request: Request, visitor: Office) -> Response:
    """Verify the log now, as `imgate audit verify` does. It changes nothing, so nobody has to show again who they are."""
    verification_of(request).run(house_of(request).gateway.store, corridor_of(request).clock())
    return RedirectResponse("/pages/office/log", 303)
