"""What the worker and its carrier say to each other: a header of JSON and, behind it, the bytes of a message as they are."""

import asyncio
import struct
from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson

_LENGTHS = struct.Struct("!II")
# Frames that follow each other so soon leave together: the other end wakes once for all of them.
_GATHER_SECONDS = 0.001
_HEADER_MAX = 16 * 1024
# No message is larger: what a request may hold is less.
CONTENT_MAX = 64 * 1024 * 1024


class Link(asyncio.Protocol):
    """One end. ``received`` is called for each frame, ``lost`` once, when the other end is gone or sends what is no frame."""

    def __init__(self, received: Callable[[Mapping[str, Any], bytes], None], lost: Callable[[], None]) -> None:
        """Take what is told."""
        self._received = received
        self._lost = lost
        self._come = bytearray()
        self._due: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    def send(self, header: Mapping[str, Any], content: bytes = b"") -> None:
        """Send one frame; those of a millisecond leave together. To an end that is gone nothing is sent."""
        head = orjson.dumps(header)
        self._due += [_LENGTHS.pack(len(head), len(content)), head, content]
        if len(self._due) == 3:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._write)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _write(self) -> None:
        due, self._due = self._due, []
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(due))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Cut what came into frames."""
        self._come += data
        at, come = 0, self._come
        while len(come) - at >= _LENGTHS.size:
            head, content = _LENGTHS.unpack_from(come, at)
            if head > _HEADER_MAX or content > CONTENT_MAX:
                self.close()
                return
            start = at + _LENGTHS.size
            end = start + head + content
            if len(come) < end:
                break
            self._received(orjson.loads(come[start : start + head]), bytes(come[start + head : end]))
            at = end
        del come[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that the other end is gone."""
        self._lost()
