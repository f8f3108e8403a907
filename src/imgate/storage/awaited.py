"""Delivered messages of which the partner's own word is still to come."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from imgate.plugin_api import Sent
from imgate.storage.message_tables import awaited
from imgate.storage.session import Session
from imgate.storage.statement import Statement

# Most partners answer soon; who has not will hardly do so in the next seconds.
_SOON = timedelta(seconds=2)
_c = awaited.c
_THIS = _c.exchange == bindparam("exchange_id")
_ADD = Statement(lambda insert: insert(awaited).on_conflict_do_nothing(), _c)
_DUE = Statement(
    select(_c.exchange, _c.note, _c.sent_at)
    .where(_c.partner == bindparam("of_partner"), _c.due_at <= bindparam("at"))
    .order_by(_c.due_at, _c.exchange)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_AGAIN = Statement(update(awaited).where(_THIS).values(due_at=bindparam("again_at")))
_NOW = Statement(update(awaited).where(_c.partner == bindparam("of_partner"), _c.due_at > bindparam("at")).values(due_at=bindparam("at")))
_SETTLE = Statement(delete(awaited).where(_THIS))


class SqlAwaited:
    """Whose word is still to come."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, exchange: str, partner: str, note: str | None, at: datetime) -> None:
        """Wait for it. Nothing happens where it is waited for already."""
        _ADD.run(self._on, exchange=exchange, partner=partner, note=note, sent_at=at, due_at=at)

    def due(self, partner: str, at: datetime, again_at: datetime, limit: int) -> tuple[Sent, ...]:
        """Give those to ask about now; they are due again when their age has doubled, at ``again_at`` at the latest."""
        sent = tuple(Sent(*row) for row in _DUE.all(self._on, of_partner=partner, at=at, limit=limit))
        for each in sent:
            _AGAIN.run(self._on, exchange_id=each.message_id, again_at=min(again_at, at + max(_SOON, at - each.sent_at)))
        return sent

    def ask_now(self, partner: str, at: datetime) -> None:
        """Make all of a partner's due: it said that there is news."""
        _NOW.run(self._on, of_partner=partner, at=at)

    def settle(self, exchange: str) -> None:
        """Wait no longer."""
        _SETTLE.run(self._on, exchange_id=exchange)
