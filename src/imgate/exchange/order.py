"""The order of messages about one client to one partner: they leave as they were accepted, and a later one overtakes what still waits.

A scope that a later message carries too is taken out of an earlier one that nobody has seen yet; the rest of it still goes. Only for
the same purpose: what a partner was given for one purpose it may not use for another, so that neither stands for the other (ADR 11).
"""

from collections.abc import Set as AbstractSet
from datetime import datetime

from imgate.exchange.ports import Transaction
from imgate.exchange.stored import StoredExchange
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import ExchangeState

# Of these a partner may hold something; what it rejected it does not hold.
_PERHAPS_HELD = tuple(state for state in ExchangeState if state is not ExchangeState.REJECTED)


def overtake(tx: Transaction, later: StoredExchange, at: datetime, *, held: bool) -> tuple[str, ...]:
    """Take out of everything that waits what this exchange carries too, before it is stored itself; give what it overtook.

    Out of what is held for a digest for whatever purpose, unless this one is ``held`` as well: it leaves before that.
    """
    overtaken: list[str] = []
    carried = frozenset(later.released)
    for earlier, held_until in tx.outbox.unseen(later.client, later.partner):
        same = earlier.purpose == later.purpose
        leaves_before = held_until is not None and held_until > at and not held
        if (same or leaves_before) and not carried.isdisjoint(earlier.released):
            take_out(tx, earlier, carried, later.id, at)
            overtaken.append(earlier.id)
            if not same:  # for that purpose the partner has not been sent it
                tx.known.forget_exchange(earlier.client, earlier.partner, earlier.id, carried)
    return tuple(overtaken)


def left_of(tx: Transaction, exchange: StoredExchange, at: datetime) -> bool:
    """Take out of a message that was given up what later ones have carried since; tell whether anything is left to send.

    What has left since, or may have, is overtaken for whatever purpose and whatever became of it: the partner is not to get an older
    value after a newer one.
    """
    accepted = tx.exchanges.states(exchange.client, exchange.partner, _PERHAPS_HELD)
    place = next(place for place, one in enumerate(accepted) if one.id == exchange.id)
    disclosed: dict[str, set[str]] = {}
    for disclosure in tx.disclosures.to_partners(exchange.client, exchange.partner):
        disclosed.setdefault(disclosure.exchange, set()).update(disclosure.scopes)
    left = exchange
    for later in accepted[place + 1 :]:
        carried = disclosed.get(later.id, set())
        overtakes = later.state is ExchangeState.QUEUED and later.purpose == exchange.purpose
        if overtakes or tx.outbox.in_flight(later.id):
            carried = carried.union(later.released)
        if not carried.isdisjoint(left.released):
            take_out(tx, left, carried, later.id, at)
            left = tx.exchanges.get(exchange.id) or left
            if left.state is ExchangeState.OVERTAKEN:
                return False
    return True


def take_out(tx: Transaction, earlier: StoredExchange, carried: AbstractSet[str], later: str, at: datetime) -> None:
    """Take these scopes out of a message that waits, and record which later exchange carries them.

    Its bytes are built anew at the next attempt, because they no longer hold what is to be decided.
    """
    rest = tuple(scope for scope in earlier.released if scope not in carried)
    lost = tuple((scope, Reason.OVERTAKEN.value) for scope in earlier.released if scope in carried)
    if rest:
        tx.exchanges.narrow(earlier.id, rest, (*earlier.withheld, *lost), earlier.declarations)
        tx.exchanges.move(earlier.id, earlier.state, at, f"overtaken_by:{later}")
    else:
        tx.outbox.delete(earlier.id)
        tx.exchanges.overtaken(earlier.id, (*earlier.withheld, *lost), at, later)
