"""The way in and out: the code on the copy, the number from the office, and the button that closes the page.

The code comes in a form's body, or behind the ``#`` of an address, which browsers send nowhere; never in what is logged.
"""

from datetime import timedelta
from time import monotonic

import anyio
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from imgate.documents.languages import language_of
from imgate.exchange.client_page import declarations_of, open_page, reference_of_page, still_opens
from imgate.exchange.context import Corridor
from imgate.exchange.ports import Stale
from imgate.web.client.owner import ENTRANCE, HOME, cookie_name, forget_session, set_session
from imgate.web.client.speech import Speech, client_page, speech_of
from imgate.web.forms import SmallForm
from imgate.web.house import House, house_of

router = APIRouter()

# However much is clicked, a page that was opened closes after this.
_LONGEST = timedelta(hours=1)
# Refusals are given at multiples of so many seconds: far more than they take, so that none tells by its time what it is.
_REFUSED_AFTER = 0.3
_CODE_MAX = 60


@router.get(ENTRANCE)
async def show_entrance(request: Request) -> Response:
    """Show the form."""
    return _form(request)


@router.post(ENTRANCE)
async def enter_page(request: Request, form: SmallForm) -> Response:
    """Open the page; whatever is wrong, the answer is the same, byte for byte, at the same time."""
    begun, house, code = monotonic(), house_of(request), form.one("code")
    opened = await run_in_threadpool(_opened, house, code, form.one("number"), request.cookies.get(cookie_name(house)))
    if opened is None:
        await anyio.sleep(_REFUSED_AFTER - (monotonic() - begun) % _REFUSED_AFTER)
        return _form(request, code, status=422)
    token, client = opened
    speech = await run_in_threadpool(_spoken, request, house.corridor, client)
    response = RedirectResponse(f"{HOME}{speech.query}", 303)
    set_session(response, house, token)
    return response


@router.post(f"{ENTRANCE}/close")
async def close_page(request: Request) -> Response:
    """End the session, here and in the database."""
    house = house_of(request)
    response = RedirectResponse(f"{ENTRANCE}{speech_of(request).query}", 303)
    token = request.cookies.get(cookie_name(house))
    if token:
        await run_in_threadpool(house.gateway.store.people.sessions.end, token)
    forget_session(response, house)
    return response


def _opened(house: House, code: str, number: str, earlier_token: str | None) -> tuple[str, str] | None:
    """Begin a session of the client (by digest) whose page these open; whatever session the browser came with is over then."""
    sessions, at = house.gateway.store.people.sessions, house.corridor.clock()
    client = open_page(house.corridor, code, number)
    if client is None:
        return None
    if earlier_token:
        sessions.end(earlier_token)
    try:
        token = sessions.begin(None, client, at, at + _LONGEST, confirmed=False)
    except Stale:
        return None
    if still_opens(house.corridor, code, client):
        return token, client
    sessions.end(token)
    return None


def _spoken(request: Request, corridor: Corridor, client: str) -> Speech:
    """Give the language that was chosen, else the one in which the client signed last."""
    speech = speech_of(request)
    reference = None if speech.chosen else reference_of_page(corridor, client)
    for declaration in () if reference is None else declarations_of(corridor, reference):
        signed_in = language_of(declaration["content"]["language"]) if "content" in declaration else None
        if signed_in is not None:
            return Speech(signed_in.tag, chosen=True)
    return speech


def _form(request: Request, code: str = "", *, status: int = 200) -> Response:
    return client_page(request, "entrance", status=status, code=code[:_CODE_MAX], is_refused=status != 200)
