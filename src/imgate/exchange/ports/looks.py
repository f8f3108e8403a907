"""Who looked at what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imgate.exchange.stored import Cursor, Page
from imgate.vocabulary.words import Door


@dataclass(frozen=True, slots=True)
class Look:
    """One look at something of one client (by digest), or of nobody.

    ``actor`` is a caller's or a user's id, ``client`` on a client's own page, ``operator`` on the command line. ``what`` is a route's
    template or the words of a command, ``partner`` whom it was about or for whom somebody looked.
    """

    at: datetime
    actor: str
    door: Door
    what: str
    partner: str | None = None
    client: str | None = None


class Looks(Protocol):
    """The access log."""

    def add(self, looks: Iterable[Look]) -> None:
        """Put on record who looked. A client who was erased in between is not named."""

    def page(
        self,
        cursor: Cursor,
        *,
        client: str | None = None,
        actor: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = False,
    ) -> Page[Look]:
        """List looks, oldest first: of everybody, or at this client (by digest), by this actor, since this moment, and before ``until``.

        Raises BadCursor.
        """
