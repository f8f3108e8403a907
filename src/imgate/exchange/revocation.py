"""What a revocation, a pause, a successor or another link does to what waits: it is decided again at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from imgate.adapters.errors import AdapterFault
from imgate.exchange.again import decide_inbox, decide_outbox, drop
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys, Transaction, Unreadable, Unsigned


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What became of it: how many were cancelled, which were handed out before, and which are on their way just now."""

    cancelled: int
    already_sent: tuple[str, ...]
    in_flight: tuple[str, ...]


def withdraw(
    corridor: Corridor,
    tx: Transaction,
    client: ClientKeys,
    partner_id: str,
    actor: str,
    at: datetime,
    *,
    declaration: str | None = None,
) -> Withdrawal:
    """Decide again about everything that waits between this client and this partner, in the caller's transaction.

    ``already_sent`` names what was handed out, under this declaration if one is given. Notices of the end of use need no
    permission, and are left alone.
    """
    partner = corridor.partners.get(partner_id)
    cancelled = 0
    in_flight: list[str] = []
    for outgoing in tx.outbox.waiting(client.digest, partner_id):
        if outgoing.exchange.notice is not None:
            continue
        if tx.outbox.in_flight(outgoing.exchange.id):
            in_flight.append(outgoing.exchange.id)
            continue
        why = _why_not(lambda item=outgoing: partner and decide_outbox(corridor, tx, partner, client, item, actor, at))  # type: ignore[misc]  # bound at once, for the loop
        cancelled += why is not None and drop(tx, client, outgoing, actor, at, why)
    for incoming in tx.inbox.waiting(client.digest, partner_id):
        why = _why_not(lambda item=incoming: partner and decide_inbox(corridor, tx, partner, client, item, actor, at))  # type: ignore[misc]  # as above
        cancelled += why is not None and drop(tx, client, incoming, actor, at, why)
    # What was, or may have been, handed out, by the declarations of that time: since then it may have become narrower, been refused, or
    # wait for another attempt.
    already_sent = dict.fromkeys(
        disclosure.exchange
        for disclosure in tx.disclosures.to_partners(client.digest, partner_id)
        if declaration is None or declaration in disclosure.declarations
    )
    return Withdrawal(cancelled, tuple(one for one in already_sent if one not in in_flight), tuple(in_flight))


def _why_not(decided: Callable[[], object]) -> str | None:
    """Tell why this can wait no longer, if it cannot. What is broken goes too: nothing may stand in the way of the client's word."""
    try:
        return None if decided() else "not_permitted"
    except (AdapterFault, Unreadable, Unsigned):
        return "unusable"
