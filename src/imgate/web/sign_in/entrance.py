"""The sign-in page: login, password and one-time code in one form, which works without JavaScript, and the ways beside it."""

from contextlib import suppress
from time import monotonic

import anyio
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from imgate.storage.users import User
from imgate.web.forms import SmallForm
from imgate.web.house import House, house_of
from imgate.web.paths import local_path
from imgate.web.rendering import page
from imgate.web.sign_in.arrival import begin_session, way_on
from imgate.web.sign_in.doorkeeper import doorkeeper_of
from imgate.web.sign_in.passkeys import NotProved
from imgate.web.sign_in.proving import proved_by_password
from imgate.web.visitors import maybe_visitor, set_session

router = APIRouter()

_LOGIN_MAX = 64
# Refusals are given at multiples of so many seconds: not every failure of a login that nobody has is written down, and that saves time.
_REFUSED_AFTER = 0.3


@router.get("/pages/sign-in")
async def show_sign_in(request: Request) -> Response:
    """Show the form; lead on who is signed in."""
    asked = request.query_params.get("next", "")
    visitor = await maybe_visitor(request)
    if visitor is not None:
        return RedirectResponse(way_on(asked, visitor.user), 303)
    return _form(request, asked)


@router.post("/pages/sign-in")
async def sign_in(request: Request, form: SmallForm) -> Response:
    """Sign in with a password and a one-time code."""
    begun = monotonic()
    house, doorkeeper, asked, login = house_of(request), doorkeeper_of(request), form.one("next"), form.one("login")

    def tried() -> tuple[User, str] | None:
        user = proved_by_password(house, doorkeeper, _by_login(house, login), form.one("password"), form.one("code"))
        with suppress(NotProved):
            return None if user is None else (user, begin_session(request, user, "password"))
        return None

    arrived = await doorkeeper.strangers.run(tried)
    if arrived is None:
        await anyio.sleep(_REFUSED_AFTER - (monotonic() - begun) % _REFUSED_AFTER)
        return _form(request, asked, login=login[:_LOGIN_MAX], status=422)
    user, token = arrived
    response = RedirectResponse(way_on(asked, user), 303)
    set_session(response, house, token)
    return response


def _by_login(house: House, login: str) -> User | None:
    # The database takes no NUL in a text.
    return house.gateway.store.people.users.by_login(login) if len(login) <= _LOGIN_MAX and login.isprintable() else None


def _form(request: Request, asked: str, *, login: str = "", status: int = 200) -> Response:
    openid = house_of(request).gateway.settings.openid
    return page(
        request,
        "sign_in/sign_in.html",
        status=status,
        next=local_path(asked) or "",
        login=login,
        refused=status != 200,
        provider=None if openid is None else openid.name,
    )
