"""The carrier: the process that runs the transports for a worker; `hand_over` starts it and says why.

It ends when the worker hangs up or is gone. What is under way then ends with it: nobody is left to record how it ended, and the message
is tried again under the same id.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from typing import Any

import structlog

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.event_loop import new_loop
from imgate.bootstrap.frames import Link
from imgate.bootstrap.hand_over import written_outcome
from imgate.bootstrap.logs import configure_logs
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS
from imgate.plugin_api import NotDelivered, Outcome, Parcel, Transport
from imgate.settings import Settings, load_settings

_ENDS_WITHIN = 3.0
_log = structlog.get_logger()


class NoteNotKept(Exception):
    """The worker could not keep a note: its database is away, or the note is none. What follows must not rely on it."""


class _Carrying:
    """What is under way, each as a task, and the notes that the worker is keeping."""

    def __init__(self, transports: Mapping[str, Transport]) -> None:
        self._transports = transports
        self.gone = asyncio.Event()
        self.link = Link(self._received, self.gone.set)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._keeping: dict[int, asyncio.Future[bool]] = {}

    def _received(self, header: Mapping[str, Any], content: bytes) -> None:
        match header:
            case {"deliver": int(number)}:
                task = asyncio.create_task(self._deliver(number, header, content))
                self._under_way[number] = task
            case {"cancel": int(number)} if number in self._under_way:
                self._under_way[number].cancel()
            case {"kept": int(number), "durable": bool(durable)} if number in self._keeping:
                kept = self._keeping.pop(number)
                if not kept.done():
                    kept.set_result(durable)
            case _:  # a cancelled parcel that has just ended
                return

    async def _deliver(self, number: int, header: Mapping[str, Any], content: bytes) -> None:
        async def keep(note: str) -> None:
            kept = self._keeping[number] = asyncio.get_running_loop().create_future()
            self.link.send({"keep": number, "note": note})
            if not await kept:
                raise NoteNotKept

        about = header["message_id"], header["media_type"], content, header["partner"], header["note"]
        parcel = Parcel(*about, keep, receipt=header["receipt"])
        try:
            outcome = await self._delivered(parcel)
        finally:
            del self._under_way[number]
            self._keeping.pop(number, None)
        self.link.send({"ended": number, **written_outcome(outcome)})

    async def _delivered(self, parcel: Parcel) -> Outcome:
        """Call the transport. It is foreign code: one that raises has not said that the partner saw nothing."""
        try:
            return await self._transports[parcel.partner].deliver(parcel)
        except Exception as error:  # noqa: BLE001  # it promised to raise nothing, so this is its fault, and says so
            _log.error("transport_fault", exchange=parcel.message_id, partner=parcel.partner, exception=type(error).__name__)
            return NotDelivered("transport_fault")


def _transports_of(settings: Settings) -> dict[str, Transport]:
    """Configure the ways of the partners that are handed their messages. The worker's start has found them usable."""
    named = {partner.transport.kind for partner in settings.partners.values()}
    registry = load_plugins(transports=BUILT_IN_TRANSPORTS, listed=named)
    made = {
        partner: registry.transport(configured.transport.kind).configure(configured.transport.entries)
        for partner, configured in settings.partners.items()
    }
    return {partner: transport for partner, transport in made.items() if not transport.waits}


async def _carry(transports: Mapping[str, Transport], worker: socket.socket) -> None:
    carrying = _Carrying(transports)
    await asyncio.get_running_loop().create_unix_connection(lambda: carrying.link, sock=worker)
    carrying.link.send({"ready": True})
    await carrying.gone.wait()
    # Whatever a transport is still busy with: nobody waits for it any more.
    end = threading.Timer(_ENDS_WITHIN, os._exit, [0])
    end.daemon = True
    end.start()


def main() -> None:
    """Carry until standard input, a socket, ends. Signals are the worker's: it lets what is under way end before it hangs up."""
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_IGN)
    configure_logs()
    transports = _transports_of(load_settings())
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_carry(transports, socket.socket(fileno=os.dup(sys.stdin.fileno()))))


if __name__ == "__main__":
    main()
