"""Who has opened a page: the session in a cookie of its own, which opens nothing else here and is sent nowhere else.

A colleague's session is none of these, and one of these is no colleague's.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from imgate.exchange.client_page import ACTOR, reference_of_page
from imgate.exchange.refusals import Refused
from imgate.web.client.speech import client_page, speech_of
from imgate.web.house import House, corridor_of, house_of

HOME, ENTRANCE = "/pages/client/mine", "/pages/client"


class PageClosed(Exception):
    """Nobody has this page open, or not any more: the way leads to the form that opens it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The client whose page is open."""

    reference: str = field(repr=False)


def cookie_name(house: House) -> str:
    """Give the cookie's name. ``__Secure-`` keeps it off unencrypted ways; ``__Host-`` would send it to every page of the house."""
    return "__Secure-imgate-client" if house.secure else "imgate-client"


def set_session(response: Response, house: House, token: str) -> None:
    """Hand the browser its session. Strict: nothing leads to an open page from elsewhere."""
    response.set_cookie(cookie_name(house), token, path=ENTRANCE, secure=house.secure, httponly=True, samesite="strict")


def forget_session(response: Response, house: House) -> None:
    """Have the browser forget it, and what it may have kept of the pages."""
    response.delete_cookie(cookie_name(house), path=ENTRANCE, secure=house.secure, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'


def _owner(request: Request) -> Owner:
    house = house_of(request)
    unverified_token = request.cookies.get(cookie_name(house))
    if not unverified_token:
        raise PageClosed
    idle = timedelta(minutes=house.gateway.settings.pages.client_minutes)
    session = house.gateway.store.people.sessions.get(unverified_token, house.corridor.clock(), idle)
    if session is None or session.client is None:
        raise PageClosed
    reference = reference_of_page(corridor_of(request), session.client)
    if reference is None:
        raise PageClosed
    request.scope["imgate.caller"] = ACTOR
    return Owner(reference)


ThisClient = Annotated[Owner, Depends(_owner)]


class ClientRoute(APIRoute):
    """A page that a client has open: it closes by itself, and what it refuses it says in the client's language."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the endpoint: a page that is not open leads to the form, a refusal is a page like the others."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handle(request)
            except PageClosed:
                response = RedirectResponse(f"{ENTRANCE}{speech_of(request).query}", 303)
                forget_session(response, house_of(request))
                return response
            except RequestValidationError:
                return client_page(request, "refused", status=404)
            except Refused as refused:
                return client_page(request, "refused", status=refused.status)
            # What stays on the screen of a library's computer is taken away when the session ends behind it.
            seconds = 60 * house_of(request).gateway.settings.pages.client_minutes
            response.headers["Refresh"] = f"{seconds}; url={ENTRANCE}{speech_of(request).query}"
            return response

        return handled
