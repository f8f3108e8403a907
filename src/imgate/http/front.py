"""The front of the house: every request passes here, once, as plain ASGI.

It writes one log line and one count per request, sets the headers that every answer has, catches whatever was not foreseen before the
server could print it, and calls the hot operations without FastAPI's router: the same functions, with the same admission. No answer
goes before the access log says who looked at whom.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imgate.adapters.errors import AdapterFault
from imgate.exchange.looking import Looker, Seen, watching
from imgate.exchange.ports import Look, Unavailable
from imgate.http.looking import UNLOGGED
from imgate.http.metrics import Metrics
from imgate.http.problems import problem, problem_of
from imgate.vocabulary.words import Door

# Everything may be personal unless a page says otherwise; nothing here runs in a browser but the two pages, which set their own policy.
_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_FIXED = tuple(_HEADERS.items())
_PAGES = "/pages/"
CLIENT_GONE = 499  # nobody gets it; nginx's number for the log
# With these nothing is shown of anybody.
_SHOWS_NOTHING = frozenset({401, 403, 404})
_FAULT = 500
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")

_log = structlog.get_logger("imgate.http")


@dataclass(frozen=True, slots=True)
class HotRoute:
    """One operation that is called without a router: its template for the log, and where the path's parameter stands."""

    template: str
    call: Callable[[Request], Awaitable[Response]]


class Front:
    """ASGI: the hot operations by themselves, what people look at by ``pages``, everything else by ``app``."""

    def __init__(
        self,
        app: ASGIApp,
        exact: Mapping[tuple[str, str], HotRoute],
        messages: HotRoute,
        metrics: Metrics,
        put_on_record: Callable[[Callable[[datetime], list[Look]]], Awaitable[None]],
        pages: ASGIApp | None = None,
    ) -> None:
        """``exact`` is by method and path; ``messages`` is ``POST /v1/partners/{partner}/messages``.

        ``put_on_record`` asks for the looks of a moment, and returns once they are durable.
        """
        self._app = app
        self._pages = pages
        self._exact = exact
        self._messages = messages
        self._metrics = metrics
        self._put_on_record = put_on_record
        self._lines: list[tuple[str, int, float, str | None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0
        request_id = next((value for key, value in scope["headers"] if key == b"x-request-id"), None)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"], request_id)
            await send(message)

        fault: Exception | None = None
        hot = self._hot(scope)
        try:
            if hot is not None:
                scope["app"] = self._app
                response = await hot.call(Request(scope, receive))
                await response(scope, receive, answer)
            else:
                await self._watched(scope, receive, answer)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:  # noqa: BLE001  # the server would print it, with whatever it carries
            document = problem_of(error)
            if document is None or isinstance(error, (AdapterFault, Unavailable)):
                fault = error
            if status == 0:
                await (document or problem("internal_error"))(scope, receive, answer)
        route = hot.template if hot is not None else getattr(scope.get("route"), "path", "-")
        self._finish(route, status, time.perf_counter() - begun, scope.get("imgate.caller"), fault)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and hold the answer back until it is on record at whom somebody looked. Raises what is wrong with either."""
        failed: Exception | None = None

        async def answer(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and seen and failed is None:
                try:
                    await self._log_looks(scope, message["status"], seen)
                except Exception as error:  # noqa: BLE001  # raised below: in here the app would take it for its own
                    failed = error
            if failed is None:
                await send(message)

        app = self._pages if self._pages is not None and f"{scope['path']}/".startswith(_PAGES) else self._app
        with watching() as seen:
            await app(scope, receive, answer)
        if failed is not None:
            raise failed

    async def _log_looks(self, scope: Scope, status: int, seen: Seen) -> None:
        template = getattr(scope.get("route"), "path", "-")
        if status in _SHOWS_NOTHING or status >= _FAULT or (scope["method"], template) in UNLOGGED:
            return
        door = Door.PAGES if f"{template}/".startswith(_PAGES) else Door.API
        partner = scope.get("imgate.partner") or scope.get("path_params", {}).get("partner")
        looker = Looker(scope.get("imgate.caller") or "unknown", door, f"{scope['method']} {template}", partner)
        clients = frozenset(seen)
        await self._put_on_record(lambda moment: looker.at(moment, clients))

    def _hot(self, scope: Scope) -> HotRoute | None:
        path, method = scope["path"], scope["method"]
        hot = self._exact.get((method, path))
        if hot is not None:
            return hot
        if method == "POST" and path.startswith("/v1/partners/") and path.endswith("/messages"):
            partner = path[len("/v1/partners/") : -len("/messages")]
            if partner and "/" not in partner:
                scope["path_params"] = {"partner": partner}
                return self._messages
        return None

    def _finish(self, route: str, status: int, seconds: float, caller: str | None, fault: Exception | None) -> None:
        self._metrics.request(route, status, seconds)
        if fault is not None:
            # The exception's class and no more: its text and its frames hold what was being worked on.
            _log.error("fault", route=route, status=status, **_shown_fault(fault))
        self._lines.append((route, status, round(seconds * 1000, 2), caller))
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_soon(self._say)

    def _say(self) -> None:
        """Log the requests of one turn of the loop one after the other: that is half the price of a line in between."""
        lines, self._lines = self._lines, []
        for route, status, ms, caller in lines:
            _log.info("request", route=route, status=status, ms=ms, caller=caller)


def _shown_fault(fault: Exception) -> dict[str, str | None]:
    if isinstance(fault, AdapterFault):  # made of codes and names only
        return {"exception": "AdapterFault", "adapter": fault.adapter_id, "kind": fault.kind, "where": fault.where}
    return {"exception": type(fault).__name__}


def _completed(headers: list[tuple[bytes, bytes]], request_id: bytes | None) -> list[tuple[bytes, bytes]]:
    """Add the fixed headers that the answer has not set itself, and the caller's own request id if it can be echoed."""
    given = {name for name, _ in headers}
    completed = [*headers, *(one for one in _FIXED if one[0] not in given)]
    if request_id is not None and _REQUEST_ID.fullmatch(request_id):
        completed.append((b"x-request-id", request_id))
    return completed
