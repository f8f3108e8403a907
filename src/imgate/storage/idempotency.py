"""Answers that were given under an Idempotency-Key: kept for 24 hours per caller and path, the key as a keyed digest."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from imgate.exchange.ports import KeyInUse
from imgate.exchange.stored import StoredAnswer
from imgate.storage.message_tables import idempotency
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.storage.vault import DIGEST_HEX

KEPT = timedelta(hours=24)

_c = idempotency.c
_FIND = Statement(select(_c.body_digest, _c.status, _c.body).where(_c.key == bindparam("key"), _c.kept_at > bindparam("since")))
# Waits, on PostgreSQL, for another transaction that stores the same key; an answer that has run out is written over.
_KEEP = Statement(
    lambda insert: (added := insert(idempotency)).on_conflict_do_update(
        index_elements=[_c.key],
        set_={name: added.excluded[name] for name in ("body_digest", "status", "kept_at", "body")},
        where=_c.kept_at <= bindparam("since", type_=_c.kept_at.type),
    ),
    _c,
)


class SqlIdempotency:
    """Answers that were given under an Idempotency-Key."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._mac = session.vault.idempotency

    def find(self, caller: str, path: str, key: str, at: datetime) -> StoredAnswer | None:
        """Give the earlier answer, if there is one."""
        row = _FIND.first(self._on, key=self._key(caller, path, key), since=at - KEPT)
        return None if row is None else StoredAnswer(*row)

    def keep(self, caller: str, path: str, key: str, body_digest: bytes, status: int, body: bytes, at: datetime) -> None:
        """Store the answer. Raises KeyInUse where another request stored one in between (PostgreSQL: after waiting for it)."""
        kept = _KEEP.run(
            self._on,
            key=self._key(caller, path, key),
            body_digest=body_digest,
            status=status,
            kept_at=at,
            body=body,
            since=at - KEPT,
        )
        if kept != 1:
            raise KeyInUse

    def digest(self, body: bytes) -> bytes:
        """Give the keyed digest of a request body."""
        return self._mac.of(b"body", body)

    def _key(self, caller: str, path: str, key: str) -> str:
        return self._mac.of(b"key", caller.encode(), path.encode(), key.encode()).hex()[:DIGEST_HEX]
