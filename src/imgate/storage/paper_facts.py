"""What the office's papers were made from, each time that it had changed: appended only, never changed and never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from imgate.storage.engine import is_sqlite
from imgate.storage.log_tables import paper_facts
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_c = paper_facts.c
_KEPT = (_c.at, _c.sha256, _c.facts)
_KEEPING = 0x696D67617469  # the number of the advisory lock by which processes take turns; SQLite's writers do so anyway
_HOLD = Statement(select(literal_column(f"pg_advisory_xact_lock({_KEEPING})::text")))
_ADD = insert_into(paper_facts)
_LATEST = Statement(select(_c.sha256).order_by(_c.position.desc()).limit(1))
_ALL = Statement(select(_c.at, _c.sha256).order_by(_c.position))
_UNTIL = Statement(select(*_KEPT).where(_c.at <= bindparam("until")).order_by(_c.position.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """Facts as they were kept, of whatever version."""

    at: datetime
    sha256: str
    facts: Mapping[str, Any]


class SqlPaperFacts:
    """The facts that were kept."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def keep(self, facts: Mapping[str, Any], sha256: str, at: datetime) -> bool:
        """Keep them if they are not the last that were kept; tell whether they were not. Until the commit nobody else keeps any."""
        if not is_sqlite(self._on.dialect):
            _HOLD.first(self._on)
        last = _LATEST.first(self._on)
        if last is not None and last[0] == sha256:
            return False
        _ADD.run(self._on, at=at, sha256=sha256, facts=facts)
        return True

    def all(self) -> Sequence[tuple[datetime, str]]:
        """Give when any were kept, with their digests, the oldest first."""
        return [(at, sha256) for at, sha256 in _ALL.all(self._on)]

    def held_at(self, at: datetime) -> KeptFacts | None:
        """Give those that held at a moment; None before the first."""
        row: Row | None = _UNTIL.first(self._on, until=at)
        return None if row is None else KeptFacts(*row)
