"""Fetches the key set that a partner publishes, and keeps it: ten minutes after a key was withdrawn nothing is encrypted to it any more."""

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Sequence
from pathlib import Path

import httpx2
import orjson

from imgate.transports.encryption import PartnerKey, first_usable

_LONGEST = 64 * 1024
_FRESH_SECONDS = 600.0
# While the set cannot be fetched the key that we have serves on, but not for ever: who blocks the way must not keep a withdrawn key in use.
_LAST_SECONDS = 24 * 3600.0
_AGAIN_SECONDS = 60.0
_PAUSE_AFTER_FAILURE = 5.0


class KeysUnavailable(Exception):
    """Nobody gave us the key set and we have none: the partner's server is asked again at the next attempt."""


class PublishedKeys:
    """The key set at one address. ``clock`` counts seconds, from wherever."""

    def __init__(self, url: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the address, and how long a fetch may take."""
        self._url = httpx2.URL(url)
        self._seconds = seconds
        self._clock = clock
        self._key: PartnerKey | None = None
        self._fetched_at = self._due_at = float("-inf")
        self._one_at_a_time: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def key(self, http: httpx2.AsyncHTTPTransport) -> PartnerKey | None:
        """Give the key to encrypt to; None where the set has none that is usable. Raises KeysUnavailable."""
        if self._clock() >= self._due_at:
            async with self._lock():
                if self._clock() >= self._due_at:
                    await self._refresh(http)
        if self._clock() - self._fetched_at > _LAST_SECONDS:
            raise KeysUnavailable
        return self._key

    def _lock(self) -> asyncio.Lock:
        # A lock belongs to the event loop that first waited for it.
        loop = asyncio.get_running_loop()
        if self._one_at_a_time is None or self._one_at_a_time[0] is not loop:
            self._one_at_a_time = (loop, asyncio.Lock())
        return self._one_at_a_time[1]

    async def _refresh(self, http: httpx2.AsyncHTTPTransport) -> None:
        keys = await self._fetched(http)
        now = self._clock()
        if keys is None:
            self._due_at = now + _PAUSE_AFTER_FAILURE
            return
        self._key = first_usable(keys)
        self._fetched_at = now
        self._due_at = now + (_FRESH_SECONDS if self._key else _AGAIN_SECONDS)

    async def _fetched(self, http: httpx2.AsyncHTTPTransport) -> Sequence[object] | None:
        """Fetch the set; None for whatever is not one: another status, a redirect, too much, a page in its place."""
        headers = {"accept": "application/jwk-set+json, application/json", "user-agent": "imgate"}
        timeouts = {"timeout": httpx2.Timeout(self._seconds).as_dict()}
        try:
            async with asyncio.timeout(self._seconds):
                answer = await http.handle_async_request(httpx2.Request("GET", self._url, headers=headers, extensions=timeouts))
                try:
                    body = await _at_most(answer.aiter_raw(), _LONGEST) if answer.status_code == 200 else None
                finally:
                    await answer.aclose()
        except (httpx2.HTTPError, OSError):
            return None
        return None if body is None else key_set(body)


def key_set(text: bytes) -> Sequence[object] | None:
    """Read the keys of a JWK set (RFC 7517 §5); None where it is none."""
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    keys = read.get("keys") if isinstance(read, dict) else None
    return keys if isinstance(keys, list) else None


def key_in(file: Path) -> PartnerKey | None:
    """Read the key that a partner handed over as a file, a JWK set; None where it has none that is usable. Raises OSError."""
    with file.open("rb") as opened:
        text = opened.read(_LONGEST + 1)
    return first_usable(key_set(text) or ()) if len(text) <= _LONGEST else None


async def _at_most(chunks: AsyncIterable[bytes], longest: int) -> bytes | None:
    read = bytearray()
    async for chunk in chunks:
        read += chunk
        if len(read) > longest:
            return None
    return bytes(read)
