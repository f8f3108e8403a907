"""Revoking in two clicks, pausing and resuming: what happens is said before, and what happened after.

Nobody is asked to show again that it is they: revoking has to be as easy as giving it (Art. 7(3) GDPR).
"""

from collections.abc import Callable

import pydantic
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.given_answers import given_answer
from imgate.exchange.of_client import Ending, ending_of
from imgate.exchange.requests import PauseRequest, RevocationRequest
from imgate.vocabulary.identifiers import new_id
from imgate.web.desk.opened_clients import reference_of
from imgate.web.forms import Form, Posted
from imgate.web.house import call_of, corridor_of, partner_names
from imgate.web.paths import Id
from imgate.web.rendering import page
from imgate.web.sent_once import key_of
from imgate.web.texts import _
from imgate.web.visitors import IntegrationManager, Visitor

router = APIRouter()

_NONE_CHOSEN = _("Bitte wählen Sie mindestens eine Angabe.")
_REASON_TOO_LONG = _("Bitte höchstens 2.000 Zeichen, ohne Steuerzeichen.")

_DECLARATION = "/pages/clients/{case}/declarations/{declaration}"


@router.get(f"{_DECLARATION}/revoke")
def ask_revocation(request: Request, visitor: IntegrationManager, case: Id, declaration: Id) -> Response:
    """Say what a revocation does, and ask for it."""
    return _asked(request, case, declaration)


@router.post(f"{_DECLARATION}/revoke")
def revoke(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, form: Form) -> Response:
    """Revoke all, or what was ticked."""
    corridor = corridor_of(request)
    ending_of(corridor, reference_of(request, case), declaration)
    scopes = None if form.one("what") == "all" else list(form.all("scopes"))
    if scopes == []:
        return _asked(request, case, declaration, form, {"scopes": _NONE_CHOSEN})
    try:
        wanted = RevocationRequest(scopes=scopes, reason=form.one("reason") or None)
    except pydantic.ValidationError:
        return _asked(request, case, declaration, form, {"reason": _REASON_TOO_LONG})
    key = key_of(form)
    register.revoke(corridor, call_of(request, visitor, key=key, body=wanted.model_dump_json().encode()), declaration, wanted)
    return RedirectResponse(f"{request.url.path}/{key}", 303)


@router.get(f"{_DECLARATION}/revoke/{{key}}")
def show_revoked(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, key: Id) -> Response:
    """Show what became of it."""
    return _done(request, visitor, case, declaration, "revoke", key)


@router.get(f"{_DECLARATION}/pause")
def ask_pause(request: Request, visitor: IntegrationManager, case: Id, declaration: Id) -> Response:
    """Say what a pause does, and ask for it; of a paused one, what resuming does."""
    corridor, reference = corridor_of(request), reference_of(request, case)
    ending = ending_of(corridor, reference, declaration)
    names = partner_names(corridor)
    return page(request, "desk/revoke_pause.html", case=case, reference=reference, ending=ending, names=names, key=new_id())


@router.post(f"{_DECLARATION}/pause")
def pause(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, form: Form) -> Response:
    """Pause."""
    return _turned(request, visitor, case, declaration, form, register.pause)


@router.post(f"{_DECLARATION}/resume")
def resume(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, form: Form) -> Response:
    """Resume."""
    return _turned(request, visitor, case, declaration, form, register.resume)


@router.get(f"{_DECLARATION}/pause/{{key}}")
def show_paused(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, key: Id) -> Response:
    """Show what became of it."""
    return _done(request, visitor, case, declaration, "pause", key)


@router.get(f"{_DECLARATION}/resume/{{key}}")
def show_resumed(request: Request, visitor: IntegrationManager, case: Id, declaration: Id, key: Id) -> Response:
    """Show what became of it."""
    return _done(request, visitor, case, declaration, "resume", key)


def _turned(
    request: Request,
    visitor: Visitor,
    case: str,
    declaration: str,
    form: Posted,
    turn: Callable[[Corridor, Call, str, PauseRequest], Answer],
) -> Response:
    corridor, key = corridor_of(request), key_of(form)
    ending_of(corridor, reference_of(request, case), declaration)
    turn(corridor, call_of(request, visitor, key=key), declaration, PauseRequest())
    return RedirectResponse(f"{request.url.path}/{key}", 303)


def _asked(request: Request, case: str, declaration: str, form: Posted | None = None, errors: dict[str, str] | None = None) -> Response:
    corridor, reference = corridor_of(request), reference_of(request, case)
    ending = ending_of(corridor, reference, declaration)
    return page(
        request,
        "desk/revoke.html",
        status=422 if errors else 200,
        case=case,
        reference=reference,
        ending=ending,
        left=_left(ending),
        names=partner_names(corridor),
        key=new_id(),
        chosen=form.all("scopes") if form else (),
        reason_typed=form.one("reason") if form else "",
        errors=errors or {},
    )


def _left(ending: Ending) -> tuple[str, ...]:
    return tuple(scope for scope in ending.scopes if scope not in ending.revoked)


def _done(request: Request, visitor: Visitor, case: str, declaration: str, act: str, key: str) -> Response:
    """Show what was answered under the form's key; whoever comes without one is told that there is nothing here."""
    corridor, reference = corridor_of(request), reference_of(request, case)
    ending = ending_of(corridor, reference, declaration)
    outcome = given_answer(corridor, Call(visitor.id, request.url.path.removesuffix(f"/{key}"), key))
    return page(
        request,
        "desk/revoke_done.html",
        act=act,
        case=case,
        reference=reference,
        ending=ending,
        outcome=outcome,
        names=partner_names(corridor),
    )
