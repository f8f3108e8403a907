"""One request over HTTP, for every way that is HTTP: what kept it from being answered, and the answer's body up to a limit."""

import asyncio
import contextlib

import httpx2

from imgate.plugin_api import NOT_CONNECTED, NotDelivered


async def answered(http: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response | NotDelivered:
    """Send a request; a status is an answer, whatever comes after it. Whoever gets one owes it ``body_of`` or ``aclose``."""
    try:
        return await http.handle_async_request(request)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
        return NotDelivered(NOT_CONNECTED)
    except httpx2.TimeoutException:
        return NotDelivered("timeout")
    except (httpx2.HTTPError, OSError):  # OSError: TLS that breaks after the handshake, as where our certificate is asked for
        return NotDelivered("connection_broken")


async def body_of(answer: httpx2.Response, most: int, seconds: float | None = None) -> bytes:
    """Read the body, undecoded, and let go of the answer; one that is cut off, late, or longer than ``most`` bytes counts as empty.

    The status was said; what comes after it, or does not, changes nothing of it.
    """
    read = bytearray()
    with contextlib.suppress(httpx2.HTTPError, OSError):
        try:
            async with asyncio.timeout(seconds):
                async for chunk in answer.aiter_raw():
                    read += chunk
                    if len(read) > most:
                        return b""
            return bytes(read)
        finally:
            await answer.aclose()
    return b""
