"""The log as a file that can be verified without the database: what ``audit.verify`` says an export is."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import bindparam, select

from imgate.audit.verify import VerifierKey
from imgate.storage.checkpoints import SqlCheckpoints
from imgate.storage.log_columns import ENTRY, LEAF
from imgate.storage.schema import audit_log
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.store import SqlStore

_BATCH = 1000
_LAST = 2**63 - 1  # a place that is no number would come behind it, and is missing in the export
_c = audit_log.c
_READ = Statement(
    select(_c.place, LEAF, ENTRY).where(_c.place > bindparam("after"), _c.place <= _LAST).order_by(_c.place).limit(bindparam("limit"))
)


def export_log(store: SqlStore, log: VerifierKey, out: BinaryIO) -> int:
    """Write the placed entries and the checkpoints, on one snapshot; give how many entries. Blocks. Verifies nothing."""
    head = {"format": "imgate-audit-export/1", "origin": log.name, "vkey": str(log)}
    out.write(_line(head))
    count = 0
    with store.reading() as tx:
        for line in _entries(tx.session):
            out.write(line)
            count += 1
        out.writelines(_line({"checkpoint": each.note}) for each in SqlCheckpoints(tx.session).every())
    return count


def _entries(session: Session) -> Iterator[bytes]:
    after = -1
    while rows := _READ.all(session, after=after, limit=_BATCH):
        after = rows[-1][0]
        for place, leaf, content in rows:
            yield b'{"place":%d,"leaf":"%b","entry":%b}\n' % (place, leaf.hex().encode(), content)


def _line(said: dict[str, str]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
