"""Retention: a message that nobody fetches or takes does not wait for ever (contract §7). What else has a term the store sweeps."""

from dataclasses import dataclass
from datetime import timedelta

from imgate.audit.events import Event, EventName
from imgate.exchange.again import drop
from imgate.exchange.context import Corridor
from imgate.exchange.inbound import WORKER
from imgate.exchange.stored import InboxItem, OutboxItem
from imgate.exchange.turns import in_turn
from imgate.vocabulary.words import Kept

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things are kept. Where ``history_years`` or ``intake_days`` is 0, it is kept for good."""

    message_days: int = 180
    proof_years: int = 3
    history_years: int = 10
    intake_days: int = 1096
    access_log_days: int = 184


@in_turn
def end_retention(corridor: Corridor, days: int, actor: str = WORKER) -> int:
    """Delete the payloads that have waited for longer than ``days``, a batch of them; give how many.

    What was never handed out is cancelled; what is on its way just now is left to the attempt.
    """
    at = corridor.clock()
    before = at - timedelta(days=days)
    with corridor.store.transaction() as tx:
        ended: tuple[OutboxItem | InboxItem, ...] = (*tx.outbox.older(before, _BATCH), *tx.inbox.older(before, _BATCH))
        for item in ended:
            drop(tx, tx.clients.by_digest(item.exchange.client), item, actor, at, "retention_ended")
        if ended:
            tx.audit(Event(EventName.RETENTION_SWEPT, at, actor, None, {Kept.MESSAGES.value: len(ended)}))
        return len(ended)
