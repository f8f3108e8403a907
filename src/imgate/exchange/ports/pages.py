"""What the web pages ask for and keep about clients, and which closed scopes the office has opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from imgate.exchange.ports.people import ClientKeys
from imgate.exchange.stored import Cursor, Page
from imgate.vocabulary.words import Direction, ExchangeState


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A client's own page: the code that opens it, and how far the second factor is. ``client`` is the client's digest."""

    client: str
    code: str = field(repr=False)
    made_at: datetime
    factor_until: datetime | None
    failures: int


class ClientPages(Protocol):
    """Clients' own pages. A code is compared as it was put: whoever takes it from a person brings it into one form before."""

    def get(self, client: ClientKeys) -> ClientPage | None:
        """Give a client's page; None where none was made."""

    def put(self, client: ClientKeys, code: str, at: datetime) -> None:
        """Make a page, or give it another code: then the earlier code, its factor and whoever is on the page are gone.

        Raises Stale where the client was erased in the meantime.
        """

    def by_code(self, code: str) -> tuple[ClientKeys, ClientPage] | None:
        """Find the page that a code opens."""

    def set_factor(self, client: ClientKeys, factor: str | None, until: datetime | None) -> None:
        """Set the second factor in place of what was there, or take it away; failures count anew."""

    def failed(self, client: ClientKeys) -> int:
        """Count a failed try; give how many there were since the factor was set."""

    def factor_matches(self, client: ClientKeys, factor: str) -> bool:
        """Compare the second factor in constant time. Whether it still holds, and how many tries there were, the caller looks at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a partner looks for among what waits for it; what is not said is not asked for. ``until`` is the first moment that is too late.

    A notice of the end of use has no purpose and releases no scope, so it is found by neither.
    """

    exchange: str | None = None
    reference: str | None = field(default=None, repr=False)
    purpose: str | None = None
    scope: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """A liaison's wish for scopes: a question to the client, put to the integration manager. ``client`` is the client's digest."""

    id: str
    client: str
    partner: str
    exchange: str
    purpose: str
    scopes: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None


class ScopeRequests(Protocol):
    """What liaisons asked clients for. Goes with the client's erasure."""

    def add(self, request: ScopeRequest) -> None:
        """Store one. Raises Stale where the client was erased in the meantime."""

    def get(self, request: str) -> ScopeRequest | None:
        """Give one."""

    def open(self, cursor: Cursor) -> Page[ScopeRequest]:
        """List what nobody has answered, oldest first. Raises BadCursor."""

    def of(self, client: str, partner: str) -> tuple[ScopeRequest, ...]:
        """Give what this partner asked this client (by digest), oldest first."""

    def answer(self, request: str, answer: str, at: datetime) -> bool:
        """Store the answer; False where there is one already, or no such request."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One user of the office confirmed that a closed scope is open to a partner."""

    partner: str
    scope: str
    user: str
    confirmed_at: datetime


class Openings(Protocol):
    """Who of the office confirmed that a closed scope is open to a partner. How many it takes, the caller knows."""

    def in_use(self) -> bool:
        """Tell whether anybody was ever let onto the pages as one of the office, which no revoking takes back."""

    def all(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Give the ids of the users of the office who confirmed it and were not revoked since, by partner and scope."""

    def confirmations(self) -> tuple[Confirmation, ...]:
        """Give the same one by one, the oldest first."""

    def confirm(self, partner: str, scope: str, user: str, at: datetime) -> bool:
        """Confirm it; False where this user did so before."""

    def withdraw(self, partner: str, scope: str, user: str) -> bool:
        """Take this user's confirmation back; tell whether there was one."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """So many exchanges that began on one day and stand in this state now."""

    day: date
    partner: str
    direction: Direction
    state: ExchangeState
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """So many hand-outs that carried a scope between here and a partner."""

    partner: str
    direction: Direction
    scope: str
    count: int
