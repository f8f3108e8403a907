"""Exchanges, and the messages that they are: on their way out, on their way in, and what was handed out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from imgate.exchange.ports.pages import DayCount, Flow, Wanted
from imgate.exchange.ports.people import ClientKeys
from imgate.exchange.stored import (
    Breaker,
    Cursor,
    Disclosure,
    InboxItem,
    IntakeItem,
    IntakeReport,
    OutboxItem,
    Page,
    PersonReport,
    SealedBox,
    StoredExchange,
    Waiting,
)
from imgate.plugin_api import Sent
from imgate.vocabulary.words import ExchangeState


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

    def overtaken(self, exchange: str, withheld: Sequence[tuple[str, str]], at: datetime, later: str) -> None:
        """Record that a later exchange carries all of it: nothing is released any more, with a history line."""

    def standing(self, exchange: str) -> tuple[ExchangeState | None, str | None]:
        """Give the state and the client's digest as they are now; nothing of both where there is no such exchange."""

    def states(self, client: str, partner: str, states: Iterable[ExchangeState]) -> tuple[StoredExchange, ...]:
        """Give this client's outbound exchanges with this partner that are in one of these states, in the order of acceptance.

        Notices are not among them.
        """

    def in_states(self, states: Iterable[ExchangeState], cursor: Cursor, partner: str | None = None) -> Page[StoredExchange]:
        """List the exchanges of all clients that are in one of these states, notices too, oldest first, without their history.

        Raises BadCursor.
        """

    def daily(self, since: datetime, zone: ZoneInfo) -> Sequence[DayCount]:
        """Count the exchanges that began at this moment or later, by the zone's days, oldest first. Notices are not counted."""


class Outbox(Protocol):
    """Messages to partners, until acknowledged or handed over."""

    def add(self, exchange: StoredExchange, waiting: Waiting) -> None:
        """Store the message of an exchange; one that is handed over is due at once, or when it is no longer held."""

    def page(self, partner: str, cursor: Cursor, at: datetime) -> Page[OutboxItem]:
        """List what this partner has not acknowledged, oldest first; only what the partner fetches, and nothing that is held."""

    def search(self, partner: str, cursor: Cursor, at: datetime, wanted: Wanted) -> Page[OutboxItem]:
        """List what ``page`` would, as far as it is wanted.

        A reference is compared as it stood when the message was written. Newest first, ``next`` leads to what is older only.
        """

    def get(self, partner: str, exchange: str) -> OutboxItem | None:
        """Give one item that is this partner's."""

    def older(self, before: datetime, limit: int) -> tuple[OutboxItem, ...]:
        """Give what has been stored since before this time and is not on its way just now, the oldest first."""

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

    def hold(self, exchange: str, until: datetime) -> None:
        """Keep a lease until then."""

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
        """Give all that is known, by partner."""


class Awaited(Protocol):
    """Delivered messages of which the partner's own word is still to come."""

    def add(self, exchange: str, partner: str, note: str | None, at: datetime) -> None:
        """Wait for it. Nothing happens where it is waited for already."""

    def due(self, partner: str, at: datetime, again_at: datetime, limit: int) -> tuple[Sent, ...]:
        """Give those to ask about now; they are due again when their age has doubled, at ``again_at`` at the latest."""

    def ask_now(self, partner: str, at: datetime) -> None:
        """Make all of a partner's due: it said that there is news."""

    def settle(self, exchange: str) -> None:
        """Wait no longer."""


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

    def done(
        self,
        receipt: str,
        at: datetime,
        people: Sequence[PersonReport],
        problems: Sequence[Mapping[str, object]],
        attachments: Sequence[Mapping[str, object]] = (),
        end_of_use: Mapping[str, object] | None = None,
    ) -> bool:
        """Store what became of a message and delete its body; tell whether it still waited for that, and do nothing otherwise."""

    def get(self, receipt: str) -> IntakeReport | None:
        """Give one report."""

    def page(self, partner: str | None, cursor: Cursor) -> Page[IntakeReport]:
        """List reports, oldest first."""

    def with_unknown(self, cursor: Cursor) -> Page[IntakeReport]:
        """List the reports that hold an unknown person's reference, oldest first."""


class Disclosures(Protocol):
    """Who received or sent which scopes, when, under which declaration: one row per hand-out, never shortened."""

    def add(self, disclosure: Disclosure) -> None:
        """Record one hand-out."""

    def page(self, client: str, cursor: Cursor) -> Page[Disclosure]:
        """List a client's (by digest) disclosures in their order."""

    def of(self, client: str) -> tuple[Disclosure, ...]:
        """Give all of a client's (by digest) disclosures in both directions, in their order, each once."""

    def any_of(self, client: str, exchange: str) -> bool:
        """Tell whether anything of this client's (by digest) exchange was handed out."""

    def to_partners(self, client: str, partner: str | None = None) -> tuple[Disclosure, ...]:
        """Give what was handed out to partners, or to this one, in its order."""

    def flows(self, since: datetime) -> Sequence[Flow]:
        """Count what was handed out at this moment or later, scope by scope."""
