"""What is known of past decisions: what the audit log says of them, and what they rested on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from imgate.audit.events import EventName
from imgate.exchange.stored import StoredExchange


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the audit log. Of one that is not ``sound`` nothing is known but its id and place; ``place`` may be yet to come."""

    id: str
    place: int | None
    sound: bool
    at: datetime | None
    event: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogPart:
    """What was wanted of a part of the log; ``next`` is where the following part begins, None at the end."""

    entries: tuple[LogEntry, ...]
    next: int | None


class Past(Protocol):
    """What is known of past decisions. Opens nothing of any client."""

    def log(self, events: Collection[EventName], mentioning: str | None, after: int) -> LogPart:
        """Read on in the log, in the order of writing: give the entries of these events, and those that mention this id.

        Each call looks at a part of the log, of which nothing may be wanted.
        """

    def origins(self, exchange: StoredExchange) -> Mapping[str, str]:
        """Give from where its scopes came, as far as that was recorded: for what waits for a partner, and for what was handed out."""

    def erased(self, client: str) -> bool:
        """Tell whether this client (by digest) was erased."""

    def unreadable(self, client: str, partner: str) -> tuple[str, ...]:
        """Name the declarations of this client (by digest) with this partner whose head nobody can read: they permit nothing."""
