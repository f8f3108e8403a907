"""The way in: where each role begins, the language of the house, and the way out."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from imgate.web.forms import SmallForm
from imgate.web.house import house_of
from imgate.web.navigation import home_of
from imgate.web.paths import local_path
from imgate.web.rendering import LANGUAGE_COOKIE, OF_THE_HOUSE
from imgate.web.visitors import Anybody, cookie_name, forget_session

router = APIRouter()

_A_YEAR = 365 * 24 * 3600


@router.get("/pages")
async def enter(visitor: Anybody) -> Response:
    """Lead to where this role begins."""
    return RedirectResponse(home_of(visitor.role), 303)


@router.post("/pages/language")
async def choose_language(request: Request, form: SmallForm) -> Response:
    """Keep the language of the house that was chosen, and lead back."""
    response = RedirectResponse(local_path(form.one("next")) or "/pages", 303)
    chosen = form.one("language")
    if chosen in OF_THE_HOUSE:
        response.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=_A_YEAR, path="/pages", secure=house_of(request).secure, httponly=True, samesite="lax"
        )
    return response


@router.post("/pages/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    house = house_of(request)
    response = RedirectResponse("/pages/sign-in", 303)
    token = request.cookies.get(cookie_name(house))
    if token:
        await run_in_threadpool(house.gateway.store.people.sessions.end, token)
    forget_session(response, house)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
