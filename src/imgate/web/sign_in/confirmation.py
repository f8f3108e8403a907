"""Showing once more that it is still they: before a signature, an opening or another passkey. The session gets a new token."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.storage.sessions import SessionOver
from imgate.web.forms import SmallForm
from imgate.web.house import house_of
from imgate.web.paths import local_path
from imgate.web.rendering import page
from imgate.web.sign_in.arrival import way_on
from imgate.web.sign_in.ceremonies import Purpose, SentCredential, accepted, answered, asked, proved_by_passkey, refused
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.passkeys import NotProved, new_challenge
from imgate.web.sign_in.proving import proved_by_password
from imgate.web.visitors import Anybody, SignInNeeded, Visitor, cookie_name, set_session

router = APIRouter()


@router.get("/pages/confirm")
async def show_confirmation(visitor: Anybody, request: Request) -> Response:
    """Show the ways that this user has."""
    return await run_sync(_form, request, visitor, request.query_params.get("next", ""))


@router.post("/pages/confirm")
async def confirm(visitor: Anybody, request: Request, form: SmallForm) -> Response:
    """Confirm with password and one-time code."""
    house, doorkeeper, asked_for = house_of(request), doorkeeper_of(request), form.one("next")

    def tried() -> str | None:
        user = proved_by_password(house, doorkeeper, visitor.user, form.one("password"), form.one("code"))
        return None if user is None else confirmed_session(request)

    token = await doorkeeper.known.run(tried)
    if token is None:
        return await run_sync(_form, request, visitor, asked_for, 422)
    response = RedirectResponse(way_on(asked_for, visitor.user), 303)
    set_session(response, house, token)
    return response


@router.post("/pages/confirm/passkey/begin")
async def ask_to_confirm(visitor: Anybody, request: Request) -> Response:
    """Give a challenge for this user's passkeys."""
    known = await run_sync(house_of(request).gateway.store.people.passkeys.of, visitor.id)
    challenge = new_challenge()
    return asked(request, Purpose.CONFIRM, challenge, doorkeeper_of(request).relying_party.request(challenge, known), visitor.id)


@router.post("/pages/confirm/passkey")
async def confirm_by_passkey(visitor: Anybody, request: Request, sent: SentCredential) -> Response:
    """Confirm with a passkey, which must be this user's."""
    house, doorkeeper = house_of(request), doorkeeper_of(request)

    def tried() -> str:
        proved_by_passkey(house, doorkeeper, answered(request, Purpose.CONFIRM, sent, visitor.id), visitor.id)
        return confirmed_session(request)

    try:
        token = await run_sync(tried)
    except NotProved:
        return refused(request)
    response = accepted(request, way_on(sent.next, visitor.user))
    set_session(response, house, token)
    return response


def confirmed_session(request: Request) -> str:
    """Record the proof in this browser's session; returns its new token. Raises SignInNeeded. Blocks."""
    house = house_of(request)
    try:
        return house.gateway.store.people.sessions.confirm(request.cookies.get(cookie_name(house), ""), house.corridor.clock())
    except SessionOver:
        raise SignInNeeded from None


def _form(request: Request, visitor: Visitor, asked_for: str, status: int = 200) -> Response:
    house = house_of(request)
    openid, user = house.gateway.settings.openid, visitor.user
    return page(
        request,
        "sign_in/confirm.html",
        status=status,
        next=local_path(asked_for) or "",
        refused=status != 200,
        password=user.password is not None,
        passkeys=bool(house.gateway.store.people.passkeys.of(user.id)),
        provider=openid.name if openid is not None and user.issuer == openid.issuer else None,
    )
