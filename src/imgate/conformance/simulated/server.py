"""The HTTP server of a simulated partner: webhooks come in, its page and its script are looked at and changed.

POST /messages     a signed webhook
GET  /messages     what has arrived, as JSON
GET  /behaviour    how it answers, as JSON; PUT changes it (see ``Behaviour``)
POST /send         {"sample": …, "reference": …}: send one of its samples to the gateway, and give the gateway's answer
GET  /jwks.json    its key, if messages to it are encrypted
GET  /             all of that as a page with forms
"""

import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
import httpx2
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from imgate.conformance.simulated.behaviour import Behaviour, WrongAnswer
from imgate.conformance.simulated.page import Received, Why, desk, text

if TYPE_CHECKING:
    from imgate.conformance.simulated.partner import SimulatedPartner

# More than any gateway should read of an answer.
_OVERSIZED_CHUNKS, _CHUNK = 64, b"x" * 65_536
_FORM = "application/x-www-form-urlencoded"


def app_of(partner: "SimulatedPartner") -> Starlette:
    """Make the application of one partner."""
    desk_of = _Desk(partner)
    return Starlette(
        # Any page in a browser on this machine can send forms here, or have a name of its own point here: none is to read or steer it.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]), Middleware(_OwnPageOnly)],
        routes=[
            Route("/", desk_of.show),
            Route("/messages", desk_of.list),
            Route("/messages", desk_of.answer, methods=["POST"]),
            Route("/behaviour", desk_of.behaviour),
            Route("/behaviour", desk_of.behave, methods=["PUT", "POST"]),
            Route("/send", desk_of.send, methods=["POST"]),
            Route("/jwks.json", desk_of.publish),
        ],
    )


def _listed(one: Received) -> dict[str, str]:
    listed = {"id": one.id, "media_type": one.media_type, "content": text(one)}
    return listed if one.receipt is None else listed | {"receipt": one.receipt}


class _OwnPageOnly:
    """Refuse what a browser sends on behalf of another page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        answer = self._app if origin is None or origin == f"http://{headers.get('host', '')}" else Response(status_code=403)
        await answer(scope, receive, send)


class _Desk:
    """The routes, over one partner."""

    def __init__(self, partner: "SimulatedPartner") -> None:
        self._partner = partner

    async def answer(self, request: Request) -> Response:
        """Answer a webhook, with the date by the clock that judged its signature."""
        answer = await self._take(request)
        answer.headers["date"] = formatdate(time.time(), usegmt=True)
        return answer

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        refused = self._partner.refusal(request.headers, body)
        if refused is not None:
            return Response(status_code=refused)
        now = self._partner.next_behaviour()
        await anyio.sleep(now.delay)
        if now.wrong is not None:
            wrong = _wrong(now.wrong)
            self._partner.note_refused(request.headers, wrong.status_code, Why.TOLD, now.wrong)
            return wrong
        if now.status is not None:
            self._partner.note_refused(request.headers, now.status, Why.TOLD)
            return Response(status_code=now.status, headers=None if now.retry_after is None else {"retry-after": str(now.retry_after)})
        self._partner.take(request.headers, body)
        return Response(status_code=204)

    async def list(self, request: Request) -> Response:
        """Show what has arrived, as JSON."""
        del request
        return JSONResponse([_listed(one) for one in self._partner.held])

    async def publish(self, request: Request) -> Response:
        """Publish the key."""
        del request
        keys = self._partner.published_keys()
        return Response(status_code=404) if keys is None else JSONResponse(keys)

    async def show(self, request: Request, told: str = "", status: int = 200) -> Response:
        """Show the page."""
        del request
        partner = self._partner
        samples = tuple(partner.samples.values())
        shown = desk(partner, partner.behaviour, samples, connected=partner.is_connected, refused=partner.refused, told=told)
        return HTMLResponse(shown, status)

    async def behaviour(self, request: Request) -> Response:
        """Show how it answers, as JSON."""
        del request
        return JSONResponse(self._partner.behaviour.model_dump(mode="json"))

    async def behave(self, request: Request) -> Response:
        """Change how it answers."""
        entries, by_form = await _entries(request)
        try:
            self._partner.behaviour = Behaviour.model_validate({name: entry for name, entry in entries.items() if entry != ""})
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'behaviour'}: {one['msg']}" for one in error.errors())
            return await self._told(request, told, by_form=by_form, status=422)
        return await self._told(request, "So antwortet dieser Partner jetzt.", by_form=by_form)

    async def send(self, request: Request) -> Response:
        """Send a sample, and tell how the gateway answered."""
        entries, by_form = await _entries(request)
        sample, reference = str(entries.get("sample") or ""), str(entries.get("reference") or "")
        if not self._partner.is_connected:
            return await self._told(request, "this partner has no access at a gateway", by_form=by_form, status=409)
        if sample not in self._partner.samples:
            known = ", ".join(self._partner.samples)
            told = f"sample must be one of: {known}" if known else "this partner has no samples"
            return await self._told(request, told, by_form=by_form, status=422)
        if not reference.strip():
            return await self._told(request, "reference must not be empty", by_form=by_form, status=422)
        try:
            answer = await anyio.to_thread.run_sync(self._partner.send, sample, reference)
        except httpx2.HTTPError as error:
            return await self._told(request, f"the gateway cannot be reached: {type(error).__name__}", by_form=by_form, status=502)
        if by_form:
            return await self.show(request, f"{answer.status_code} {answer.text}")
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    async def _told(self, request: Request, told: str, *, by_form: bool, status: int = 200) -> Response:
        if by_form:
            return await self.show(request, told, status)
        return JSONResponse({"told": told}, status)


async def _entries(request: Request) -> tuple[Mapping[str, object], bool]:
    """Read what a form or JSON says; the second part tells whether it was a form. What is neither says nothing."""
    body = await request.body()
    # `curl -d` calls JSON a form as well.
    if request.headers.get("content-type", "").partition(";")[0] == _FORM and not body.lstrip().startswith(b"{"):
        return dict(parse_qsl(body.decode("utf-8", errors="replace"))), True
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        said = None
    return (said if isinstance(said, dict) else {"": "not JSON"}), False


def _wrong(kind: WrongAnswer) -> Response:
    match kind:
        case WrongAnswer.REDIRECT:
            return Response(status_code=307, headers={"location": "http://127.0.0.1:9/elsewhere"})
        case WrongAnswer.OVERSIZED:
            return StreamingResponse(_without_end(), 200, media_type="text/html")
        case WrongAnswer.CUT_OFF:
            return _CutOff(status_code=200, headers={"content-length": "1000000"})


async def _without_end() -> AsyncIterator[bytes]:
    for _ in range(_OVERSIZED_CHUNKS):
        yield _CHUNK


class _CutOffOnPurpose(Exception):
    """Makes the server close the connection in the middle of an answer."""


class _CutOff(Response):
    """An answer that ends before the length that it names."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"<html>", "more_body": True})
        raise _CutOffOnPurpose


def cut_off_quietly() -> None:
    """Keep the server from logging what was cut off on purpose as a fault: an exception is the only way to make it hang up."""
    logging.getLogger("uvicorn.error").addFilter(_is_a_fault)


def _is_a_fault(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], _CutOffOnPurpose))
