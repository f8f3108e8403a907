"""Past decisions: the log searched for them, and what is left of what they rested on."""

import re
from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from imgate.audit.events import EventName
from imgate.exchange.ports import LogEntry, LogPart
from imgate.exchange.stored import StoredExchange
from imgate.storage.audit_pages import read_entry
from imgate.storage.heads import Heads
from imgate.storage.log_columns import COLUMNS
from imgate.storage.message_tables import disclosures, outbox
from imgate.storage.schema import audit_log, client_keys
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.vocabulary.words import SELF

# The log has no index on what it says: it is read through, and only what looks wanted is taken apart.
_PART = 1000

_c, _d, _o = audit_log.c, disclosures.c, outbox.c
_READ = Statement(select(_c.position, *COLUMNS).where(_c.position > bindparam("after")).order_by(_c.position).limit(bindparam("limit")))
_WAITING = Statement(select(_o.named, _o.provenance).where(_o.exchange == bindparam("of_exchange")))
_HANDED_OUT = Statement(
    select(_d.scopes, _d.provenance).where(_d.client == bindparam("client"), _d.exchange == bindparam("of_exchange")).order_by(_d.position)
)
_KEPT = Statement(select(client_keys.c.erased_at).where(client_keys.c.client == bindparam("client")))


class SqlPast:
    """What is known of past decisions."""

    def __init__(self, session: Session) -> None:
        self._on = session
        self._heads = Heads(session)

    def log(self, events: Collection[EventName], mentioning: str | None, after: int) -> LogPart:
        """Read on in the log, in the order of writing: give the entries of these events, and those that mention this id."""
        names = frozenset(event.value for event in events)
        words = sorted({*names, *([] if mentioning is None else [mentioning])})
        wanted = re.compile(b"|".join(re.escape(f'"{word}"'.encode()) for word in words))
        mark = None if mentioning is None else f'"{mentioning}"'.encode()
        rows = _READ.all(self._on, after=after, limit=_PART)
        entries = []
        for row in rows:
            if wanted.search(row[2]):
                one = read_entry(self._on.vault.audit_key, row)
                if not one.sound or one.event in names or (mark is not None and mark in row[2]):
                    entries.append(LogEntry(one.id, one.place, one.sound, one.at, one.event, one.fields))
        return LogPart(tuple(entries), rows[-1][0] if len(rows) == _PART else None)

    def origins(self, exchange: StoredExchange) -> Mapping[str, str]:
        """Give from where its scopes came, as far as that was recorded: for what waits for a partner, and for what was handed out."""
        kept = [*_HANDED_OUT.all(self._on, client=exchange.client, of_exchange=exchange.id)]
        kept += _WAITING.all(self._on, of_exchange=exchange.id)
        return {scope: (provenance or {}).get(scope, SELF) for scopes, provenance in kept for scope in scopes}

    def erased(self, client: str) -> bool:
        """Tell whether this client (by digest) was erased."""
        row = _KEPT.first(self._on, client=client)
        return row is None or row[0] is not None

    def unreadable(self, client: str, partner: str) -> tuple[str, ...]:
        """Name the declarations of this client (by digest) with this partner whose head nobody can read."""
        rows = self._heads.rows(client, partner)
        readable = {one.id for one in self._heads.verified(client, partner, rows)}
        return tuple(row[0] for row in rows if row[0] not in readable)
