"""What the corridor asks of whoever makes what is attached to a message, and of whoever reads another gateway's statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from imgate.consent.bundle_checks import SignatureReader
from imgate.plugin_api import Attachment, Envelope, ReleasedRecord


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a bundle or a receipt says about this gateway: its id, the profile that it signs under, the name of its log (``origin``)."""

    id: str
    profile: Mapping[str, str]
    origin: str


@dataclass(frozen=True, slots=True)
class StatementReader:
    """What reads another gateway's statement: its signature under the key that it shows, and the known profiles with their algorithm."""

    read: SignatureReader
    profiles: Mapping[str, str]


class AttachmentMaker(Protocol):
    """Makes what is attached out of a released part. Bundles are the corridor's own: they are made of declarations, and signed."""

    def calendar(self, released: ReleasedRecord, envelope: Envelope) -> Attachment | None:
        """Give the released appointments for a calendar, the same bytes each time; None where none was released."""
