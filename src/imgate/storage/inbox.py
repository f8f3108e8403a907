"""What partners sent and the client allowed, until the case system acknowledges it. Payloads are sealed before they come here."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from imgate.exchange.ports import ClientKeys
from imgate.exchange.stored import Cursor, InboxItem, Page
from imgate.storage.exchanges import COLUMNS, exchange_of
from imgate.storage.message_tables import exchanges, inbox
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_c = inbox.c
_SHOWN = (*COLUMNS, _c.named, _c.handed_out_at)
_JOIN = exchanges.join(inbox, _c.exchange == exchanges.c.id)
_THIS = _c.exchange == bindparam("exchange_id")
_ADD = insert_into(inbox)
_LISTING = Listing(inbox, _SHOWN, join=_JOIN)
_ONE = select(*_SHOWN).select_from(_JOIN).where(_THIS)
_GETS = {False: Statement(_ONE), True: Statement(_ONE.with_for_update(of=inbox))}
_OF_CLIENT = (
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(exchanges.c.client == bindparam("client"), exchanges.c.partner == bindparam("partner"))
    .order_by(_c.written_in, _c.position)
)
_OLDER = Statement(
    select(*_SHOWN)
    .select_from(_JOIN)
    .where(exchanges.c.created_at < bindparam("before"))
    .order_by(_c.position)
    .limit(bindparam("limit"))
    .with_for_update(of=inbox, skip_locked=True)
)
_WAITING = {False: Statement(_OF_CLIENT), True: Statement(_OF_CLIENT.with_for_update(of=inbox))}
_SEALED = Statement(select(_c.record).where(_THIS))
_REPLACE = Statement(update(inbox).where(_THIS).values(named=bindparam("to_named"), record=bindparam("to_record")))
_HANDED_OUT = Statement(update(inbox).where(_THIS).values(handed_out_at=bindparam("at"), handed_out_count=_c.handed_out_count + 1))
_DELETE = Statement(delete(inbox).where(_THIS))


class SqlInbox:
    """What partners sent and the client allowed."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, client: ClientKeys, exchange: str, named: Mapping[str, str], sealed: bytes) -> None:  # as in the outbox
        """Store a released part."""
        _ADD.run(self._on, exchange=exchange, named=named, handed_out_at=None, handed_out_count=0, record=sealed)

    def page(self, cursor: Cursor) -> Page[InboxItem]:
        """List what is not acknowledged, oldest first."""
        return _LISTING.page(self._on, cursor, _item)

    def get(self, exchange: str) -> InboxItem | None:
        """Give one item."""
        row = _GETS[self._on.locks].first(self._on, exchange_id=exchange)
        return None if row is None else _item(row)

    def sealed(self, exchange: str) -> bytes | None:
        """Load the payload."""
        row = _SEALED.first(self._on, exchange_id=exchange)
        return None if row is None else row[0]

    def replace(self, exchange: str, named: Mapping[str, str], sealed: bytes) -> None:
        """Store what was minimised further."""
        _REPLACE.run(self._on, exchange_id=exchange, to_named=named, to_record=sealed)

    def handed_out(self, exchange: str, at: datetime) -> None:
        """Record a hand-out."""
        _HANDED_OUT.run(self._on, exchange_id=exchange, at=at)

    def older(self, before: datetime, limit: int) -> tuple[InboxItem, ...]:
        """Give what has been stored since before this time, the oldest first."""
        return tuple(_item(row) for row in _OLDER.all(self._on, before=before, limit=limit))

    def waiting(self, client: str, partner: str) -> tuple[InboxItem, ...]:
        """Give what is stored of this client from this partner."""
        return tuple(_item(row) for row in _WAITING[self._on.locks].all(self._on, client=client, partner=partner))

    def delete(self, exchange: str) -> None:
        """Delete the payload."""
        _DELETE.run(self._on, exchange_id=exchange)


def _item(row: Row) -> InboxItem:
    named, handed_out_at = row[len(COLUMNS) :]
    return InboxItem(exchange_of(row[: len(COLUMNS)]), named, handed_out_at)
