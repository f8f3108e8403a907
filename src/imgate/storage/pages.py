"""Lists in the order of acceptance, and cursors that lose nothing.

On SQLite a row's ``position`` grows in commit order, because writers take turns. On PostgreSQL a transaction that began
earlier may commit later, so rows are ordered by the number of their transaction first, and a cursor never moves past
a row whose transaction may have a neighbour that still runs (``pg_snapshot_xmin``). Such rows are listed all the same, and are
listed once more on the next page.
"""

import base64
import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, literal_column, select, tuple_

from imgate.exchange.ports import BadCursor
from imgate.exchange.stored import Cursor, Page
from imgate.storage.engine import is_sqlite
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement

T = TypeVar("T")
_KEY = struct.Struct(">QQ")
_END = 2**63 - 1
_SETTLED = Statement(select(literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")))


class Listing:
    """A list over one table: ``select`` with further columns and conditions, its key put before the columns.

    ``newest_first`` turns it round: ``next`` then leads to what is older, and what came meanwhile is seen by who begins anew.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[ColumnElement[Any]],
        *conditions: ColumnElement[bool],
        join: Any = None,
        newest_first: bool = False,
    ) -> None:
        self._newest_first = newest_first
        key = (table.c.written_in, table.c.position)
        after: tuple[BindParameter[int], BindParameter[int]] = (bindparam("after_transaction"), bindparam("after_position"))
        listed: Select[Any] = select(*key, *columns).select_from(table if join is None else join)
        order = tuple(part.desc() for part in key) if newest_first else key
        listed = listed.order_by(*order).limit(bindparam("limit"))
        # SQLite would not look up the second half of such a pair in an index, and on SQLite the first half is always 0.
        beyond = key[1] < after[1] if newest_first else key[1] > after[1]
        # The key comes first: of two ways that seem as good SQLite takes the one that it reads first, and a condition on ``position`` that
        # few rows meet is to lead to those.
        self._sqlite = Statement(listed.where(key[0] == after[0], beyond, *conditions))
        both = tuple_(*key) < tuple_(*after) if newest_first else tuple_(*key) > tuple_(*after)
        self._reading = Statement(listed.where(both, *conditions))
        self._writing = Statement(listed.where(both, *conditions).with_for_update(of=table))

    def page(self, session: Session, cursor: Cursor, shown: Callable[[Row], T], **values: Any) -> Page[T]:
        """Give one page. Raises BadCursor."""
        after = self._begin(session) if cursor.after is None else _opened(cursor.after)
        statement = self._sqlite if is_sqlite(session.dialect) else self._writing if session.locks else self._reading
        settled = _settled(session)
        rows = statement.all(session, after_transaction=after[0], after_position=after[1], limit=cursor.limit + 1, **values)
        listed = rows[: cursor.limit]
        following = None
        if len(rows) > cursor.limit:
            passed = [(row[0], row[1]) for row in listed if self._newest_first or row[0] < settled]
            following = _sealed(passed[-1] if passed else after)
        return Page(tuple(shown(row[2:]) for row in listed), following)

    def _begin(self, session: Session) -> tuple[int, int]:
        """Give the place before the first row."""
        if not self._newest_first:
            return 0, 0
        return (0 if is_sqlite(session.dialect) else _END), _END


def _settled(session: Session) -> int:
    """Give the number below which every transaction has ended. Asked before the list is read, so that none slips in between."""
    if is_sqlite(session.dialect):
        return 1
    row = _SETTLED.first(session)
    assert row is not None  # noqa: S101  # a row without a table
    number: int = row[0]
    return number


def _sealed(key: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(_KEY.pack(*key)).decode().rstrip("=")


def _opened(text: str) -> tuple[int, int]:
    try:
        transaction, position = _KEY.unpack(base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except (ValueError, struct.error):
        raise BadCursor from None
    if _sealed((transaction, position)) != text or transaction > _END or position > _END:
        raise BadCursor
    return transaction, position
