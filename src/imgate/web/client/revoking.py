"""Revoking, all or some of it, in two clicks: what happens is said before, and what happened after. It needs no reason."""

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.exchange.answers import Call
from imgate.exchange.client_page import ACTOR
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.given_answers import given_answer
from imgate.exchange.of_client import Ending, ending_of
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RevocationRequest
from imgate.vocabulary.identifiers import is_uuid, new_id
from imgate.web.client.owner import HOME, ClientRoute, ThisClient
from imgate.web.client.speech import client_page, speech_of
from imgate.web.forms import Form
from imgate.web.house import corridor_of, house_of
from imgate.web.paths import Id

router = APIRouter(route_class=ClientRoute)

_REVOKE = f"{HOME}/{{declaration}}/revoke"


@router.get(_REVOKE)
def ask_revocation(owner: ThisClient, request: Request, declaration: Id) -> Response:
    """Say what a revocation does, and ask for it."""
    return _asked(request, ending_of(corridor_of(request), owner.reference, declaration))


@router.post(_REVOKE)
def revoke(owner: ThisClient, request: Request, declaration: Id, form: Form) -> Response:
    """Revoke all, or what was ticked."""
    corridor, key = corridor_of(request), form.one("key")
    ending = ending_of(corridor, owner.reference, declaration)
    if not is_uuid(key):
        raise Refused(400, "form_unreadable")
    scopes = None if form.one("what") == "all" else list(dict.fromkeys(form.all("scopes")))
    if scopes is not None and (not scopes or not set(scopes) <= set(ending.scopes)):
        return _asked(request, ending, is_incomplete=True)
    wanted = RevocationRequest(scopes=scopes)
    call = Call(ACTOR, request.url.path, key, wanted.model_dump_json().encode())
    register.revoke(corridor, call, declaration, wanted)
    return RedirectResponse(f"{request.url.path}/{key}{speech_of(request).query}", 303)


@router.get(f"{_REVOKE}/{{key}}")
def show_revoked(owner: ThisClient, request: Request, declaration: Id, key: Id) -> Response:
    """Show what became of it."""
    corridor = corridor_of(request)
    ending = ending_of(corridor, owner.reference, declaration)
    outcome = given_answer(corridor, Call(ACTOR, request.url.path.removesuffix(f"/{key}"), key))
    return client_page(request, "revoked", name=_name(corridor, ending), outcome=outcome)


def _asked(request: Request, ending: Ending, *, is_incomplete: bool = False) -> Response:
    return client_page(
        request,
        "revoke",
        status=422 if is_incomplete else 200,
        name=_name(corridor_of(request), ending),
        unit_name=house_of(request).gateway.name,
        declaration=ending.id,
        left=[scope for scope in ending.scopes if scope not in ending.revoked],
        key=new_id(),
        is_incomplete=is_incomplete,
    )


def _name(corridor: Corridor, ending: Ending) -> str:
    return corridor.policy.partner(ending.partner).name or ending.partner
