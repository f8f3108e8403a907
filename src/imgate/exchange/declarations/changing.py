"""One change of a declaration: in a transaction of its own, once per Idempotency-Key, and on record."""

from collections.abc import Callable
from datetime import datetime

from imgate.audit.events import Event, EventName
from imgate.consent import life
from imgate.consent.head import Head
from imgate.consent.judge import now
from imgate.exchange.answers import Answer, Call, once
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ClientKeys, KeyInUse, Stale, Transaction
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.stored import StoredDeclaration
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


def existing(tx: Transaction, declaration: str, *, verified: bool = True) -> tuple[ClientKeys, StoredDeclaration]:
    """Load one declaration. Raises Refused: 404, and 409 ``declaration_unreadable`` for one that does not match its MAC."""
    found = tx.declarations.get(declaration)
    if found is None:
        raise not_found()
    if verified and found[1].verified is None:
        raise Refused(409, "declaration_unreadable")
    return found


def state_of(tx: Transaction, declaration: str, at: datetime) -> str:
    """Give the state that the declaration has after the change."""
    _, stored = existing(tx, declaration)
    assert stored.verified is not None  # noqa: S101  # `existing` has refused the other case
    return life.state(stored.verified, stored.siblings, now(at)).value


def put_on_log(tx: Transaction, name: EventName, call: Call, client: ClientKeys, head: Head, at: datetime, **fields: object) -> None:
    """Put the change on the audit log, in its own transaction."""
    fields |= {"declaration": head.id, "version": head.version, "partner": head.partner}
    tx.audit(Event(name, at, call.actor, client.subject, fields))
