"""What liaisons asked clients for, until an integration manager answers, and after that."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from imgate.exchange.ports import ScopeRequest, Stale
from imgate.exchange.stored import Cursor, Page
from imgate.storage.client_page_tables import scope_requests
from imgate.storage.engine import misses_row
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into

_c = scope_requests.c
_COLUMNS = (_c.id, _c.client, _c.partner, _c.exchange, _c.purpose, _c.scopes, _c.asked_by, _c.asked_at, _c.answer, _c.answered_at)
_THIS = _c.id == bindparam("request")
_ADD = insert_into(scope_requests)
_GET = Statement(select(*_COLUMNS).where(_THIS))
_OPEN = Listing(scope_requests, _COLUMNS, _c.answered_at.is_(None))
_OF = Statement(
    select(*_COLUMNS).where(_c.client == bindparam("of_client"), _c.partner == bindparam("of_partner")).order_by(_c.written_in, _c.position)
)
_ANSWER = Statement(
    update(scope_requests)
    .where(_THIS, _c.answered_at.is_(None))
    .values(answer=bindparam("to_answer"), answered_at=bindparam("to_answered_at"))
)


class SqlScopeRequests:
    """What liaisons asked clients for."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, request: ScopeRequest) -> None:
        """Store one. Raises Stale where the client was erased in the meantime."""
        try:
            _ADD.run(
                self._on,
                id=request.id,
                client=request.client,
                partner=request.partner,
                exchange=request.exchange,
                purpose=request.purpose,
                scopes=request.scopes,
                asked_by=request.asked_by,
                asked_at=request.asked_at,
                answer=request.answer,
                answered_at=request.answered_at,
            )
        except self._on.dialect.loaded_dbapi.IntegrityError as error:
            if misses_row(error):
                raise Stale from error
            raise

    def get(self, request: str) -> ScopeRequest | None:
        """Give one."""
        row = _GET.first(self._on, request=request)
        return None if row is None else _request(row)

    def open(self, cursor: Cursor) -> Page[ScopeRequest]:
        """List what nobody has answered, oldest first. Raises BadCursor."""
        return _OPEN.page(self._on, cursor, _request)

    def of(self, client: str, partner: str) -> tuple[ScopeRequest, ...]:
        """Give what this partner asked this client (by digest), oldest first."""
        return tuple(_request(row) for row in _OF.all(self._on, of_client=client, of_partner=partner))

    def answer(self, request: str, answer: str, at: datetime) -> bool:
        """Store the answer; False where there is one already, or no such request."""
        return _ANSWER.run(self._on, request=request, to_answer=answer, to_answered_at=at) == 1


def _request(row: Row) -> ScopeRequest:
    request, client, partner, exchange, purpose, scopes, asked_by, asked_at, answer, answered_at = row
    return ScopeRequest(request, client, partner, exchange, purpose, tuple(scopes), asked_by, asked_at, answer, answered_at)
