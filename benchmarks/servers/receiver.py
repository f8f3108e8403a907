"""A partner that takes every message at once and tells afterwards what it was sent and when: the same one for imgate and for the bare loop.

What a message holds is hashed only when somebody asks, so that receiving costs the same few microseconds on both sides.
"""

import hashlib
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

_TAKEN = {"type": "http.response.start", "status": 204, "headers": []}
_NOTHING = {"type": "http.response.body", "body": b""}
_received: list[tuple[bytes, float, bytes]] = []


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """Take a message (POST), say how many came (GET /count), or tell about all of them and forget them (GET /told)."""
    if scope["type"] != "http":
        return
    if scope["method"] == "GET":
        await _say(_told() if scope["path"] == "/told" else len(_received), send)
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    name = next((value for key, value in scope["headers"] if key == b"webhook-id"), b"")
    _received.append((name, time.perf_counter(), body))
    await send(_TAKEN)
    await send(_NOTHING)


def _told() -> dict[str, Any]:
    """Give each message's id and digest in the order of arrival, and the seconds from the first arrival to the last."""
    told = {
        "messages": [(name.decode(), hashlib.sha256(body).hexdigest()) for name, _, body in _received],
        "seconds": _received[-1][1] - _received[0][1] if _received else 0.0,
    }
    _received.clear()
    return told


async def _say(what: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    body = orjson.dumps(what)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from benchmarks.servers.listen import listen

    listen(app, int(sys.argv[1]))
