"""What answers about declarations look like: see ``shapes``."""

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

_closed = with_config(ConfigDict(extra="forbid"))
DeclarationStateShown = Literal["draft", "active", "paused", "revoked", "expired", "unreadable"]


@_closed
class DeclarationMade(TypedDict):
    """A new declaration. It permits nothing until it is signed."""

    id: str
    state: Literal["draft"]
    digest: str


@_closed
class SignatureTaken(TypedDict):
    """The declaration's state after this piece of evidence."""

    state: DeclarationStateShown


@_closed
class Withdrawn(TypedDict):
    """What became of messages that waited. No attempt begins after this answer.

    ``revocation`` where the partner was, or may have been, handed something that it is told about now.
    """

    state: DeclarationStateShown
    cancelled: int
    already_sent: list[str]
    in_flight: list[str]
    revocation: NotRequired[str]


@_closed
class AuthorityShown(TypedDict):
    """On what a guardian's or Betreuer's right to sign rests, as the case system says."""

    areas: list[str]
    order: str
    until: NotRequired[str]


@_closed
class EvidenceShown(TypedDict):
    """One piece of evidence. ``attested_by`` is the case system's statement, and so are ``authority``, ``interpreter`` and ``reason``.

    ``report`` is what an examination found when it was recorded; pieces that were not looked into have none.
    """

    id: str
    role: str
    kind: str
    level: str
    signed_on: str
    recorded_at: str
    attested_by: str
    signer: NotRequired[str]
    authority: NotRequired[AuthorityShown]
    interpreter: NotRequired[str]
    reason: NotRequired[str]
    sha256: NotRequired[str]
    report: NotRequired[dict[str, Any]]


@_closed
class EvidenceChecked(TypedDict):
    """One piece, examined again. ``level`` is what it was taken for and counts for; ``level_today`` what it would count for now.

    ``refused`` instead is the code by which it would be refused today, ``evidence_changed`` where it is not what was recorded; of what
    is gone, or cannot be opened, nothing but the id is known.
    """

    id: str
    role: NotRequired[str]
    kind: NotRequired[str]
    level: NotRequired[str]
    level_today: NotRequired[str]
    refused: NotRequired[str]
    report: NotRequired[dict[str, Any]]


@_closed
class DeclarationChecked(TypedDict):
    """Evidence that was examined again. It changes nothing: what was accepted counts until it is revoked."""

    id: str
    digest: str
    checked_at: str
    failed: int
    evidence: list[EvidenceChecked]


@_closed
class RunningOut(TypedDict):
    """A declaration that ends soon. ``scopes`` are as many as are not revoked; ``renewed_by`` is a successor that is yet to be signed."""

    id: str
    client: str
    partner: str
    valid_until: str
    state: Literal["active", "paused"]
    scopes: int
    renewed_by: NotRequired[str]


@_closed
class HistoryShown(TypedDict):
    """One thing that happened to a declaration."""

    at: str
    event: str


@_closed
class DeclarationShown(TypedDict):
    """A declaration. ``digest`` is the SHA-256 over the RFC 8785 form of ``content``.

    Both are always there unless ``state`` is ``unreadable``: then what cannot be read is left out, and what is shown may be incomplete.
    """

    id: str
    digest: NotRequired[str]
    state: DeclarationStateShown
    content: NotRequired[dict[str, Any]]
    revoked_scopes: list[str]
    evidence: list[EvidenceShown]
    history: list[HistoryShown]
