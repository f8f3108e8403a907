"""The transport itself: hands over messages, reads back what became of them, and knows the service's calls."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import assert_never

from imgate.plugin_api import NotDelivered, Outcome, Parcel, Receipt, Sent
from imgate.transports.entries import read_entries
from imgate.transports.fit_connect import callback
from imgate.transports.fit_connect.event_log import Event, EventLog, Happened
from imgate.transports.fit_connect.service import SubmissionService
from imgate.transports.fit_connect.settings import Entries
from imgate.transports.fit_connect.submission import Attempt, submission_of

# An attempt with all its requests, below the minute that a transport has; the same for a round of receipts.
_SECONDS = 45.0


class FitConnect:
    """Brings messages to one destination; is a ``ReceiptSource`` and a ``CallbackCheck`` too."""

    def __init__(self, entries: Entries) -> None:
        """Take what was configured. Raises SettingsInvalid where a secret cannot be read."""
        self._entries = entries
        self._callback_keys = entries.callback_keys()
        self._service = SubmissionService(entries)

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Submit the message, or go on with the submission that an earlier attempt began. What ``keep`` raises passes through."""
        attempt = Attempt(self._service, self._entries, parcel)
        limit = asyncio.timeout(_SECONDS)
        try:
            async with limit:
                return await attempt.outcome()
        except TimeoutError:
            if not limit.expired():
                raise
            return attempt.told(NotDelivered("timeout"))

    async def receipts(self, sent: Sequence[Sent]) -> Sequence[Receipt] | NotDelivered:
        """Read the event log of each; what was found before the time was over, or the service away, counts."""
        log = EventLog(self._service, self._entries)
        found: list[Receipt] = []
        try:
            async with asyncio.timeout(_SECONDS):
                for one in sent:
                    submission = submission_of(one.note)
                    happened = () if submission is None else await log.of(submission)
                    if isinstance(happened, NotDelivered):
                        return found or happened
                    if (receipt := receipt_of(one.message_id, happened)) is not None:
                        found.append(receipt)
        except TimeoutError:
            return found or NotDelivered("timeout")
        return found

    def is_genuine(self, headers: Mapping[str, str], body: bytes, unix_time: float) -> bool:
        """Tell whether the service made this call, just now."""
        return callback.is_genuine(self._callback_keys, headers, body, unix_time)


def receipt_of(message_id: str, log: Sequence[Happened]) -> Receipt | None:
    """Tell what became of a message: the first word of its end counts, and deletion only where there is no other."""
    deleted = False
    for one in log:
        match one.event:
            case Event.ACCEPT:
                return Receipt(message_id)
            case Event.REJECT:
                return Receipt(message_id, one.refused)
            case Event.DELETE:
                deleted = True
            case Event.CREATE | Event.SUBMIT | Event.NOTIFY | Event.FORWARD:
                continue
            case _:
                assert_never(one.event)
    return Receipt(message_id, "deleted") if deleted else None


def configured(entries: Mapping[str, object]) -> FitConnect:
    """Make the transport from the entries of its table. Raises SettingsInvalid."""
    return FitConnect(read_entries(Entries, entries))
