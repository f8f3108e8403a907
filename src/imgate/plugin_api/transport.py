"""What a transport is: one way to hand a finished, validated message to a partner, and what it may hear back on that way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable


async def _kept_nowhere(note: str) -> None:
    """Keep nothing: the parcel of a test."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way. The content was released and validated; the transport does not look into it.

    ``note`` is what this transport kept about this message at an earlier attempt: the id that the partner's system gave it,
    say. ``keep`` makes a note durable before it returns, so that a crash between two steps begins no second submission.
    A note is an id of the way, visible ASCII of at most 500 characters, and holds nothing about the person.
    ``receipt`` is the gateway's signed receipt of these bytes (docs/partner.md): a compact JWS in visible ASCII, at most 5,500
    bytes. It names scopes, and nobody; a transport hands it over beside the message, and as secretly.
    """

    message_id: str
    media_type: str
    content: bytes
    partner: str
    receipt: str = field(kw_only=True)
    note: str | None = None
    keep: Callable[[str], Awaitable[None]] = field(default=_kept_nowhere, compare=False)

    def __repr__(self) -> str:
        """Show the message id only."""
        return f"Parcel({self.message_id})"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The partner has it."""


@dataclass(frozen=True, slots=True)
class RefusedByPartner:
    """The partner will not take it; trying again is of no use. ``code`` is a short word such as ``http_404``.

    ``seen`` is False where it was refused before anything about the message was shown: then nothing was disclosed.
    """

    code: str
    seen: bool = True


# The codes of attempts of which the partner saw nothing for certain; any other counts as disclosed.
NOT_CONNECTED = "not_connected"
PARTNER_KEY_UNAVAILABLE = "partner_key_unavailable"
PARTNER_KEY_UNUSABLE = "partner_key_unusable"
NOTHING_SEEN = frozenset({NOT_CONNECTED, PARTNER_KEY_UNAVAILABLE, PARTNER_KEY_UNUSABLE})


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """It did not arrive, or nobody knows whether it did; worth another attempt, not before ``retry_after`` seconds.

    It counts as disclosed unless ``seen`` is False, or the code is one of ``NOTHING_SEEN``.
    """

    code: str
    retry_after: float | None = None
    seen: bool = True


Outcome = Delivered | RefusedByPartner | NotDelivered


class Transport(Protocol):
    """Hand over one parcel per call. ``waits`` tells that the partner fetches, and ``deliver`` is never called.

    A transport may be a ``ReceiptSource``, a ``MessageSource`` or a ``CallbackCheck`` as well: the core asks.
    """

    @property
    def waits(self) -> bool:
        """Tell whether the partner fetches its messages itself."""

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Try once (short retries inside are the transport's own), within a minute, and tell how it ended; raises nothing."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was delivered and of which nothing more is known yet, with what the transport kept about it."""

    message_id: str
    note: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivered message: the partner took it, or refused it with a short word such as ``schema_violation``."""

    message_id: str
    refused: str | None = None


@runtime_checkable
class ReceiptSource(Protocol):
    """A way on which the partner's word about delivered messages comes back."""

    async def receipts(self, sent: Sequence[Sent]) -> Sequence[Receipt] | NotDelivered:
        """Look what became of these; those about which nothing is known yet are left out. NotDelivered where nobody could be asked."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that the partner has left on this way for us. ``message_id`` is the way's own id of it."""

    message_id: str
    media_type: str
    content: bytes = field(repr=False)


@runtime_checkable
class MessageSource(Protocol):
    """A way on which the partner's own messages come."""

    async def arrived(self, limit: int) -> Sequence[Arrived] | NotDelivered:
        """Fetch at most so many messages. They stay where they are until ``close``, and may come again."""

    async def close(self, message: Arrived) -> None:
        """Say that the message is safe with us; it does not come again. Raises nothing: one that could not be closed comes again."""


@runtime_checkable
class CallbackCheck(Protocol):
    """A way whose system calls when there is news; the news itself is asked for, never believed from the call."""

    def is_genuine(self, headers: Mapping[str, str], body: bytes, unix_time: float) -> bool:
        """Tell whether this call was made by the partner's system, and just now. Header names are in lower case."""


@dataclass(frozen=True, slots=True)
class TransportPlugin:
    """What ``imgate_register_transport`` returns: ``transport = { kind = KIND, … }`` in imgate.toml selects it.

    ``configure`` gets the other entries of that table; it raises SettingsInvalid for one it does not know.
    """

    kind: str
    configure: Callable[[Mapping[str, object]], Transport]
