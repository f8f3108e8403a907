"""Proofs about the log: its root at a size, that an entry is in it, that it still begins with what it was.

Each runs in a transaction of the caller's, on what has its place there. A tile that was changed makes another root, or a proof of
consistency that does not verify; ``verify_store`` finds the tile.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, func, literal, literal_column, select

from imgate.audit.tree import consistency_proof, inclusion_proof, root_of
from imgate.audit.verify import NotProven, leaf_hash, verify_inclusion
from imgate.storage.engine import is_sqlite
from imgate.storage.log_columns import ENTRY
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.tiles import LogBroken, Tiles

# Machines' clocks differ, and an entry is placed after it was written.
_SLACK = timedelta(minutes=15)
_LAST = 2**63 - 1  # what is no number, which SQLite would keep as well, comes behind it

_c = audit_log.c
_SIZE = Statement(select(func.coalesce(func.max(_c.place), literal(-1)) + 1))
_AT = Statement(select(ENTRY).where(_c.place == bindparam("at")))
_wanted = bindparam("wanted", type_=_c.entry.type)
_HOLDS = {True: func.instr(_c.entry, _wanted), False: func.pg_catalog.position(_c.entry, _wanted)}
_NAMING = {
    sqlite: Statement(
        select(_c.place, ENTRY)
        .where(_c.place.between(bindparam("first"), _LAST), holds > literal_column("0"))
        .order_by(_c.place)
        .limit(1000)
    )
    for sqlite, holds in _HOLDS.items()
}


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """One entry and its place. ``content`` is what is hashed."""

    place: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the log of this size and root, as ``audit.verify.verify_inclusion`` verifies it."""

    entry: PlacedEntry
    size: int
    root: bytes
    hashes: tuple[bytes, ...]


def log_size(session: Session) -> int:
    """Tell how many entries have a place."""
    row = _SIZE.first(session)
    return 0 if row is None else int(row[0])


def inclusion(session: Session, place: int, size: int) -> Inclusion:
    """Prove that the entry in this place is among the first ``size``.

    Raises ValueError where it is not, and LogBroken, also where it was changed.
    """
    tiles = Tiles(session)
    hashes, root, content = inclusion_proof(tiles.subtree, place, size), root_of(tiles.subtree, size), _content(session, place)
    try:
        verify_inclusion(leaf_hash(content), place, size, hashes, root)
    except NotProven:
        raise LogBroken("an entry or a hash is not what was written") from None
    return Inclusion(PlacedEntry(place, content), size, root, hashes)


def consistency(session: Session, first: int, second: int) -> tuple[bytes, ...]:
    """Prove that the log of the second size begins with that of the first. Raises ValueError for sizes that cannot be, and LogBroken."""
    return consistency_proof(Tiles(session).subtree, first, second)


def entries_about(session: Session, exchange: str, since: datetime) -> Sequence[PlacedEntry]:
    """Find the placed entries that name an exchange, its own and those that overtook it, in their order; at most a thousand.

    There is no index on what entries say, which would cost each entry that is written: the log is searched from shortly before
    ``since``, when the exchange was made.
    """
    first = _place_at(session, since - _SLACK)
    rows = _NAMING[is_sqlite(session.dialect)].all(session, first=first, wanted=f'"{exchange}"'.encode())
    return [PlacedEntry(place, content) for place, content in rows]


def _place_at(session: Session, at: datetime) -> int:
    """Give a place before which everything was written before that time, as far as the entries say it in order."""
    low, high = 0, log_size(session)
    while low < high:
        middle = (low + high) // 2
        if _written_at(_content(session, middle)) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _written_at(content: bytes) -> datetime:
    try:
        return datetime.fromisoformat(json.loads(content)["at"]).astimezone(UTC)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise LogBroken("an entry is not what was written") from None


def _content(session: Session, place: int) -> bytes:
    row = _AT.first(session, at=place)
    if row is None:
        raise LogBroken("an entry is missing")
    content: bytes = row[0]
    return content
