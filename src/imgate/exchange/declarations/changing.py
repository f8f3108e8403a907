"""One change of a declaration: in a transaction of its own, once per Idempotency-Key, and on record."""

from collections.abc import Callable
from datetime import datetime

from imgate.audit.events import Event, EventName
from imgate.consent.head import Head
from imgate.exchange.answers import Answer, Call, once
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys, KeyInUse, Stale, Transaction
from imgate.exchange.refusals import Refused
from imgate.exchange.turns import in_turn

_RETRIES = 5


@in_turn
def change(corridor: Corridor, call: Call, work: Callable[[Transaction, datetime], Answer]) -> Answer:
    """Run one change in its own transaction, once per Idempotency-Key, again where another change came in between."""
    for _ in range(_RETRIES):
        at = corridor.clock()
        try:
            with corridor.store.transaction() as tx:
                return once(tx, call, at, lambda tx=tx, at=at: work(tx, at))  # type: ignore[misc]  # bound at once, for the loop
        except (Stale, KeyInUse):
            continue
    raise Refused(503, "busy")


def put_on_log(tx: Transaction, name: EventName, call: Call, client: ClientKeys, head: Head, at: datetime, **fields: object) -> None:
    """Put the change on the audit log, in its own transaction."""
    fields |= {"declaration": head.id, "version": head.version, "partner": head.partner}
    tx.audit(Event(name, at, call.actor, client.subject, fields))
