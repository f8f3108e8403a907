"""One unit of work over all of it, and where it is kept."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from imgate.audit.events import Event
from imgate.exchange.ports.checkpoints import Checkpoints
from imgate.exchange.ports.code_lists import CodeLists
from imgate.exchange.ports.consent import Declarations, Revocations
from imgate.exchange.ports.looks import Looks
from imgate.exchange.ports.messages import Awaited, Breakers, Disclosures, Exchanges, Inbox, Intake, Outbox
from imgate.exchange.ports.pages import ClientPages, Openings, ScopeRequests
from imgate.exchange.ports.past import Past
from imgate.exchange.ports.people import Clients, Known, Links, Origins
from imgate.exchange.stored import StoredAnswer

T = TypeVar("T")


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
    code_lists: CodeLists
    idempotency: Idempotency
    client_pages: ClientPages
    scope_requests: ScopeRequests
    openings: Openings
    looks: Looks
    checkpoints: Checkpoints
    past: Past

    def apart(self, failed: Callable[[Exception], None]) -> AbstractContextManager[None]:
        """Do a part by itself: what it did is undone where it raises, ``failed`` is told, and the rest goes on."""

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
