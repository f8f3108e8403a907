"""The list of what waits for a partner, as its people read it, and a search in it, which is no other thing.

What is listed is handed out: decided again by the same functions as where the partner's machine fetches, and on record before anything
is shown (see ``boxes``). No payload is opened for it. What may not be had now leaves no gap: a page is as full as if it had never been
there, because a gap would tell of somebody whose permission has ended.
"""

from dataclasses import dataclass, field
from datetime import datetime

from imgate.exchange.again import Allowed, Ground, decide_outbox, drop, ground_of, leave_on, provenance_of
from imgate.exchange.answers import Call
from imgate.exchange.boxes import hand_out
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable, Wanted
from imgate.exchange.reading import partner_of
from imgate.exchange.stored import Cursor, OutboxItem, Page
from imgate.exchange.turns import in_turn

_EVERYTHING = Wanted()
# What ended is dropped when it ends; more than a few that nobody has looked at since are a worker that stands still.
_MOST_PASSES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. ``until`` is the first day on which part of the permission ends; a ``notice`` names what has ended."""

    id: str
    reference: str = field(repr=False)
    scopes: tuple[str, ...]
    purpose: str | None
    created_at: datetime
    until: str | None
    notice: bool


@dataclass(frozen=True, slots=True)
class _Seen(Allowed):
    """What a line shows of what is allowed, without its bytes."""

    named: tuple[str, ...]
    until: str | None

    @classmethod
    def of(cls, allowed: Allowed, named: tuple[str, ...], ground: Ground | None) -> "_Seen":
        """Make it; a notice has no ground, and no last day."""
        until = None if ground is None else min(ground.decision.permitted[scope].valid_until for scope in named)
        return cls(allowed.sha256, allowed.scopes, allowed.declarations, allowed.provenance, allowed.reference, named, until)


@in_turn
def page(corridor: Corridor, call: Call, partner_id: str, cursor: Cursor, wanted: Wanted = _EVERYTHING) -> Page[Line]:
    """List what waits for this partner and may be had now; ``next`` only where something follows that may be had too.

    Raises Refused 404, BadCursor.
    """
    partner = partner_of(corridor, partner_id)
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        found = _listed(corridor, tx, call, partner, cursor, wanted, at)
        goes_on = found.next is not None and _goes_on(tx, call, partner, Cursor(found.next, 1), wanted, at)
    return Page(found.items, found.next if goes_on else None)


def _listed(corridor: Corridor, tx: Transaction, call: Call, partner: Partner, cursor: Cursor, wanted: Wanted, at: datetime) -> Page[Line]:
    """Hand out a page. Where something was dropped, what follows moves up and is looked at too."""
    lines: dict[str, Line | None] = {}
    found: Page[OutboxItem] = Page((), None)
    for _ in range(_MOST_PASSES):
        found = tx.outbox.search(partner.id, cursor, at, wanted)
        unseen = [item for item in found.items if item.exchange.id not in lines]
        lines |= {item.exchange.id: _line(corridor, tx, call, partner, item, at, wanted.reference) for item in unseen}
        if all(lines[item.exchange.id] is not None for item in unseen):
            break
    return Page(tuple(line for item in found.items if (line := lines[item.exchange.id]) is not None), found.next)


def _goes_on(tx: Transaction, call: Call, partner: Partner, cursor: Cursor, wanted: Wanted, at: datetime) -> bool:
    """Tell whether anything follows that may be had. Nothing of it is handed out yet; what may not be had is dropped on the way."""
    for _ in range(_MOST_PASSES):
        item = next(iter(tx.outbox.search(partner.id, cursor, at, wanted).items), None)
        if item is None:
            return False
        client = tx.clients.by_digest(item.exchange.client)
        if client is None or item.exchange.notice is not None or ground_of(tx, partner, client, item, at) is not None:
            return True
        drop(tx, client, item, call.actor, at, "not_permitted")
    return True


def _is_about(tx: Transaction, partner_id: str, item: OutboxItem, reference: str) -> bool:
    """Tell whether a message speaks of somebody under exactly this reference now.

    The search compared the reference that it was written under. Another may hold by now: that both are one person's, nobody is told.
    """
    client = tx.clients.by_digest(item.exchange.client)
    if client is None:
        return False
    try:
        if item.exchange.notice is not None:
            notice = tx.revocations.notice(item.exchange.notice)
            return notice is not None and notice.reference == reference
        link = tx.links.get(client, partner_id)
    except Unreadable:
        return False
    return link is not None and link.reference == reference


def _line(
    corridor: Corridor, tx: Transaction, call: Call, partner: Partner, item: OutboxItem, at: datetime, reference: str | None
) -> Line | None:
    """Hand one item out as a line; None where it may not be had now, or is not about whom was sought."""
    if reference is not None and not _is_about(tx, partner.id, item, reference):
        return None
    handed = hand_out(corridor, tx, call, partner, item, at, _seen)
    if handed is None:
        return None
    seen, exchange = handed[1], item.exchange
    return Line(exchange.id, seen.reference, seen.named, exchange.purpose, exchange.created_at, seen.until, exchange.notice is not None)


def _seen(
    corridor: Corridor, tx: Transaction, partner: Partner, client: ClientKeys, item: OutboxItem, actor: str, at: datetime
) -> _Seen | None:
    """Decide again about one line. The payload is opened only where it has to be written anew."""
    exchange = item.exchange
    if exchange.notice is not None:
        told, notice = decide_outbox(corridor, tx, partner, client, item, actor, at), tx.revocations.notice(exchange.notice)
        return None if told is None else _Seen.of(told, told.scopes if notice is None else notice.scopes, None)
    ground = ground_of(tx, partner, client, item, at)
    if ground is None:
        return None
    if ground.unchanged:
        as_it_was = Allowed(item.sha256, exchange.released, exchange.declarations, provenance_of(item), ground.link.reference)
        return _Seen.of(as_it_was, exchange.released, ground)
    leaving = leave_on(ground, corridor, tx, partner, client, item, actor, at)
    return None if leaving is None else _Seen.of(leaving, leaving.scopes, ground)
