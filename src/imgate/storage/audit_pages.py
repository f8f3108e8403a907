"""The audit log for whoever reads it page by page, the newest first; each entry is checked by itself, the whole by ``proof``."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from imgate.audit.verify import entry_mac, leaf_hash, place_mac
from imgate.storage.log_columns import COLUMNS
from imgate.storage.schema import audit_log
from imgate.storage.statement import Row, Statement

if TYPE_CHECKING:
    from imgate.storage.store import SqlStore  # which has transactions, which read past entries by this file

_c = audit_log.c
_NEWEST = 2**63 - 1
_READ = Statement(
    select(_c.position, *COLUMNS).where(_c.position < bindparam("before")).order_by(_c.position.desc()).limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """One entry as it reads. ``sound``: content, id, hash, MACs and place belong together; of one that is not, nothing is shown but the id.

    ``place`` is None until the sequencer has been there. The client's random name is not read: nobody may see it here.
    """

    id: str
    place: int | None
    sound: bool
    at: datetime | None
    event: str | None
    actor: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, the newest first; ``before`` is what the next page is asked for with, None on the last."""

    entries: tuple[ReadEntry, ...]
    before: int | None


def audit_page(store: "SqlStore", before: int | None = None, limit: int = 100) -> AuditPage:
    """Read a page of the log. Blocks."""
    with store.reading() as tx:
        rows = _READ.all(tx.session, before=_NEWEST if before is None else before, limit=limit + 1)
    shown = rows[:limit]
    return AuditPage(tuple(read_entry(store.vault.audit_key, row) for row in shown), shown[-1][0] if len(rows) > limit else None)


def read_entry(key: bytes, row: Row) -> ReadEntry:
    """Read one row: position, id, entry, leaf, MAC, place, MAC of the place."""
    _, entry, content, leaf, mac, place, mac_of_place = row
    placed = place is None or (
        place >= 0 and mac_of_place is not None and hmac.compare_digest(place_mac(key, place, entry, leaf), mac_of_place)
    )
    if not placed or leaf_hash(content) != leaf or not hmac.compare_digest(entry_mac(key, leaf), mac):
        return ReadEntry(entry, place, False, None, None, None, {})
    said = json.loads(content)
    at = datetime.fromisoformat(said["at"])
    return ReadEntry(entry, place, said["id"] == entry, at, said["event"], said["actor"], said["fields"])
