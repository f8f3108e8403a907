"""Clients with their keys and links, what partners were sent of them last, and where their data came from."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from imgate.exchange.stored import KnownValue, Link


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


class Links(Protocol):
    """Under what partners know clients."""

    def get(self, client: ClientKeys, partner: str) -> Link | None:
        """Give the link, if it is there and matches its MAC."""

    def partners(self, client: ClientKeys) -> tuple[str, ...]:
        """Name the partners for whom a link is stored, whether or not it matches its MAC."""

    def stamp(self, client: str, partner: str) -> object:
        """Give what ``Link.stamp`` of the link would be now; None where there is none.

        Whoever asks holds the link until the commit, so that messages about one client to one partner are accepted one
        after the other.
        """

    def digest_of(self, partner: str, reference: str) -> str:
        """Give the keyed digest of a reference, whether or not it is anybody's."""

    def by_reference(self, partner: str, reference: str) -> ClientKeys | None:
        """Find the client whom this partner knows under this reference, if the link matches its MAC."""

    def put(self, client: ClientKeys, partner: str, reference: str, at: datetime) -> Link:
        """Set the link. Raises ReferenceTaken where the reference belongs to another client."""

    def delete(self, client: ClientKeys, partner: str) -> bool:
        """Remove the link; tell whether there was one."""


class Known(Protocol):
    """What subscribed partners were sent last, per client, partner and purpose: scope to keyed digest, never a value.

    In the place of a purpose stands ``legal_circle`` for what the case system took from a partner (see ``responsibility``).
    """

    def of(self, client: str, partner: str, purpose: str) -> Mapping[str, KnownValue]:
        """Give what is known."""

    def put(self, client: str, partner: str, purpose: str, values: Mapping[str, KnownValue]) -> None:
        """Remember these besides what is known."""

    def forget_exchange(self, client: str, partner: str, exchange: str, scopes: Iterable[str] | None = None) -> None:
        """Forget what this exchange carried, or these scopes of it."""

    def forget(self, client: str, partner: str, scopes: Iterable[str] | None = None) -> None:
        """Forget these scopes under every purpose, or all."""


class Origins(Protocol):
    """Which partner delivered which scope for a client (released inbound and handed out in the inbox)."""

    def of(self, client: str) -> frozenset[str]:
        """Give the scopes that some partner delivered for this client before."""

    def add(self, client: str, partner: str, scopes: Iterable[str]) -> None:
        """Remember what was handed out."""
