"""Sending what a client allowed: choose, look at exactly what would leave, and send that.

imgate holds no case record. The file travels with the pages, in a hidden field that no cache keeps, and is gone with them: it is
written nowhere, and no session knows it.
"""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from imgate.documents.message_file import message_file
from imgate.exchange import outbound
from imgate.exchange.foreseen import Foreseen, foresee
from imgate.exchange.known_as import known_as
from imgate.exchange.refusals import Refused
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Purpose
from imgate.web.desk.asking import Asked, Mistakes, asked_of
from imgate.web.desk.links import set_link
from imgate.web.desk.opened_clients import reference_of
from imgate.web.desk.origins import ask_origins
from imgate.web.desk.seen import mark_of
from imgate.web.desk.values import person_in, values_of
from imgate.web.desk.words import BODIES, CIRCLES, PHASES, REASONS, TASKS, place, problem
from imgate.web.forms import Form
from imgate.web.house import call_of, corridor_of, house_of, partner_names
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

_TOO_LONG = _("Das ist mehr, als eine Mitteilung auf Papier fassen kann: Bitte senden Sie weniger auf einmal.")


@router.get("/pages/clients/{case}/send")
def choose(request: Request, visitor: IntegrationManager, case: Id) -> Response:
    """Ask for the partner, the purpose and the record."""
    return _form(request, case, reference_of(request, case), None, Mistakes())


@router.post("/pages/clients/{case}/send/preview")
async def preview(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Show what would leave. Nothing is stored, and it is no attempt."""
    reference = reference_of(request, case)
    asked, mistakes = await run_in_threadpool(asked_of, corridor_of(request), reference, form, visitor.user.name)
    return await _shown(request, visitor, case, reference, asked, mistakes)


@router.post("/pages/clients/{case}/send/link")
async def link(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Set the reference that is missing, and go on to what would leave."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    asked, mistakes = await run_in_threadpool(asked_of, corridor, reference, form, visitor.user.name)
    if asked is not None and asked.request.partner not in await run_in_threadpool(known_as, corridor, reference):
        typed = form.one("reference")
        call = call_of(request, visitor, key=key_of(form), body=typed.encode())
        error = await run_in_threadpool(set_link, corridor, call, reference, asked.request.partner, typed)
        if error is not None:
            return _link_missing(request, case, reference, asked, typed, error)
    return await _shown(request, visitor, case, reference, asked, mistakes)


@router.post("/pages/clients/{case}/send/message")
async def fetch_message(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Give the message as a file, byte for byte but for its id and time."""
    reference = reference_of(request, case)
    asked, mistakes = await run_in_threadpool(asked_of, corridor_of(request), reference, form, visitor.user.name)
    if asked is None:
        return _form(request, case, reference, None, mistakes)
    found = await _foreseen(request, asked)
    if found.media_type is None:
        return await _shown(request, visitor, case, reference, asked, mistakes)
    name = message_file(found.media_type)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.post("/pages/clients/{case}/send")
async def send(request: Request, visitor: IntegrationManager, case: Id, form: Form) -> Response:
    """Send what was looked at. Where something else would leave by now, that is shown instead."""
    reference, corridor = reference_of(request, case), corridor_of(request)
    asked, mistakes = await run_in_threadpool(asked_of, corridor, reference, form, visitor.user.name)
    if asked is None:
        return _form(request, case, reference, None, mistakes)
    call = call_of(request, visitor, key=key_of(form), body=asked.body)
    found = await _foreseen(request, asked)
    mark = await run_in_threadpool(mark_of, request, visitor, asked.request, found)
    if not found.released or not compare_digest(form.one("seen").encode(), mark.encode()):
        return await _shown(request, visitor, case, reference, asked, mistakes, changed=True)
    async with corridor.cohort:
        answer = await outbound.send(corridor, call, asked.request)
    return RedirectResponse(f"/pages/clients/{case}/exchanges/{asked.exchange_in(answer)}", 303)


async def _foreseen(request: Request, asked: Asked) -> Foreseen:
    """Find out what would leave; a paper is set beside everybody else."""
    corridor, house = corridor_of(request), house_of(request)
    if corridor.partners[asked.request.partner].paper:
        return await run_sync(foresee, corridor, asked.request, limiter=house.typesetting)
    return await run_in_threadpool(foresee, corridor, asked.request)


async def _shown(
    request: Request, visitor: Visitor, case: str, reference: str, asked: Asked | None, mistakes: Mistakes, *, changed: bool = False
) -> Response:
    """Show what would leave, or what is to be said before."""
    if asked is None:
        return _form(request, case, reference, None, mistakes)
    try:
        found = await _foreseen(request, asked)
    except Refused as refused:
        match refused.code:
            case "link_missing":
                return _link_missing(request, case, reference, asked)
            case "provenance_required":
                scopes = refused.details["scopes"]
                return ask_origins(request, case, reference, asked, scopes, way="send", carried="desk/carried.html")
            case "paper_too_long":
                return _form(request, case, reference, asked, Mistakes(file=_TOO_LONG))
            case _:
                raise
    return await run_in_threadpool(_preview, request, visitor, case, reference, asked, found, changed)


def _preview(request: Request, visitor: Visitor, case: str, reference: str, asked: Asked, found: Foreseen, changed: bool) -> Response:
    corridor = corridor_of(request)
    record: Mapping[str, Mapping[str, Any]] = asked.request.record  # type: ignore[assignment]  # a TypedDict is a mapping of mappings
    return page(
        request,
        "desk/preview.html",
        status=409 if changed else 200,
        case=case,
        reference=reference,
        asked=asked,
        found=found,
        person=person_in(corridor, record),
        values=values_of(corridor, found.record, found.released),
        text=_text(found),
        changed=changed,
        seen=mark_of(request, visitor, asked.request, found),
        names=partner_names(corridor),
        house_reasons=REASONS,
        circles=CIRCLES,
        phases=PHASES,
        tasks=TASKS,
        bodies=BODIES,
        key=new_id(),
    )


def _text(found: Foreseen) -> str | None:
    """Read the message as text, None where it is none: UTF-8, and for a table what Windows writes."""
    kind = (found.media_type or "").partition(";")[0].strip().lower()
    if not kind.startswith("text/") and not kind.endswith(("/xml", "+xml", "/json", "+json")):
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return found.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _form(request: Request, case: str, reference: str, asked: Asked | None, mistakes: Mistakes) -> Response:
    corridor = corridor_of(request)
    chosen = asked.request if asked is not None else None
    return page(
        request,
        "desk/send.html",
        status=422 if mistakes else 200,
        case=case,
        reference=reference,
        partners=partner_names(corridor),
        purposes=list(Purpose),
        partner=chosen.partner if chosen else mistakes.partner_typed,
        purpose=chosen.purpose if chosen else mistakes.purpose_typed,
        mistakes=mistakes,
        problems=[(place(each.pointer), each.pointer, problem(each)) for each in mistakes.problems],
    )


def _link_missing(request: Request, case: str, reference: str, asked: Asked, typed: str = "", error: str | None = None) -> Response:
    name = partner_names(corridor_of(request))[asked.request.partner]
    return page(
        request,
        "desk/send_link.html",
        status=422 if error else 200,
        case=case,
        reference=reference,
        asked=asked,
        name=name,
        typed=typed,
        error=error,
        key=new_id(),
    )
