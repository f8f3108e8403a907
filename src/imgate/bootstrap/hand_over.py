"""Hands parcels to a process of its own, the carrier, that runs the transports.

Deciding and recording then have one processor, HTTP and TLS another, and a transport that crashes does not take the worker with it.
The carrier holds no keys, no database and no listening socket: it knows what `imgate.toml` says of the ways to the partners. What it is
handed comes by a socket pair; at its end, also where the worker was killed, the carrier ends.
"""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from imgate.bootstrap.frames import CONTENT_MAX, Link
from imgate.plugin_api import (
    NOT_CONNECTED,
    Delivered,
    NotDelivered,
    Outcome,
    Parcel,
    Receipt,
    ReceiptSource,
    RefusedByPartner,
    Sent,
    Transport,
)

_STARTS_WITHIN = 20.0
_ENDS_WITHIN = 5.0
# Before each start but the first.
_PAUSES = (0.0, 0.5, 2.0)
_NOT_STARTED = NotDelivered(NOT_CONNECTED)
DIED = NotDelivered("hand_over_died")
_log = structlog.get_logger()


class Carrier:
    """The carrier of one worker: started at the first parcel, and again where it died."""

    def __init__(self, config: Path) -> None:
        """Take the configuration's file. Nothing is started yet."""
        # Transports sign and seal nothing: what opens the keys is none of their business.
        inherited = {name: value for name, value in os.environ.items() if not _opens_keys(name)}
        self._environment = {**inherited, "IMGATE_CONFIG": str(config)}
        self._running: _Running | None = None
        self._starting: asyncio.Task[_Running | None] | None = None

    async def carry(self, parcel: Parcel) -> Outcome:
        """Have the parcel's transport deliver it. Where no carrier could be started, the partner saw nothing."""
        if len(parcel.content) > CONTENT_MAX:
            return RefusedByPartner("too_large", seen=False)
        running = self._running
        if running is None or running.is_lost:
            if self._starting is None or self._starting.done():
                self._starting = asyncio.create_task(self._started())
            running = await asyncio.shield(self._starting)
        return _NOT_STARTED if running is None else await running.carry(parcel)

    async def close(self) -> None:
        """Hang up, and see the carrier end."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        if self._running is not None:
            await self._running.end()

    async def _started(self) -> "_Running | None":
        """Start one, a few times at most."""
        if self._running is not None:  # it died
            await self._running.end()
        for pause in _PAUSES[self._running is not None :]:
            await asyncio.sleep(pause)
            self._running = await _start(self._environment)
            if self._running is not None:
                return self._running
        _log.error("carrier_not_started", times=len(_PAUSES))
        return None


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A parcel at the carrier, and its outcome to come."""

    parcel: Parcel
    outcome: asyncio.Future[Outcome]


class _Running:
    """A carrier that runs, or ran."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self.is_lost = False
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.link = Link(self._received, self._lost)
        self._number = 0
        self._under_way: dict[int, _UnderWay] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    async def carry(self, parcel: Parcel) -> Outcome:
        """Hand over one parcel, and wait for its outcome."""
        if self.is_lost:
            return _NOT_STARTED
        self._number += 1
        number, under_way = self._number, _UnderWay(parcel, asyncio.get_running_loop().create_future())
        self._under_way[number] = under_way
        about = {"message_id": parcel.message_id, "media_type": parcel.media_type, "partner": parcel.partner, "note": parcel.note}
        self.link.send({"deliver": number, **about, "receipt": parcel.receipt}, parcel.content)
        try:
            return await under_way.outcome
        except asyncio.CancelledError:
            self.link.send({"cancel": number})
            raise
        finally:
            del self._under_way[number]

    async def end(self) -> None:
        """Hang up; a carrier that does not end by that is killed."""
        self.link.close()
        if self.process is not None:
            try:
                await asyncio.wait_for(self.process.wait(), _ENDS_WITHIN)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    def _received(self, header: Mapping[str, Any], _content: bytes) -> None:
        match header:
            case {"ready": True}:
                if not self.ready.done():
                    self.ready.set_result(True)
            case {"ended": int(number)}:
                under_way = self._under_way.get(number)
                if under_way is not None and not under_way.outcome.done():
                    under_way.outcome.set_result(read_outcome(header))
            case {"keep": int(number), "note": str(note)}:
                task = asyncio.create_task(self._keep(number, note))
                self._keeping.add(task)
                task.add_done_callback(self._keeping.discard)
            case _:  # what is no frame of a carrier changes nothing: its attempt runs out of time
                return

    async def _keep(self, number: int, note: str) -> None:
        """Keep a note, and say so once it is durable."""
        under_way = self._under_way.get(number)
        if under_way is None:
            return
        try:
            await under_way.parcel.keep(note)
        except Exception as error:  # noqa: BLE001  # the transport hears it, as it would have here
            parcel = under_way.parcel
            _log.error("note_not_kept", exchange=parcel.message_id, partner=parcel.partner, exception=type(error).__name__)
            self.link.send({"kept": number, "durable": False})
        else:
            self.link.send({"kept": number, "durable": True})

    def _lost(self) -> None:
        self.is_lost = True
        if not self.ready.done():
            self.ready.set_result(False)
        for under_way in self._under_way.values():
            if not under_way.outcome.done():
                under_way.outcome.set_result(DIED)


def _opens_keys(name: str) -> bool:
    """Tell whether a variable is about the keys: in any case of its letters, and as a whole section, as the settings read it."""
    return name.upper().split("__")[0] in {"IMGATE_KEYS", "IMGATE_NEW_PASSPHRASE"}


async def _start(environment: Mapping[str, str]) -> _Running | None:
    """Start a carrier; None where it is not ready in time."""
    running = _Running()
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: running.link, sock=ours)
            # A session of its own: an interrupt at the terminal comes to the worker alone, which lets attempts end first.
            running.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "imgate.bootstrap.carrier",
                stdin=theirs.fileno(),
                stdout=DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            _log.error("carrier_not_started", exc_info=error)
            running.link.close()
            return None
    try:
        async with asyncio.timeout(_STARTS_WITHIN):
            ready = await running.ready
    except TimeoutError:
        ready = False
    except asyncio.CancelledError:
        await running.end()
        raise
    if ready:
        return running
    await running.end()
    return None


def written_outcome(outcome: Outcome) -> dict[str, Any]:
    """Write an outcome down for the other end."""
    match outcome:
        case Delivered():
            return {"outcome": "delivered"}
        case RefusedByPartner(code, seen):
            return {"outcome": "refused", "code": code, "seen": seen}
        case NotDelivered(code, retry_after, seen):
            return {"outcome": "not_delivered", "code": code, "retry_after": retry_after, "seen": seen}


def read_outcome(written: Mapping[str, Any]) -> Outcome:
    """Read what the other end wrote; what is no outcome counts as one of a transport that failed."""
    match written:
        case {"outcome": "delivered"}:
            return Delivered()
        case {"outcome": "refused", "code": str(code), "seen": bool(seen)}:
            return RefusedByPartner(code, seen)
        case {"outcome": "not_delivered", "code": str(code), "retry_after": int() | float() | None as after, "seen": bool(seen)}:
            return NotDelivered(code, after, seen)
        case _:
            return NotDelivered("transport_fault")


class HandedOver:
    """A partner's transport whose parcels the carrier delivers."""

    def __init__(self, inner: Transport, carrier: Carrier) -> None:
        """Take the transport itself for everything but its parcels."""
        self._inner = inner
        self._carrier = carrier

    @property
    def waits(self) -> bool:
        """Tell what the transport tells."""
        return self._inner.waits

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Have the carrier deliver it."""
        return await self._carrier.carry(parcel)


class HandedOverWithReceipts(HandedOver):
    """The same for a way on which receipts come back: these are read here."""

    def __init__(self, inner: Transport, receipts: ReceiptSource, carrier: Carrier) -> None:
        """Take the transport, which is the source as well."""
        super().__init__(inner, carrier)
        self._receipts = receipts

    async def receipts(self, sent: Sequence[Sent]) -> Sequence[Receipt] | NotDelivered:
        """Ask the transport itself."""
        return await self._receipts.receipts(sent)


def handed_over(transport: Transport, carrier: Carrier) -> HandedOver:
    """Have the carrier deliver this transport's parcels."""
    if isinstance(transport, ReceiptSource):
        return HandedOverWithReceipts(transport, transport, carrier)
    return HandedOver(transport, carrier)
