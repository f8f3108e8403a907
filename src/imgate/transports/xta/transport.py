"""The XTA transport: the order of the calls, and what their outcomes mean for a message."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from imgate.plugin_api import NOT_CONNECTED, Arrived, Delivered, NotDelivered, Outcome, Parcel, Receipt, RefusedByPartner, Sent
from imgate.transports.xta.connection import Connection
from imgate.transports.xta.failure import CallFailed
from imgate.transports.xta.management import Management
from imgate.transports.xta.message_box import MessageBox
from imgate.transports.xta.metadata import usable_id
from imgate.transports.xta.sending import send_message
from imgate.transports.xta.settings import Entries

# Together below the minute that an attempt has.
_PREPARE_SECONDS = 20.0
_SEND_SECONDS = 20.0
_CONFIRM_SECONDS = 5.0
_ASK_SECONDS = 45.0
_CLOSE_SECONDS = 15.0
_OPEN_MAX = 1000
# After so many no further message is fetched in the same turn; the rest comes in the next.
_BYTES_AT_ONCE = 32 * 1024 * 1024
# Failures that the next message would meet as well; any other may be this one message's.
_NO_USE_TO_GO_ON = {"not_connected", "timeout", "permission_denied"}
_log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


class Xta:
    """One partner behind an XTA server; a ReceiptSource and a MessageSource as well. ``clock`` is handed in by tests only."""

    def __init__(self, entries: Entries, clock: Callable[[], datetime] = _now) -> None:
        """Take what was configured, and read the certificates. Raises SettingsInvalid."""
        self._entries = entries
        self._trust = entries.trust()
        self._clock = clock
        # The requests under which fetched messages are closed; forgetting one costs nothing but the server's own clearing up.
        self._open: OrderedDict[str, str | None] = OrderedDict()

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Check, get an id, keep it, send; at a later attempt ask first what became of the id that was kept.

        Of whatever goes wrong before the message is sent the partner saw nothing: a notice about its end would be the first that tells
        it of the person. What it was stands in the log.
        """
        async with self._connected() as connection:
            management = Management(connection, self._entries)
            prepared = await self._prepared(management, parcel)
            if not isinstance(prepared, str):
                return prepared
            return await self._sent(connection, management, prepared, parcel)

    def _connected(self) -> Connection:
        return Connection(self._trust, self._entries.timeout)

    async def _prepared(self, management: Management, parcel: Parcel) -> str | Outcome:
        """Give the id to send under, or the outcome where nothing is to be sent now."""
        note = usable_id(parcel.note)
        try:
            async with asyncio.timeout(_PREPARE_SECONDS):
                message_id = await self._new_id(management) if note is None else await self._unsent(management, note)
        except CallFailed as failure:
            _log.warning("xta_not_prepared", exchange=parcel.message_id, partner=parcel.partner, code=failure.code)
            # Also what is final by itself, as an account that is locked: an operator mends that, and nothing is lost meanwhile.
            return NotDelivered(failure.code, seen=False) if failure.final else NotDelivered(NOT_CONNECTED, failure.retry_after)
        except TimeoutError:
            _log.warning("xta_not_prepared", exchange=parcel.message_id, partner=parcel.partner, code="timeout")
            return NotDelivered(NOT_CONNECTED)
        if note is None and isinstance(message_id, str) and not await _kept(parcel, message_id):
            return NotDelivered(NOT_CONNECTED)
        return message_id

    async def _new_id(self, management: Management) -> str | Outcome:
        await management.check_account_active()
        if not await management.offers_service():
            return NotDelivered("service_unknown", seen=False)
        return await management.create_message_id()

    async def _unsent(self, management: Management, message_id: str) -> str | Outcome:
        """Give the id again where the server has no message under it, else how an earlier attempt ended."""
        report = await management.transport_report(message_id)
        if report is None:
            return message_id
        return Delivered() if report.refused is None else RefusedByPartner(report.refused)

    async def _sent(self, connection: Connection, management: Management, message_id: str, parcel: Parcel) -> Outcome:
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await send_message(connection, self._entries, message_id, parcel, self._clock())
        except CallFailed as failure:
            if failure.code == "message_id_taken":
                return await self._confirmed(management, message_id)
            if failure.unconnected:
                return NotDelivered(NOT_CONNECTED)
            return RefusedByPartner(failure.code) if failure.final else NotDelivered(failure.code, failure.retry_after)
        except TimeoutError:
            return NotDelivered("timeout")
        return Delivered()

    async def _confirmed(self, management: Management, message_id: str) -> Outcome:
        """Ask after a message whose id the server calls taken: an attempt that it was still busy with when it was asked before."""
        try:
            async with asyncio.timeout(_CONFIRM_SECONDS):
                outcome = await self._unsent(management, message_id)
        except (CallFailed, TimeoutError):
            return NotDelivered("message_id_taken")
        return NotDelivered("message_id_taken") if isinstance(outcome, str) else outcome

    async def receipts(self, sent: Sequence[Sent]) -> Sequence[Receipt] | NotDelivered:
        """Ask for the transport report of each; what is still under way, or not known there (any more), is left out."""
        found: list[Receipt] = []
        try:
            async with asyncio.timeout(_ASK_SECONDS), self._connected() as connection:
                await self._ask(Management(connection, self._entries), sent, found)
        except CallFailed as failure:
            return found or NotDelivered(failure.code, failure.retry_after)
        except TimeoutError:
            return found or NotDelivered("timeout")
        return found

    async def _ask(self, management: Management, sent: Sequence[Sent], found: list[Receipt]) -> None:
        answered, passed_over = False, None
        for message in sent:
            message_id = usable_id(message.note)
            if message_id is None:
                continue
            try:
                report = await management.transport_report(message_id)
            except CallFailed as failure:
                if failure.code in _NO_USE_TO_GO_ON:
                    raise
                _log.warning("xta_no_report", exchange=message.message_id, partner=self._entries.recipient, code=failure.code)
                passed_over = failure
                continue
            answered = True
            if report is not None and report.done:
                found.append(Receipt(message.message_id, report.refused))
        if passed_over is not None and not answered:
            raise passed_over

    async def arrived(self, limit: int) -> Sequence[Arrived] | NotDelivered:
        """Fetch what this partner left for us. A message that cannot be read this time is passed over and stays where it is."""
        found: list[Arrived] = []
        try:
            async with asyncio.timeout(_ASK_SECONDS), self._connected() as connection:
                await self._fetch(MessageBox(connection, self._entries), found, limit)
        except CallFailed as failure:
            return found or NotDelivered(failure.code, failure.retry_after)
        except TimeoutError:
            return found or NotDelivered("timeout")
        return found

    async def _fetch(self, box: MessageBox, found: list[Arrived], limit: int) -> None:
        # First the whole list, then the messages: a server need not keep a list open while something else is asked.
        waiting: dict[str, None] = {}
        async for message_id in box.waiting():
            waiting[message_id] = None
        passed_over: CallFailed | None = None
        for message_id in waiting:
            if len(found) >= limit or sum(len(message.content) for message in found) >= _BYTES_AT_ONCE:
                return
            try:
                fetched = await box.fetch(message_id)
            except CallFailed as failure:
                if failure.code in _NO_USE_TO_GO_ON:
                    raise
                _log.warning("xta_not_fetched", partner=self._entries.recipient, code=failure.code)
                passed_over = failure
                continue
            if fetched.attachments:
                _log.warning("xta_attachments_left", partner=self._entries.recipient, count=fetched.attachments)
            self._open[message_id] = fetched.request_id
            if len(self._open) > _OPEN_MAX:
                self._open.popitem(last=False)
            found.append(fetched.message)
        if passed_over is not None and not found:
            raise passed_over

    async def close(self, message: Arrived) -> None:
        """Close it in the box; one that could not be closed comes again."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS), self._connected() as connection:
                await MessageBox(connection, self._entries).close(message.message_id, self._open.get(message.message_id))
        except CallFailed as failure:
            _log.warning("xta_not_closed", partner=self._entries.recipient, code=failure.code)
        except TimeoutError:
            _log.warning("xta_not_closed", partner=self._entries.recipient, code="timeout")
        else:
            self._open.pop(message.message_id, None)


async def _kept(parcel: Parcel, message_id: str) -> bool:
    try:
        await parcel.keep(message_id)
    except Exception as error:  # noqa: BLE001  # of whatever kind: an id that nobody kept must not be used
        _log.error("xta_id_not_kept", exchange=parcel.message_id, partner=parcel.partner, exception=type(error).__name__)
        return False
    return True
