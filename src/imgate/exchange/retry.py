"""What was given up is tried again because an operator says so; whether it may leave is decided at the attempt, as always."""

from typing import Any

from imgate.audit.events import Event, EventName
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.exchange.order import left_of
from imgate.exchange.refusals import Refused, not_found
from imgate.exchange.turns import in_turn
from imgate.vocabulary.words import Direction, ExchangeState


@in_turn
def retry(corridor: Corridor, call: Call, exchange_id: str, *, anew: bool = False) -> dict[str, Any]:
    """Queue a message again that was given up, without what later messages have carried since; its time to live begins anew.

    ``anew`` forgets what its transport kept of earlier attempts: for whoever knows that the partner does not have it.
    Raises Refused 404, and 409 ``not_failed`` for one in another state.
    """
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or exchange.direction is not Direction.TO_PARTNER:
            raise not_found()
        partner = corridor.partners.get(exchange.partner)
        if partner is None or exchange.state is not ExchangeState.FAILED or tx.outbox.box(exchange_id) is None:
            raise Refused(409, "not_failed")
        client = tx.clients.by_digest(exchange.client)
        left = exchange.notice is not None or left_of(tx, exchange, at)
        if left:
            if anew:
                tx.outbox.keep_note(exchange_id, None)
            tx.outbox.count_anew(exchange_id, at)
            tx.outbox.later(exchange_id, None if partner.transport.waits else at)
            tx.exchanges.move(exchange_id, ExchangeState.QUEUED, at, "retried")
        fields = {"exchange": exchange_id, "partner": partner.id, "overtaken": not left, "anew": anew}
        tx.audit(Event(EventName.EXCHANGE_RETRIED, at, call.actor, None if client is None else client.subject, fields))
        return {"id": exchange_id, "state": (ExchangeState.QUEUED if left else ExchangeState.OVERTAKEN).value}
