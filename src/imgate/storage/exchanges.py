"""The history of exchanges: scopes and reasons, never values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert, literal, or_, select, update

from imgate.exchange.ports import DayCount, Stale
from imgate.exchange.stored import Cursor, Page, StoredExchange
from imgate.storage.engine import misses_row
from imgate.storage.message_tables import exchange_history, exchanges
from imgate.storage.pages import Listing
from imgate.storage.session import Session
from imgate.storage.statement import Row, Statement, insert_into
from imgate.vocabulary.words import Direction, ExchangeState

_c, _h = exchanges.c, exchange_history.c
# In this order everywhere: see ``exchange_of``.
COLUMNS = (
    _c.id,
    _c.client,
    _c.partner,
    _c.direction,
    _c.purpose,
    _c.state,
    _c.created_at,
    _c.released,
    _c.withheld,
    _c.declarations,
    _c.receipt,
    _c.attempts,
    _c.notice,
)
_THIS = _c.id == bindparam("exchange")
_ADD = insert_into(exchanges)
_ADD_LINE = Statement(
    insert(exchange_history).from_select(
        [_h.exchange, _h.line, _h.at, _h.state, _h.detail],
        select(
            bindparam("of_exchange", type_=_h.exchange.type),
            func.coalesce(func.max(_h.line), literal(0)) + 1,
            bindparam("line_at", type_=_h.at.type),
            bindparam("line_state", type_=_h.state.type),
            bindparam("line_detail", type_=_h.detail.type),
        ).where(_h.exchange == bindparam("of_exchange", type_=_h.exchange.type)),
        include_defaults=False,
    )
)
_GET = Statement(select(*COLUMNS).where(_THIS))
# A notice tells the end of use and passes nothing: it stands with its revocation, not among the exchanges.
_LISTING = Listing(exchanges, COLUMNS, _c.client == bindparam("client"), _c.notice.is_(None))
_OUTBOUND = Statement(
    select(*COLUMNS)
    .where(
        _c.client == bindparam("client"),
        _c.partner == bindparam("partner"),
        _c.direction == Direction.TO_PARTNER.value,
        _c.notice.is_(None),
    )
    .order_by(_c.written_in, _c.position)
)
_COUNTED = Statement(
    select(_c.partner, _c.direction, _c.state, func.count())
    .where(_c.created_at >= bindparam("since"), _c.created_at < bindparam("before"), _c.notice.is_(None))
    .group_by(_c.partner, _c.direction, _c.state)
    .order_by(_c.partner, _c.direction, _c.state)
)
_NEWEST = Statement(select(func.max(_c.created_at)))
_HISTORY = Statement(select(_h.at, _h.state, _h.detail).where(_h.exchange == bindparam("exchange")).order_by(_h.line))
_OVERTAKEN = Statement(
    update(exchanges)
    .where(_THIS)
    .values(state=ExchangeState.OVERTAKEN.value, released=bindparam("to_released"), withheld=bindparam("to_withheld"))
)
_STANDING = Statement(select(_c.state, _c.client).where(_THIS))
_MOVE = Statement(update(exchanges).where(_THIS).values(state=bindparam("to_state")))
_NARROW = Statement(
    update(exchanges)
    .where(_THIS)
    .values(released=bindparam("to_released"), withheld=bindparam("to_withheld"), declarations=bindparam("to_declarations"))
)


@cache
def _in_states(states: frozenset[ExchangeState], *, of_partner: bool) -> Listing:
    of_these = or_(*(_c.state == state.value for state in sorted(states)))
    return Listing(exchanges, COLUMNS, of_these, *([_c.partner == bindparam("of_partner")] if of_partner else []))


def first_state(exchange: StoredExchange) -> str:
    """Give the state in which an exchange began: it is not stored, because it follows."""
    if exchange.state is ExchangeState.WITHHELD:
        return exchange.state.value
    return (ExchangeState.QUEUED if exchange.direction is Direction.TO_PARTNER else ExchangeState.RECEIVED).value


def exchange_of(row: Row) -> StoredExchange:
    """Make an exchange of a row with ``COLUMNS``."""
    exchange, client, partner, direction, purpose, state, created_at, released, withheld, declarations, receipt, attempts, notice = row
    return StoredExchange(
        id=exchange,
        client=client,
        partner=partner,
        direction=Direction(direction),
        purpose=purpose,
        state=ExchangeState(state),
        created_at=created_at,
        released=tuple(released),
        withheld=tuple((scope, reason) for scope, reason in withheld),
        declarations=tuple(declarations),
        receipt=receipt,
        attempts=attempts,
        notice=notice,
    )


class SqlExchanges:
    """The history of exchanges."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def add(self, exchange: StoredExchange, by: bytes | None = None) -> None:
        """Store a new exchange, which is the first line of its history. Raises Stale where the client was erased in the meantime."""
        try:
            _ADD.run(
                self._on,
                id=exchange.id,
                client=exchange.client,
                partner=exchange.partner,
                direction=exchange.direction.value,
                purpose=exchange.purpose,
                state=exchange.state.value,
                created_at=exchange.created_at,
                released=exchange.released,
                withheld=exchange.withheld,
                declarations=exchange.declarations,
                receipt=exchange.receipt,
                attempts=exchange.attempts,
                by=by,
                notice=exchange.notice,
            )
        except self._on.dialect.loaded_dbapi.IntegrityError as error:
            if misses_row(error):
                raise Stale from error
            raise

    def get(self, exchange: str) -> StoredExchange | None:
        """Give one exchange with its history."""
        row = _GET.first(self._on, exchange=exchange)
        return None if row is None else self._with_history(row)

    def page(self, client: str, cursor: Cursor) -> Page[StoredExchange]:
        """List a client's exchanges (by digest) in the order of acceptance."""
        return _LISTING.page(self._on, cursor, self._with_history, client=client)

    def move(self, exchange: str, state: ExchangeState, at: datetime, detail: str | None = None) -> None:
        """Set the state, with a history line."""
        _MOVE.run(self._on, exchange=exchange, to_state=state.value)
        _ADD_LINE.run(self._on, of_exchange=exchange, line_at=at, line_state=state.value, line_detail=detail)

    def narrow(self, exchange: str, released: Sequence[str], withheld: Sequence[tuple[str, str]], declarations: Sequence[str]) -> None:
        """Record what a later decision left of it."""
        values: Mapping[str, object] = {"to_released": list(released), "to_withheld": list(withheld), "to_declarations": list(declarations)}
        _NARROW.run(self._on, exchange=exchange, **values)

    def overtaken(self, exchange: str, withheld: Sequence[tuple[str, str]], at: datetime, later: str) -> None:
        """Record that a later exchange carries all of it: nothing is released any more, with a history line."""
        state = ExchangeState.OVERTAKEN.value
        _OVERTAKEN.run(self._on, exchange=exchange, to_released=(), to_withheld=withheld)
        _ADD_LINE.run(self._on, of_exchange=exchange, line_at=at, line_state=state, line_detail=later)

    def standing(self, exchange: str) -> tuple[ExchangeState | None, str | None]:
        """Give the state and the client's digest as they are now; nothing of both where there is no such exchange."""
        row = _STANDING.first(self._on, exchange=exchange)
        return (None, None) if row is None else (ExchangeState(row[0]), row[1])

    def states(self, client: str, partner: str, states: Iterable[ExchangeState]) -> tuple[StoredExchange, ...]:
        """Give this client's outbound exchanges with this partner that are in one of these states, without their history."""
        wanted = frozenset(states)
        found = [exchange_of(row) for row in _OUTBOUND.all(self._on, client=client, partner=partner)]
        return tuple(exchange for exchange in found if exchange.state in wanted)

    def in_states(self, states: Iterable[ExchangeState], cursor: Cursor, partner: str | None = None) -> Page[StoredExchange]:
        """List the exchanges of all clients that are in one of these states, notices too, oldest first, without their history."""
        wanted = frozenset(states)
        if not wanted:
            return Page((), None)
        if partner is None:
            return _in_states(wanted, of_partner=False).page(self._on, cursor, exchange_of)
        return _in_states(wanted, of_partner=True).page(self._on, cursor, exchange_of, of_partner=partner)

    def daily(self, since: datetime, zone: ZoneInfo) -> Sequence[DayCount]:
        """Count the exchanges that began at this moment or later, by the zone's days, oldest first. Notices are not counted."""
        newest = _NEWEST.first(self._on)
        counts: list[DayCount] = []
        if newest is None or newest[0] is None:
            return counts
        day, begins = since.astimezone(zone).date(), since
        while begins <= newest[0]:
            ends = datetime.combine(day + timedelta(days=1), time(), zone)
            for partner, direction, state, count in _COUNTED.all(self._on, since=begins, before=ends):
                counts.append(DayCount(day, partner, Direction(direction), ExchangeState(state), count))
            day, begins = ends.date(), ends
        return counts

    def _with_history(self, row: Row) -> StoredExchange:
        exchange = exchange_of(row)
        lines = tuple((at, state, detail) for at, state, detail in _HISTORY.all(self._on, exchange=exchange.id))
        return replace(exchange, history=((exchange.created_at, first_state(exchange), None), *lines))
