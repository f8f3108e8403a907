"""Retention: a message that nobody fetches or takes does not wait for ever (contract §7)."""

from datetime import timedelta

from imgate.exchange.again import drop
from imgate.exchange.context import Corridor
from imgate.exchange.inbound import WORKER
from imgate.exchange.stored import InboxItem, OutboxItem
from imgate.exchange.turns import in_turn

_BATCH = 100


@in_turn
def end_retention(corridor: Corridor, days: int) -> int:
    """Delete the payloads that have waited for longer than ``days``, a batch of them; give how many.

    What was never handed out is cancelled; what is on its way just now is left to the attempt. Nor is a partner asked any longer
    what became of a message that it was handed.
    """
    at = corridor.clock()
    before = at - timedelta(days=days)
    with corridor.store.transaction() as tx:
        tx.awaited.end(before)
        outgoing = [item for item in tx.outbox.older(before, _BATCH) if not tx.outbox.in_flight(item.exchange.id)]
        ended: tuple[OutboxItem | InboxItem, ...] = (*outgoing, *tx.inbox.older(before, _BATCH))
        for item in ended:
            drop(tx, tx.clients.by_digest(item.exchange.client), item, WORKER, at, "retention_ended")
        return len(ended)
