"""Declarations, and what their end meant for partners."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from imgate.consent.head import Head, VerifiedDeclaration
from imgate.exchange.ports.people import ClientKeys
from imgate.exchange.stored import Cursor, Evidence, Headless, Notice, Page, Revocation, StoredDeclaration, VerifiedHead
from imgate.vocabulary.words import EndOfUseAnswer


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


class Proof(Protocol):
    """What proves one declaration. It is there as long as the client's proof key is: also after the client was erased."""

    @property
    def stored(self) -> StoredDeclaration:
        """The declaration with everything."""

    @property
    def subject(self) -> str | None:
        """The client's random name in the audit log; None after erasure."""

    def content(self, piece: str) -> bytes | None:
        """Load the content of one piece of evidence; None where it has none. Raises Unreadable."""


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

    def head(self, declaration: str) -> tuple[ClientKeys, VerifiedHead] | None:
        """Give what decides about one declaration; None where there is none, or its client was erased.

        Nothing else of it is opened: a revocation may not depend on it. Raises Unreadable where no head matches its MAC.
        """

    def get(self, declaration: str) -> tuple[ClientKeys, StoredDeclaration] | None:
        """Give one declaration with all of it that can be opened; None where there is none, or its client was erased.

        Raises Unreadable where nobody can read its head.
        """

    def proof(self, declaration: str) -> Proof | None:
        """Give what proves one declaration; None where there is none. Raises ProofOver, Unreadable."""

    def page(self, client: ClientKeys, cursor: Cursor) -> Page[StoredDeclaration | Headless]:
        """List a client's declarations in the order of acceptance."""

    def change(self, client: ClientKeys, head: Head, at: datetime, *events: str) -> None:
        """Store the next version of a head, and history lines. Raises Stale where another version came in between."""

    def add_evidence(self, client: ClientKeys, declaration: str, evidence: Evidence) -> None:
        """Store one piece of evidence, sealed under the proof key and bound to its declaration."""

    def add_reason(self, client: ClientKeys, declaration: str, at: datetime, reason: str) -> None:
        """Store why something was revoked, sealed under the proof key."""

    def reasons(self, client: ClientKeys, declaration: str) -> tuple[tuple[datetime, str], ...]:
        """Give why something was revoked or paused, oldest first. Raises Unreadable."""

    def evidence_content(self, client: ClientKeys, declaration: str, piece: str) -> bytes | None:
        """Load the content of one piece of evidence; None where it has none. Raises Unreadable."""

    def running_out(self, by: str, cursor: Cursor) -> Page[tuple[ClientKeys, str, tuple[VerifiedDeclaration, ...]]]:
        """List declarations whose last day is this one (``2026-12-31``) or lies before it, in the order of acceptance.

        Each with its client and all that is readable of the same client and partner. In what state they are, nobody has looked at;
        one whose end was dealt with is left out, and so is an erased client. Raises BadCursor.
        """

    def may_have_ended(self, before: str, limit: int) -> Sequence[str]:
        """Name declarations whose last day (``2026-12-31``) lies before this one and whose end has not been dealt with."""

    def ends_on(self, client: ClientKeys, partner: str, declaration: str, day: str) -> None:
        """Have it looked at after this day."""

    def ended(self, client: ClientKeys, partner: str, declaration: str, at: datetime) -> None:
        """Remember that its end has been dealt with."""


class Revocations(Protocol):
    """Ends of declarations, what partners were told about them, and what they answered."""

    def add(self, revocation: Revocation) -> None:
        """Store one."""

    def get(self, revocation: str) -> Revocation | None:
        """Give one."""

    def page(self, cursor: Cursor) -> Page[Revocation]:
        """List all, oldest first."""

    def unanswered(self, cursor: Cursor) -> Page[Revocation]:
        """List those with a notice that was not answered, or without any, oldest first."""

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
