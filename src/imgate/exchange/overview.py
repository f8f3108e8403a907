"""The gateway at a glance, for whoever answers for it: numbers, states and ids. Nothing here names a client."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from imgate.exchange.breaker import FAILURES
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.worklist import running_out
from imgate.exchange.ports import DayCount, Flow, Transaction
from imgate.exchange.stored import Breaker, Cursor, StoredExchange
from imgate.vocabulary.words import Direction, ExchangeState

# More than so many are not counted one by one: it makes no difference to what has to be done.
COUNTED = 200
# So long a message may wait before somebody should ask why.
LONG = timedelta(days=3)

# A worker looks every two seconds. What is due for so long is looked at by none.
_IDLE = timedelta(minutes=10)
_LOOKED_AT = 20

_OUTBOUND = frozenset({ExchangeState.QUEUED, ExchangeState.FAILED})


@dataclass(frozen=True, slots=True)
class Tally:
    """So many; ``more``: at least."""

    count: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How one partner stands: whether it could be reached, what waits for it, since when, and what has failed.

    ``stuck``: something is due that no worker takes, though the partner is not being left in peace.
    """

    partner: str
    breaker: Breaker
    waiting: Tally
    long_waiting: Tally
    failed: Tally
    oldest_at: datetime | None
    stuck: bool


def standings(corridor: Corridor) -> Mapping[str, Standing]:
    """Say how each configured partner stands."""
    at = corridor.clock()
    with corridor.store.reading() as tx:
        breakers = tx.breakers.all()
        return {partner: _standing(tx, partner, breakers.get(partner, Breaker()), at) for partner in corridor.partners}


def _standing(tx: Transaction, partner: str, breaker: Breaker, at: datetime) -> Standing:
    waiting = _first(tx, (ExchangeState.QUEUED,), partner)
    failed = _first(tx, (ExchangeState.FAILED,), partner)
    return Standing(
        partner,
        breaker,
        _tally(waiting),
        _tally(exchange for exchange in waiting if exchange.created_at <= at - LONG),
        _tally(failed),
        waiting[0].created_at if waiting else None,
        breaker.failures < FAILURES and (breaker.open_until is None or breaker.open_until <= at) and _is_stuck(tx, waiting, at),
    )


def _is_stuck(tx: Transaction, waiting: Iterable[StoredExchange], at: datetime) -> bool:
    """Tell whether the first message of somebody is long due. Those behind it wait for it, and say nothing."""
    firsts = {exchange.client: exchange for exchange in reversed([*islice(waiting, _LOOKED_AT)])}
    items = [tx.outbox.get(exchange.partner, exchange.id) for exchange in firsts.values()]
    before = at - _IDLE
    return any(
        item is not None and item.due_at is not None and item.due_at <= before and (item.begun_at is None or item.begun_at <= before)
        for item in items
    )


def overdue(corridor: Corridor, days: int) -> Tally:
    """Count what waits or has failed for longer than ``days``: the next sweep takes it (see ``retention``)."""
    before = corridor.clock() - timedelta(days=days)
    with corridor.store.reading() as tx:
        return _tally(exchange for exchange in _first(tx, _OUTBOUND, None) if exchange.created_at < before)


def ending_soon(corridor: Corridor, days: int) -> Tally:
    """Count the declarations that end within so many days and that nothing replaces."""
    count, after = 0, None
    while True:
        page = running_out(corridor, days, Cursor(after, COUNTED))
        count, after = count + len(page["items"]), page.get("next")
        if after is None or count > COUNTED:
            return Tally(min(count, COUNTED), more=count > COUNTED)


def deliveries_by_day(corridor: Corridor, days: int) -> Sequence[DayCount]:
    """Count what was meant for partners by the days on which it began: today, and as many days before that it makes ``days``."""
    with corridor.store.reading() as tx:
        counts = tx.exchanges.daily(_begins(corridor, days), corridor.policy.zone)
    return [count for count in counts if count.direction is Direction.TO_PARTNER]


def scope_flows(corridor: Corridor, days: int) -> Sequence[Flow]:
    """Count what was handed out in these days, scope by scope, in both directions."""
    with corridor.store.reading() as tx:
        return tx.disclosures.flows(_begins(corridor, days))


def _begins(corridor: Corridor, days: int) -> datetime:
    zone = corridor.policy.zone
    first = corridor.clock().astimezone(zone).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), zone).astimezone(UTC)


def _first(tx: Transaction, states: Iterable[ExchangeState], partner: str | None) -> tuple[StoredExchange, ...]:
    """Give the oldest, one more than are counted."""
    return tx.exchanges.in_states(states, Cursor(limit=COUNTED + 1), partner).items


def _tally(found: Iterable[object]) -> Tally:
    count = sum(1 for _ in found)
    return Tally(min(count, COUNTED), more=count > COUNTED)
