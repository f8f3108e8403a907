"""What an adapter is given to translate: only what was permitted, and the envelope that travels with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imgate.plugin_api.attachment import Attachment

# Travels in every message (domain: § 88(2) AufenthG, § 78 SGB X): the receiver must know where it came from.
CONFIDENTIALITY_NOTICE = "§ 203 StGB"


@dataclass(frozen=True, slots=True)
class Release:
    """Under what one scope passes: who discloses it, where it came from, and the last day of the permission."""

    discloser: str = field(repr=False)
    origin: str
    until: str


@dataclass(frozen=True, slots=True)
class ReleasedRecord:
    """The released part of one case record, after the decision and minimising. Only ``minimise`` makes it.

    ``record`` has the case record's shape and types (``imgate.record.CaseRecord``) and holds exactly the scopes that
    ``releases`` names, in the catalogue's order.
    """

    record: Mapping[str, Mapping[str, Any]]
    releases: Mapping[str, Release]

    def __repr__(self) -> str:
        """Show the scopes, never the values."""
        return f"ReleasedRecord({', '.join(self.releases)})"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message says about itself. The core hands in id and time; an adapter has no clock.

    ``created_at`` is RFC 3339 in UTC. ``reference`` is the partner's own word for the person, and the only one.
    ``sender`` and ``recipient`` are names of units. There are ``attachments`` only where the manifest says that the format has
    a place for them; each of them has to stand in the message.
    """

    message_id: str
    created_at: str
    sender: str
    recipient: str
    reference: str
    purpose: str
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        """Show the message id only: a reference is personal."""
        return f"Envelope({self.message_id})"
