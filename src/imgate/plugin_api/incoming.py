"""What an adapter reads out of a partner's message."""

from collections.abc import Mapping
from dataclasses import dataclass

from imgate.plugin_api.attachment import Attachment


@dataclass(frozen=True, slots=True)
class Incoming:
    """A partial case record about one person, under the reference by which the partner knows that person.

    ``record`` has the shape of the case record (``{"residence": {"status": {...}}}``) and is not yet checked; ``line``
    is where it began, if the format has lines.
    """

    reference: str
    record: Mapping[str, Mapping[str, object]]
    line: int | None = None

    def __repr__(self) -> str:
        """Show nothing personal."""
        return "Incoming(...)"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A part of a message that cannot be used, while the rest goes on.

    ``column`` is the column's name as the mapping knows it, or its number where the name is not known; it is never
    text that only the sender chose. ``line`` counts from 1 in the file as sent.
    """

    line: int | None
    column: str | int | None
    code: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as read. ``message_id`` and ``purpose`` are None where the format has no place for them."""

    people: tuple[Incoming, ...]
    problems: tuple[RowProblem, ...] = ()
    message_id: str | None = None
    purpose: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        """Show counts only."""
        return f"Reading(people={len(self.people)}, problems={len(self.problems)})"
