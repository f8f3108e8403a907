"""Faults on purpose, between the wire and the stand-in: another status, slowness, a cut connection, a lost answer."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Fault:
    """What happens to calls of this method with this (a regular expression) in their path, so many times.

    ``after`` the call had its effect, or before.
    """

    method: str
    path: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    after: bool = False
    times: int | None = None

    def takes(self, method: str, path: str) -> bool:
        """Tell whether this call is hit, and count it."""
        if method != self.method or re.search(self.path, path) is None or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """Wraps the application; ``scripted`` may be changed at any time."""

    def __init__(self, app: ASGIApp, cut: Callable[[], None]) -> None:
        """Take the application, and what cuts its connections."""
        self.scripted: list[Fault] = []
        self.calls: list[str] = []
        self._app = app
        self._cut = cut
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        with self._lock:
            self.calls.append(f"{scope['method']} {scope['path']}")
            fault = next((one for one in self.scripted if one.takes(scope["method"], scope["path"])), None)
        if fault is None:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        answered: list[Message] = []

        async def replayed() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def kept(message: Message) -> None:
            answered.append(message)

        if fault.after or not (fault.cut or fault.status):
            await self._app(scope, replayed, kept)
        await anyio.sleep(fault.delay)
        if fault.cut:
            self._cut()
            await anyio.sleep(0.01)  # so that the server has seen it before this returns
        elif fault.status is not None:
            await Response(status_code=fault.status, headers=fault.headers)(scope, receive, send)
        else:
            for message in answered:
                await send(message)


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
