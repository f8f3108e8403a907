"""What partners sent: what the clients allow of it, with its values, and every receipt with what became of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from imgate.documents.calendar import MEDIA_TYPE, appointments_calendar
from imgate.exchange import boxes, intake
from imgate.exchange.known_as import is_known, known_as
from imgate.exchange.received_files import received_files
from imgate.exchange.received_notices import open_notices
from imgate.exchange.stored import Cursor
from imgate.exchange.unknown_people import UnknownPerson, unknown_people, unknown_person
from imgate.vocabulary.identifiers import is_client, new_id
from imgate.web.desk.links import set_link
from imgate.web.desk.values import scopes_in, values_of
from imgate.web.desk.words import BODIES, CIRCLES, PHASES, REASONS, TASKS
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.paths import After, Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager

router = APIRouter()

Line = Annotated[int, Path(ge=1, le=1_000_000)]

_A_PAGE, _NOTICES = 20, 50

_NOT_A_CLIENT = _("Unter diesem Fallzeichen ist hier nichts eingetragen. Bitte prüfen Sie die Schreibweise.")
_KNOWN_OTHERWISE = _("Diesen Fall kennt der Partner schon unter einem anderen Zeichen. Ändern können Sie das auf der Seite des Falls.")


@router.get("/pages/received")
def show_received(request: Request, visitor: IntegrationManager, after: After = None) -> Response:
    """Hand out what partners sent, each item decided again: it goes on record as handed out, as for the case system."""
    corridor = corridor_of(request)
    found = boxes.inbox(corridor, call_of(request, visitor), Cursor(after, _A_PAGE))
    files = received_files(corridor, [item["id"] for item in found["items"]])
    items = [item | {"values": values_of(corridor, item["record"], scopes_in(item["record"]))} for item in found["items"]]
    return page(
        request,
        "desk/received.html",
        notices=[] if after else open_notices(corridor, _NOTICES),
        items=items,
        next=found.get("next"),
        files=files,
        names=partner_names(corridor),
        circles=CIRCLES,
        phases=PHASES,
        tasks=TASKS,
        bodies=BODIES,
        unknown=bool(unknown_people(corridor, limit=1)),
    )


@router.get("/pages/received/intake")
def show_intake(request: Request, visitor: IntegrationManager, after: After = None) -> Response:
    """List the receipts, and before them the people whom nobody knows."""
    return _intake(request, after)


@router.get("/pages/received/{item}/calendar")
def fetch_calendar(request: Request, visitor: IntegrationManager, item: Id) -> Response:
    """Hand out the appointments of one item for a calendar, decided again."""
    sent = boxes.inbox_appointments(corridor_of(request), call_of(request, visitor), item)
    written = appointments_calendar(sent.appointments, uid_of=sent.exchange, created_at=sent.received_at, organiser=sent.sender)
    return Response(written, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="appointments-{item}.ics"'})


@router.post("/pages/received/{item}/ack")
def acknowledge(request: Request, visitor: IntegrationManager, item: Id, notice: str | None = None) -> Response:
    """Take the manager's word that they have it: the content is deleted here. A notice has none."""
    boxes.inbox_ack(corridor_of(request), call_of(request, visitor), item)
    return RedirectResponse(f"/pages/received?done={'noted' if notice else 'received'}", 303)


@router.post("/pages/received/intake/{receipt}/{line}/link")
def link_person(request: Request, visitor: IntegrationManager, receipt: Id, line: Line, form: Form) -> Response:
    """Say who somebody is whom a partner wrote about. The reference is the one that was sent, not one that the form says."""
    corridor, client, key = corridor_of(request), form.one("client"), key_of(form)
    person = unknown_person(corridor, receipt, line)
    if not is_client(client) or not is_known(corridor, client):
        return _intake(request, None, person, client, _NOT_A_CLIENT)
    if person.partner in known_as(corridor, client):  # the form is to add what is missing, and to change nothing that waits
        return _intake(request, None, person, client, _KNOWN_OTHERWISE)
    error = set_link(corridor, call_of(request, visitor, key=key, body=client.encode()), client, person.partner, person.reference)
    if error is not None:
        return _intake(request, None, person, client, error)
    return RedirectResponse("/pages/received/intake?done=link_set", 303)


def _intake(request: Request, after: str | None, wrong: UnknownPerson | None = None, typed: str = "", error: str | None = None) -> Response:
    corridor = corridor_of(request)
    unknown = [] if after else unknown_people(corridor)
    items: dict[str, Any] = intake.page(corridor, None, Cursor(after, _A_PAGE))
    return page(
        request,
        "desk/received_intake.html",
        status=422 if error else 200,
        unknown=[(person, typed if person == wrong else "", error if person == wrong else None) for person in unknown],
        items=items,
        names=partner_names(corridor),
        house_reasons=REASONS,
        key=new_id(),
    )
