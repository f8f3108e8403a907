"""What the corridor needs from the world. ``imgate.storage`` and ``imgate.keys`` provide it; one contract test runs on each.

All methods of one ``Transaction`` happen or none does. Client digests and reference digests are keyed (HMAC under the
index key) and made by the store; whoever has no key learns nothing from them.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from imgate.audit.events import Event
from imgate.consent.head import Head, VerifiedDeclaration
from imgate.exchange.stored import (
    Breaker,
    Cursor,
    Disclosure,
    Evidence,
    InboxItem,
    IntakeItem,
    IntakeReport,
    KnownValue,
    Link,
    Notice,
    OutboxItem,
    Page,
    PersonReport,
    Revocation,
    SealedBox,
    StoredAnswer,
    StoredDeclaration,
    StoredExchange,
    Waiting,
)
from imgate.plugin_api import Sent
from imgate.vocabulary.words import Direction, EndOfUseAnswer, ExchangeState

T = TypeVar("T")


class ClientKeys(Protocol):
    """One client, opened: both keys unwrapped. Everything sealed is bound to its table, column, row and client."""

    @property
    def digest(self) -> str:
        """The client's keyed digest, which stands for the client in every row."""

    @property
    def subject(self) -> str:
        """The random name of this client in the audit log, kept under the data key."""

    @property
    def reference(self) -> str:
        """The client's reference in the case system, in clear; never logged."""

    def seal(self, table: str, column: str, row: str, plain: bytes) -> bytes:
        """Encrypt under the data key (messages, links)."""

    def open(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """Decrypt what ``seal`` made. Raises Unreadable where it was moved or changed."""

    def value_digest(self, partner: str, scope: str, value: bytes) -> str:
        """Give a keyed digest that tells whether two values of this client are the same, and nothing else."""


class Clients(Protocol):
    """Who is known, and their keys."""

    def find(self, reference: str) -> ClientKeys | None:
        """Open a known client by the case system's reference."""

    def open(self, reference: str) -> ClientKeys:
        """Open a client, making keys and subject at the first time."""

    def by_digest(self, digest: str) -> ClientKeys | None:
        """Open the client that a row belongs to; None after erasure."""


class DeclarationFile(Protocol):
    """All declarations of one client with one partner."""

    @property
    def verified(self) -> tuple[VerifiedDeclaration, ...]:
        """Every readable one; one that does not match its MAC is left out."""

    @property
    def stamp(self) -> object:
        """A value that is equal as long as none of them changed, appeared or went."""

    def discloser(self, declaration: str) -> str:
        """Give the unit that discloses under this declaration."""


class Declarations(Protocol):
    """Declarations, their evidence and history."""

    def file(self, client: ClientKeys, partner: str) -> DeclarationFile:
        """Give all that is on file of this client with this partner."""

    def of(self, client: str, partner: str) -> tuple[VerifiedDeclaration, ...]:
        """Give what is readable of it."""

    def stamp(self, client: str, partner: str) -> object:
        """Give the stamp that ``file`` would show now."""

    def add(self, client: ClientKeys, head: Head, content: Mapping[str, object], at: datetime) -> None:
        """Store a new declaration with its history line ``created``."""

    def get(self, declaration: str) -> tuple[ClientKeys, StoredDeclaration] | None:
        """Give one declaration with everything; None where there is none, or its client was erased."""

    def page(self, client: ClientKeys, cursor: Cursor) -> Page[StoredDeclaration]:
        """List a client's declarations in the order of acceptance."""

    def change(self, client: ClientKeys, head: Head, at: datetime, *events: str) -> None:
        """Store the next version of a head, and history lines. Raises Stale where another version came in between."""

    def add_evidence(self, client: ClientKeys, declaration: str, evidence: Evidence) -> None:
        """Store one piece of evidence, sealed under the proof key."""

    def add_reason(self, client: ClientKeys, declaration: str, at: datetime, reason: str) -> None:
        """Store why something was revoked, sealed under the proof key."""

    def may_have_ended(self, before: str, limit: int) -> Sequence[str]:
        """Name declarations whose last day (``2026-12-31``) lies before this one and whose end has not been dealt with."""

    def ends_on(self, client: ClientKeys, partner: str, declaration: str, day: str) -> None:
        """Have it looked at after this day."""

    def ended(self, client: ClientKeys, partner: str, declaration: str, at: datetime) -> None:
        """Remember that its end has been dealt with."""


class Links(Protocol):
    """Under what partners know clients."""

    def get(self, client: ClientKeys, partner: str) -> Link | None:
        """Give the link, if it is there and matches its MAC."""

    def stamp(self, client: str, partner: str) -> object:
        """Give what ``Link.stamp`` of the link would be now; None where there is none.

        Whoever asks holds the link until the commit, so that messages about one client to one partner are accepted one
        after the other.
        """

    def by_reference(self, partner: str, reference: str) -> ClientKeys | None:
        """Find the client whom this partner knows under this reference, if the link matches its MAC."""

    def put(self, client: ClientKeys, partner: str, reference: str, at: datetime) -> Link:
        """Set the link. Raises ReferenceTaken where the reference belongs to another client."""

    def delete(self, client: ClientKeys, partner: str) -> bool:
        """Remove the link; tell whether there was one."""


class Exchanges(Protocol):
    """The history of exchanges."""

    def add(self, exchange: StoredExchange, by: bytes | None = None) -> None:
        """Store a new exchange; its beginning is the first line of its history."""

    def get(self, exchange: str) -> StoredExchange | None:
        """Give one exchange with its history."""

    def page(self, client: str, cursor: Cursor) -> Page[StoredExchange]:
        """List a client's exchanges (by digest) in the order of acceptance."""

    def move(self, exchange: str, state: ExchangeState, at: datetime, detail: str | None = None) -> None:
        """Set the state, with a history line."""

    def narrow(self, exchange: str, released: Sequence[str], withheld: Sequence[tuple[str, str]], declarations: Sequence[str]) -> None:
        """Record what a later decision left of it."""

    def states(self, client: str, partner: str, states: Iterable[ExchangeState]) -> tuple[StoredExchange, ...]:
        """Give this client's outbound exchanges with this partner that are in one of these states, in the order of acceptance.

        Notices are not among them.
        """


class Outbox(Protocol):
    """Messages to partners, until acknowledged or handed over."""

    def add(self, exchange: StoredExchange, waiting: Waiting) -> None:
        """Store the message of an exchange; one that is handed over is due at once, or when it is no longer held."""

    def page(self, partner: str, cursor: Cursor, at: datetime) -> Page[OutboxItem]:
        """List what this partner has not acknowledged, oldest first; only what the partner fetches, and nothing that is held."""

    def get(self, partner: str, exchange: str) -> OutboxItem | None:
        """Give one item that is this partner's."""

    def older(self, before: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Give what has been stored since before this time, the oldest first."""

    def waiting(self, client: str, partner: str) -> tuple[OutboxItem, ...]:
        """Give what is stored for this client and partner, in the order of acceptance."""

    def box(self, exchange: str) -> SealedBox | None:
        """Load the payload."""

    def replace(self, exchange: str, named: Mapping[str, str], reference_digest: str, box: SealedBox) -> None:
        """Store what was built anew."""

    def handed_out(self, exchange: str, at: datetime, sha256: str) -> None:
        """Record a hand-out: count, time, and the digest of what was handed out."""

    def delete(self, exchange: str) -> None:
        """Delete the payload."""

    def unseen(self, client: str, partner: str) -> tuple[tuple[StoredExchange, datetime | None], ...]:
        """Give the exchanges, without history, whose message is queued: no attempt is under way, nobody was handed it.

        Each with the moment until which it is held.
        """

    def claim(self, partner: str, at: datetime, until: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Lease messages that are due for this partner, not leased by a live worker, and the first of their client's that wait."""

    def keep_lease(self, claimed: OutboxItem, until: datetime) -> bool:
        """Renew a lease; False where it has run out and another worker has it."""

    def give_back(self, claimed: Iterable[OutboxItem]) -> None:
        """Give up the leases on messages of which no attempt of this claim has begun."""

    def begun(self, exchange: str, at: datetime) -> None:
        """Record that an attempt begins, and count it: from here on the message may have been disclosed."""

    def in_flight(self, exchange: str) -> bool:
        """Tell whether an attempt has begun whose end is not known."""

    def later(self, exchange: str, due_at: datetime | None) -> None:
        """End an attempt; try again at this time, or None: not before somebody asks for it."""

    def count_anew(self, exchange: str, at: datetime) -> None:
        """Count the message's age from this moment on."""

    def keep_note(self, exchange: str, note: str | None) -> None:
        """Keep what the transport wants to find again at the next attempt; None forgets it."""


class Breakers(Protocol):
    """How partners that are handed their messages could be reached of late."""

    def get(self, partner: str) -> Breaker:
        """Give one; a partner of whom nothing is known is well."""

    def put(self, partner: str, breaker: Breaker) -> None:
        """Store it."""

    def take(self, partner: str, seen: Breaker, taken: Breaker) -> bool:
        """Store it where it is still as it was seen; of several workers that saw it one is told so."""

    def all(self) -> Mapping[str, Breaker]:
        """Give those that are not well."""


class Awaited(Protocol):
    """Delivered messages of which the partner's own word is still to come."""

    def add(self, exchange: str, partner: str, note: str | None, at: datetime) -> None:
        """Wait for it. Nothing happens where it is waited for already."""

    def due(self, partner: str, at: datetime, again_at: datetime, limit: int) -> tuple[Sent, ...]:
        """Give those to ask about now; they are due again at ``again_at``."""

    def ask_now(self, partner: str, at: datetime) -> None:
        """Make all of a partner's due: it said that there is news."""

    def settle(self, exchange: str) -> None:
        """Wait no longer."""

    def end(self, before: datetime) -> None:
        """Wait no longer for the word about anything that was sent before this time."""


class Known(Protocol):
    """What subscribed partners were sent last, per client, partner and purpose: scope to keyed digest, never a value."""

    def of(self, client: str, partner: str, purpose: str) -> Mapping[str, KnownValue]:
        """Give what is known."""

    def put(self, client: str, partner: str, purpose: str, values: Mapping[str, KnownValue]) -> None:
        """Remember these besides what is known."""

    def forget_exchange(self, client: str, partner: str, exchange: str, scopes: Iterable[str] | None = None) -> None:
        """Forget what this exchange carried, or these scopes of it."""

    def forget(self, client: str, partner: str, scopes: Iterable[str] | None = None) -> None:
        """Forget these scopes under every purpose, or all."""


class Revocations(Protocol):
    """Ends of declarations, what partners were told about them, and what they answered."""

    def add(self, revocation: Revocation) -> None:
        """Store one."""

    def get(self, revocation: str) -> Revocation | None:
        """Give one."""

    def page(self, cursor: Cursor) -> Page[Revocation]:
        """List all, oldest first."""

    def of_declaration(self, declaration: str) -> tuple[Revocation, ...]:
        """Give those of one declaration, oldest first."""

    def add_notice(self, client: ClientKeys, notice: Notice) -> None:
        """Store a notice; its reference is sealed under the data key."""

    def notices(self, revocation: str) -> tuple[Notice, ...]:
        """Give the notices of a revocation; after the client's erasure without reference and statute (empty, None)."""

    def notice(self, notice: str) -> Notice | None:
        """Give one notice."""

    def of_client(self, client: str) -> tuple[tuple[Revocation, Notice], ...]:
        """Give a client's notices (by digest), each with its revocation, oldest first."""

    def told_again(self, notice: str, message: str, remind_at: datetime | None) -> None:
        """Record a reminder: its message, counted, and when the next is due; None: there is none."""

    def to_remind(self, at: datetime, limit: int) -> tuple[Notice, ...]:
        """Give unanswered notices whose reminder is due; of several workers each gets others."""

    def answer(self, client: ClientKeys | None, notice: str, answer: EndOfUseAnswer, statute: str | None, at: datetime) -> None:
        """Record what the partner answered, and remind it no more."""


class Inbox(Protocol):
    """What partners sent and the client allowed, until the case system acknowledges it."""

    def add(self, client: ClientKeys, exchange: str, named: Mapping[str, str], sealed: bytes) -> None:
        """Store a released part."""

    def page(self, cursor: Cursor) -> Page[InboxItem]:
        """List what is not acknowledged, oldest first."""

    def get(self, exchange: str) -> InboxItem | None:
        """Give one item."""

    def sealed(self, exchange: str) -> bytes | None:
        """Load the payload."""

    def replace(self, exchange: str, named: Mapping[str, str], sealed: bytes) -> None:
        """Store what was minimised further."""

    def handed_out(self, exchange: str, at: datetime) -> None:
        """Record a hand-out."""

    def older(self, before: datetime, limit: int) -> tuple[InboxItem, ...]:
        """Give what has been stored since before this time, the oldest first."""

    def waiting(self, client: str, partner: str) -> tuple[InboxItem, ...]:
        """Give what is stored of this client from this partner."""

    def delete(self, exchange: str) -> None:
        """Delete the payload."""


class Origins(Protocol):
    """Which partner delivered which scope for a client (released inbound and handed out in the inbox)."""

    def of(self, client: str) -> frozenset[str]:
        """Give the scopes that some partner delivered for this client before."""

    def add(self, client: str, partner: str, scopes: Iterable[str]) -> None:
        """Remember what was handed out."""


class Intake(Protocol):
    """Partners' messages between the 202 and the worker, and what became of them."""

    def add(self, receipt: str, partner: str, at: datetime, media_type: str, body: bytes, message_id: str | None) -> str:
        """Seal and store a message; give the receipt id that stands for it.

        A message id that this partner used before with the same bytes gives the earlier receipt and stores nothing;
        with other bytes the new receipt is stored with outcome ``message_id_reused`` and nothing will be taken. The
        work done is the same in each case but for the row itself, and depends on the bytes alone.
        """

    def claim(self, at: datetime, until: datetime, limit: int) -> tuple[IntakeItem, ...]:
        """Lease messages that wait, oldest first, bodies opened; one that cannot be opened is left out."""

    def done(self, receipt: str, at: datetime, people: Sequence[PersonReport], problems: Sequence[Mapping[str, object]]) -> bool:
        """Store what became of a message and delete its body; tell whether it still waited for that, and do nothing otherwise."""

    def get(self, receipt: str) -> IntakeReport | None:
        """Give one report."""

    def page(self, partner: str | None, cursor: Cursor) -> Page[IntakeReport]:
        """List reports, oldest first."""


class Disclosures(Protocol):
    """Who received or sent which scopes, when, under which declaration: one row per hand-out, never shortened."""

    def add(self, disclosure: Disclosure) -> None:
        """Record one hand-out."""

    def page(self, client: str, cursor: Cursor) -> Page[Disclosure]:
        """List a client's (by digest) disclosures in their order."""

    def to_partners(self, client: str, partner: str | None = None) -> tuple[Disclosure, ...]:
        """Give what was handed out to partners, or to this one, in its order."""

    def any_of(self, client: str, partner: str) -> bool:
        """Tell whether this partner was handed anything about this client."""


class Idempotency(Protocol):
    """Answers that were given under an Idempotency-Key, for 24 hours, per caller and path."""

    def find(self, caller: str, path: str, key: str, at: datetime) -> StoredAnswer | None:
        """Give the earlier answer, if there is one."""

    def keep(self, caller: str, path: str, key: str, body_digest: bytes, status: int, body: bytes, at: datetime) -> None:
        """Store the answer. Raises KeyInUse where another request stored one in between (PostgreSQL: after waiting for it)."""

    def digest(self, body: bytes) -> bytes:
        """Give the keyed digest of a request body."""


class Transaction(Protocol):
    """One unit of work."""

    clients: Clients
    declarations: Declarations
    links: Links
    exchanges: Exchanges
    outbox: Outbox
    breakers: Breakers
    awaited: Awaited
    known: Known
    revocations: Revocations
    inbox: Inbox
    origins: Origins
    intake: Intake
    disclosures: Disclosures
    idempotency: Idempotency

    def audit(self, event: Event) -> None:
        """Append to the audit log, in this transaction."""


class Store(Protocol):
    """Where it is kept."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a unit of work that writes; commits at the end, rolls back when something is raised. Blocks: not for the loop."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a unit of work that only reads, on one snapshot."""

    def back(self) -> Awaitable[None]:
        """Wait beside the loop until a database that was lost answers again. Raises Unavailable where that takes too long."""

    def commit(self, job: Callable[[Transaction], T]) -> Awaitable[T]:
        """Run the job in a transaction shared with others that are due now (group commit); return when it is durable.

        The job may be run more than once, after a neighbour failed or the connection was lost; what it raises is raised here.
        """


class Stale(Exception):
    """Something that a step relied on changed before the commit: the caller takes the decision again."""


class ReferenceTaken(Exception):
    """The case system must act: the reference already belongs to another client of this partner."""


class KeyInUse(Exception):
    """Another request with the same Idempotency-Key stored its answer first."""


class BadCursor(Exception):
    """The sender must act: this is not a ``next`` that a list gave."""


class Unavailable(Exception):
    """The operator must act, or wait: the database cannot be reached, is locked or cannot be written."""


class Crossed(Unavailable):
    """This unit of work was undone, by another that came first or by a lost connection: taken again, it may well succeed."""


class Unreadable(Exception):
    """The operator must act: something at rest does not match its place or its key."""


__all__ = [
    "BadCursor",
    "ClientKeys",
    "Crossed",
    "Direction",
    "KeyInUse",
    "ReferenceTaken",
    "Stale",
    "Store",
    "Transaction",
    "Unavailable",
    "Unreadable",
]
