"""The audit log, the newest entries first, and the form that verifies all of it, also against a checkpoint that was kept."""

import re
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.audit.events import EventName
from imgate.audit.verify import Checkpoint
from imgate.bootstrap.checkpoints import signer_of
from imgate.exchange.past.recorded import DECIDED
from imgate.exchange.refusals import not_found
from imgate.web.actors import actors_of, names_of
from imgate.web.forms import Form, Posted
from imgate.web.house import corridor_of, house_of, partner_names
from imgate.web.office.trail import trail
from imgate.web.office.verification import NoCheckpoint, brought, verification_of, verify_now
from imgate.web.office.words import ACTORS, EVENTS, FLAWS
from imgate.web.rendering import page
from imgate.web.visitors import Office

router = APIRouter()

_is_place = re.compile(r"[0-9]{1,18}\Z").match
_FINDINGS_SHOWN = 100


@router.get("/pages/office/log")
def show_log(request: Request, visitor: Office) -> Response:
    """Show a page of the log, of one event or of all."""
    return _shown(request)


@router.post("/pages/office/log/verify")
def verify_log(request: Request, visitor: Office, form: Form) -> Response:
    """Verify the log now, as `imgate audit verify` does. It changes nothing, so nobody has to show again who they are."""
    try:
        elsewhere = _brought(request, form)
    except NoCheckpoint as none:
        return _shown(request, typed=form.one("checkpoint"), wrong=none.sentence)
    verify_now(request, elsewhere)
    return RedirectResponse("/pages/office/log", 303)


def _brought(request: Request, form: Posted) -> list[Checkpoint]:
    """Read what was pasted and what was sent as a file. A browser gives a pasted text other line ends; a file stays as it was kept."""
    pasted, file = form.one("checkpoint"), form.file("file")
    log = signer_of(house_of(request).gateway).public
    return [brought(raw, log) for raw in (f"{pasted}\n".encode() if pasted else None, file) if raw is not None]


def _shown(request: Request, *, typed: str = "", wrong: str | None = None) -> Response:
    store = house_of(request).gateway.store
    event, before = request.query_params.get("event", ""), request.query_params.get("before", "")
    if (event and event not in EVENTS) or (before and _is_place(before) is None):
        raise not_found()
    found = trail(store, names_of(actors_of(store)), EventName(event) if event else None, int(before) if before else None)
    return page(
        request,
        "office/log.html",
        status=200 if wrong is None else 422,
        lines=found.lines,
        cut=found.cut,
        more=None if found.before is None else urlencode({"event": event, "before": found.before}),
        first=not before,
        event=event,
        events=EVENTS,
        decided=DECIDED,
        actors=ACTORS,
        names=partner_names(corridor_of(request)),
        verified=verification_of(request).last,
        typed=typed,
        wrong=wrong,
        flaws=FLAWS,
        findings_shown=_FINDINGS_SHOWN,
    )
