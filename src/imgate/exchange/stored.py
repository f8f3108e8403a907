"""What the corridor keeps, as it sees it. Nothing here shows a value in its ``repr``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from imgate.consent.declaration import content_digest
from imgate.consent.head import Head, VerifiedDeclaration
from imgate.vocabulary.words import (
    Direction,
    EndCause,
    EndOfUseAnswer,
    EvidenceKind,
    EvidenceLevel,
    ExchangeState,
    SignerRole,
)

T = TypeVar("T")


# The digest of no client: a list about somebody unknown is asked for all the same, so that its answer is no other.
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: ``after`` is the opaque ``next`` of the page before, ``limit`` 1 to 500."""

    after: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. Whoever follows ``next`` misses nothing that commits late."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence. ``content`` is loaded on demand only.

    ``authority`` is on what a guardian's or Betreuer's right to sign rests, ``interpreter`` who was present at the signing, ``reason``
    why there is no written form, and ``report`` what an examination found. Pieces of earlier releases have none of them.
    """

    id: str
    role: SignerRole
    kind: EvidenceKind
    level: EvidenceLevel
    signed_on: str
    recorded_at: datetime
    attested_by: str = field(repr=False)
    signer: str | None = field(repr=False)
    media_type: str | None
    sha256: str | None
    content: bytes | None = field(default=None, repr=False)
    authority: Mapping[str, Any] | None = field(default=None, repr=False)
    interpreter: str | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)
    report: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedHead:
    """What decides about a declaration, and nothing else of it: the head, as it is changed and as it is judged, and its siblings."""

    head: Head
    verified: VerifiedDeclaration
    siblings: tuple[VerifiedDeclaration, ...]


@dataclass(frozen=True, slots=True)
class StoredDeclaration:
    """A declaration with everything that imgate added to it, as far as it can be opened.

    ``verified`` is None where the head does not match its MAC. ``content`` is exactly what the digest is over, empty where it is gone;
    ``unopened`` are the ids of evidence that does not open. ``history`` holds events in their order: ``created`` ``signed``
    ``activated`` ``revoked`` ``paused`` ``resumed`` ``superseded``.
    """

    head: Head
    verified: VerifiedDeclaration | None
    siblings: tuple[VerifiedDeclaration, ...]
    content: Mapping[str, object] = field(repr=False)
    evidence: tuple[Evidence, ...]
    history: tuple[tuple[datetime, str], ...]
    unopened: tuple[str, ...] = ()

    @property
    def sound(self) -> VerifiedDeclaration | None:
        """Give the verified declaration if its content and its evidence are exactly those that the head names, and its history begins."""
        named = tuple((piece, sha256) for piece, sha256 in self.head.evidence)
        kept = tuple((piece.id, piece.sha256 or "") for piece in self.evidence)
        if self.verified is None or self.unopened or kept != named or not self.history:
            return None
        return self.verified if content_digest(self.content) == self.head.digest else None


@dataclass(frozen=True, slots=True)
class Headless:
    """A declaration whose head nobody can read: it permits nothing, and nothing is said of it but its id."""

    id: str


@dataclass(frozen=True, slots=True)
class Link:
    """Under what a partner knows a client. ``reference_digest`` is keyed and tells whether two references are the same."""

    partner: str
    client: str
    reference: str = field(repr=False)
    reference_digest: str
    version: int

    @property
    def stamp(self) -> object:
        """A value that is equal as long as the link is the same."""
        return self.reference_digest, self.version


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """One exchange: scopes and reasons, never values. ``client`` is the client's keyed digest.

    ``notice`` marks a message that tells the end of use (see ``Notice``): it goes the way of an exchange, and carries nothing.
    """

    id: str
    client: str
    partner: str
    direction: Direction
    purpose: str | None
    state: ExchangeState
    created_at: datetime
    released: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    declarations: tuple[str, ...]
    receipt: str | None = None
    attempts: int = 0
    notice: str | None = None
    history: tuple[tuple[datetime, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class SealedBox:
    """A payload at rest: what leaves (``message``) and what it was built from (``released``), each sealed by itself."""

    message: bytes = field(repr=False)
    released: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as it is put into the outbox: see ``OutboxItem``. ``fetched``: the partner fetches it."""

    named: Mapping[str, str]
    provenance: Mapping[str, str]
    reference_digest: str
    media_type: str
    fetched: bool
    held_until: datetime | None
    box: SealedBox


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that waits or was handed out and is not yet acknowledged.

    ``named`` maps each scope to the declaration named for it; ``provenance`` each scope that did not come from the
    client to its partner. ``due_at`` is None for a message that the partner fetches and for one that was given up,
    ``handed_out_sha256`` the digest of the bytes that were handed out last. A message ``held_until`` a moment waits for a
    digest. Its age is ``counted_from`` a moment, and ``note`` is what the transport kept about it. ``begun_at`` stands
    while an attempt is under way, or since its worker died. ``sha256`` is the digest of the bytes that wait. ``leased_until`` is what the
    claim that gave it said; nobody else fills it.
    """

    exchange: StoredExchange
    named: Mapping[str, str]
    provenance: Mapping[str, str]
    reference_digest: str
    media_type: str
    due_at: datetime | None
    handed_out_at: datetime | None
    handed_out_sha256: str | None
    held_until: datetime | None = None
    counted_from: datetime | None = None
    note: str | None = None
    begun_at: datetime | None = None
    sha256: str = ""
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a partner could be reached of late: so many failures in a row, and until when it is left in peace."""

    failures: int = 0
    open_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownValue:
    """What a partner was sent last of one scope: the value's keyed digest, and the exchange that carried it."""

    digest: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a declaration, or of some of its scopes: ``scopes`` are those that ended. ``client`` is the client's digest."""

    id: str
    client: str
    partner: str
    declaration: str
    cause: EndCause
    scopes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a partner is told about a revocation, under one reference by which it was handed something.

    ``message`` is the exchange that tells it, the latest reminder if there was one. ``statute`` is what the partner named.
    """

    id: str
    revocation: str
    client: str
    reference: str = field(repr=False)
    scopes: tuple[str, ...]
    message: str
    reminders: int = 0
    remind_at: datetime | None = None
    answer: EndOfUseAnswer | None = None
    statute: str | None = field(default=None, repr=False)
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InboxItem:
    """What a partner sent and the client allowed, until the case system acknowledges it."""

    exchange: StoredExchange
    named: Mapping[str, str]
    handed_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntakeItem:
    """A partner's message between the 202 and the worker. The body is sealed with the intake key."""

    receipt: str
    partner: str
    received_at: datetime
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonReport:
    """What became of one person's part of an inbound message.

    ``client`` is the client's digest, or None for an unknown person, of whom ``reference`` holds what the partner
    sent (in clear in memory only; sealed with the intake key at rest, deleted after 30 days).
    """

    client: str | None
    exchange: str | None
    reference: str | None = field(repr=False)
    released: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """Every receipt and what became of it. ``outcome``: ``waiting``, ``taken`` or ``message_id_reused``.

    ``end_of_use`` is what a notice tells, as it is shown (see ``received_notices``); None for every other message.
    """

    receipt: str
    partner: str
    received_at: datetime
    outcome: str
    people: tuple[PersonReport, ...] = ()
    problems: tuple[Mapping[str, object], ...] = ()
    attachments: tuple[Mapping[str, object], ...] = ()
    end_of_use: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One hand-out, in either direction: who received or sent which scopes, when, under which declarations.

    Towards a partner, ``provenance`` maps scopes that did not come from the client to their partner, and ``reference``
    is the sealed reference under which the partner was handed it (bound to the exchange; see ``sealing``).
    """

    exchange: str
    client: str
    partner: str
    direction: Direction
    purpose: str | None
    scopes: tuple[str, ...]
    declarations: tuple[str, ...]
    at: datetime
    provenance: Mapping[str, str] | None = None
    reference: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        exchange: StoredExchange,
        scopes: tuple[str, ...],
        declarations: tuple[str, ...],
        at: datetime,
        provenance: Mapping[str, str] | None = None,
        reference: bytes | None = None,
    ) -> "Disclosure":
        """Make the line of one exchange's hand-out."""
        client, partner, direction, purpose = exchange.client, exchange.partner, exchange.direction, exchange.purpose
        return cls(exchange.id, client, partner, direction, purpose, scopes, declarations, at, provenance, reference)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that an Idempotency-Key was given before: ``body_digest`` tells whether this is the same request."""

    body_digest: bytes
    status: int
    body: bytes = field(repr=False)
