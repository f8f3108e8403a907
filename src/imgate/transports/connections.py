"""Keeps a partner's connections open between messages: opening one costs more than a message does, with TLS many times more."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable

import httpx2

_AT_ONCE = 16
# Less than the shortest pause after which a usual server hangs up (5 seconds), so that few messages meet a connection just closed.
_IDLE_SECONDS = 4.0


class Connections:
    """At most 16 connections per running event loop; ``trust`` is asked once, at the first use."""

    def __init__(self, trust: Callable[[], ssl.SSLContext]) -> None:
        """Take what certificates are checked against. Nothing is opened yet."""
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._held: dict[asyncio.AbstractEventLoop, tuple[httpx2.AsyncHTTPTransport, AsyncGenerator[httpx2.AsyncHTTPTransport]]] = {}

    async def here(self) -> httpx2.AsyncHTTPTransport:
        """Give the pool of this event loop. It follows no redirect and takes no proxy. Raises what reading the certificates raises."""
        loop = asyncio.get_running_loop()
        held = self._held.get(loop)
        if held is None:
            if self._context is None:
                self._context = self._trust()
            opened = _open(self._context)
            held = (await anext(opened), opened)
            self._held = {other: kept for other, kept in self._held.items() if not other.is_closed()} | {loop: held}
        return held[0]


async def _open(trust: ssl.SSLContext) -> AsyncGenerator[httpx2.AsyncHTTPTransport]:
    """Hold a pool. A generator, because an event loop that ends closes its generators first: here the connections are closed."""
    limits = httpx2.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE, keepalive_expiry=_IDLE_SECONDS)
    pool = httpx2.AsyncHTTPTransport(verify=trust, trust_env=False, limits=limits)
    try:
        yield pool
    finally:
        await pool.aclose()
