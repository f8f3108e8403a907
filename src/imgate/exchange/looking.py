"""The access log: which person or system looked at which client, when, through which door.

Nothing of a client can be read without the client's keys. So the store tells whose keys were opened, and whoever answers puts those on
record before the answer goes: a page or a route that somebody adds later cannot forget to. It may be told too much (what was opened
and not shown), never too little. Changes are on the audit log, which names who made them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imgate.exchange.context import Corridor
from imgate.exchange.listing import page_of, shown_at
from imgate.exchange.ports import Look, Transaction
from imgate.exchange.stored import Cursor, Page
from imgate.vocabulary.words import Door

Seen = set[str | None]


def opened(client: str | None) -> None:
    """Say that the keys of this client (by digest) were opened, or (None) the reference of a person whom nobody knows. For the store."""
    watch = _watch.get()
    if watch is not None:
        watch.seen.add(client)


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks, and at what kind of thing: a ``Look`` but for the time and the client."""

    actor: str
    door: Door
    what: str
    partner: str | None = field(default=None)

    def at(self, moment: datetime, clients: Iterable[str | None]) -> list[Look]:
        """Give one look at each of these clients (by digest; None: at people whom nobody knows)."""
        return [Look(moment, self.actor, self.door, self.what, self.partner, client) for client in sorted(clients, key=str)]


@dataclass(frozen=True, slots=True)
class _Watch:
    """What is gathered, and who looks, where that is known from the beginning."""

    looker: Looker | None
    seen: Seen


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(looker: Looker | None = None) -> Iterator[Seen]:
    """Gather the digests of the clients whose keys are opened inside, also in threads that it waits for."""
    watch = _Watch(looker, set())
    before = _watch.set(watch)
    try:
        yield watch.seen
    finally:
        _watch.reset(before)


def put_on_record(corridor: Corridor) -> None:
    """Put on record at whom the looker has looked since the last time; nothing happens where none is watched."""
    watch = _watch.get()
    if watch is None or watch.looker is None or not watch.seen:
        return
    looks = watch.looker.at(corridor.clock(), watch.seen)
    with corridor.store.transaction() as tx:
        tx.looks.add(looks)
    watch.seen.clear()


def looked(corridor: Corridor, looker: Looker, client: str | None = None) -> None:
    """Put a look on record that no keys were opened for: at this client (the case system's reference), or at nobody by name."""
    with corridor.store.transaction() as tx:
        digest = _digest_of(tx, client)
        tx.looks.add([Look(corridor.clock(), looker.actor, looker.door, looker.what, looker.partner, digest)])


def _digest_of(tx: Transaction, client: str | None) -> str | None:
    """Find a client without being seen to: that somebody asks for the client's part of the log, ``looked`` puts on record itself."""
    with watching():
        keys = None if client is None else tx.clients.find(client)
    return None if keys is None else keys.digest


@contextmanager
def looking(corridor: Corridor, looker: Looker) -> Iterator[None]:
    """Put on record, at the end, at whom was looked inside, also where something was raised. What was found is to wait until then."""
    with watching(looker):
        try:
            yield
        finally:
            put_on_record(corridor)


def looks(
    corridor: Corridor,
    reader: Looker,
    cursor: Cursor,
    *,
    client: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
) -> dict[str, Any]:
    """List who looked, oldest first; with ``client`` (the case system's reference) at whom. That the log is read is itself put on record.

    Of a client who is unknown, or was erased, there is nothing. Raises BadCursor.
    """
    looked(corridor, reader, client)
    with corridor.store.reading() as tx:
        digest = _digest_of(tx, client)
        if client is not None and digest is None:
            return {"items": []}
        page = tx.looks.page(cursor, client=digest, actor=actor, since=since)
        return page_of(page, lambda look: _shown(tx, look))


def newest_looks(
    corridor: Corridor,
    reader: Looker,
    cursor: Cursor,
    *,
    client: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page[Look]:
    """List who looked, newest first, and name nobody: at whom it was is a digest, which is shown to nobody.

    Else as ``looks``: that the log is read is put on record, and of a client who is unknown, or was erased, there is nothing.
    """
    looked(corridor, reader, client)
    with corridor.store.reading() as tx:
        digest = _digest_of(tx, client)
        if client is not None and digest is None:
            return Page((), None)
        return tx.looks.page(cursor, client=digest, actor=actor, since=since, until=until, newest_first=True)


def _shown(tx: Transaction, look: Look) -> dict[str, Any]:
    """Show one; after erasure nobody can say any more at whom it was."""
    client = None if look.client is None else tx.clients.by_digest(look.client)
    parts = {
        "at": shown_at(look.at),
        "actor": look.actor,
        "door": look.door.value,
        "what": look.what,
        "partner": look.partner,
        "client": client and client.reference,
    }
    return {name: part for name, part in parts.items() if part is not None}
