"""What a transport is: one way to hand a finished, validated message to a partner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way. The content was released and validated; the transport does not look into it."""

    message_id: str
    media_type: str
    content: bytes
    partner: str

    def __repr__(self) -> str:
        """Show the message id only."""
        return f"Parcel({self.message_id})"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The partner has it."""


@dataclass(frozen=True, slots=True)
class RefusedByPartner:
    """The partner will not take it; trying again is of no use. ``code`` is a short word such as ``http_404``."""

    code: str


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """It did not arrive, or nobody knows whether it did; worth another attempt, not before ``retry_after`` seconds."""

    code: str
    retry_after: float | None = None


Outcome = Delivered | RefusedByPartner | NotDelivered


class Transport(Protocol):
    """Hand over one parcel per call. ``waits`` tells that the partner fetches, and ``deliver`` is never called."""

    @property
    def waits(self) -> bool:
        """Tell whether the partner fetches its messages itself."""

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Try once (short retries inside are the transport's own) and tell how it ended; raises nothing."""


@dataclass(frozen=True, slots=True)
class TransportPlugin:
    """What ``imgate_register_transport`` returns: ``transport = { kind = KIND, … }`` in imgate.toml selects it.

    ``configure`` gets the other entries of that table; it raises SettingsInvalid for one it does not know.
    """

    kind: str
    configure: Callable[[Mapping[str, object]], Transport]
