"""The access log: who looked at what. It is swept when its term ends, and names a client by the digest that erasing replaces."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, insert, select

from imgate.exchange.ports import Look
from imgate.exchange.stored import Cursor, Page
from imgate.storage.log_tables import access_log
from imgate.storage.pages import Listing
from imgate.storage.schema import client_keys
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement
from imgate.vocabulary.words import Door

_c, _k = access_log.c, client_keys.c
_PLAIN = (_c.at, _c.actor, _c.door, _c.what, _c.partner)
# The client is looked up: a digest that erasing has replaced in the meantime must not come back.
_ADD = Statement(
    insert(access_log).from_select(
        [*_PLAIN, _c.client],
        select(
            *(bindparam(f"the_{column.key}", type_=column.type) for column in _PLAIN),
            select(_k.client).where(_k.client == bindparam("the_client", type_=_k.client.type)).scalar_subquery(),
        ),
        include_defaults=False,
    )
)
_WANTED = {
    "client": _c.client == bindparam("of_client"),
    "actor": _c.actor == bindparam("of_actor"),
    "since": _c.at >= bindparam("since"),
    "until": _c.at < bindparam("until"),
}


@cache
def _listing(wanted: frozenset[str], *, newest_first: bool) -> Listing:
    return Listing(access_log, (*_PLAIN, _c.client), *(_WANTED[name] for name in sorted(wanted)), newest_first=newest_first)


class SqlLooks:
    """The access log."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, looks: Iterable[Look]) -> None:
        """Put on record who looked. A client who was erased in between is not named."""
        rows = [
            {
                "the_at": look.at,
                "the_actor": look.actor,
                "the_door": look.door.value,
                "the_what": look.what,
                "the_partner": look.partner,
                "the_client": look.client,
            }
            for look in looks
        ]
        if rows:
            _ADD.many(self._on, rows)

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
        given = {"client": client, "actor": actor, "since": since, "until": until}
        wanted = frozenset(name for name, value in given.items() if value is not None)
        listing = _listing(wanted, newest_first=newest_first)
        return listing.page(self._on, cursor, _look, of_client=client, of_actor=actor, since=since, until=until)


def _look(row: Row) -> Look:
    at, actor, door, what, partner, client = row
    return Look(at, actor, Door(door), what, partner, client)
