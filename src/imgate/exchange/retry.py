"""What was given up is tried again because an operator says so; whether it may leave is decided at the attempt, as always."""

from imgate.exchange.context import Corridor
from imgate.exchange.refusals import Refused, not_found
from imgate.vocabulary.words import Direction, ExchangeState


def retry(corridor: Corridor, exchange_id: str) -> None:
    """Queue a failed message again. Raises Refused 404, and 409 ``not_failed`` for one in another state."""
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        exchange = tx.exchanges.get(exchange_id)
        if exchange is None or exchange.direction is not Direction.TO_PARTNER:
            raise not_found()
        partner = corridor.partners.get(exchange.partner)
        if exchange.state is not ExchangeState.FAILED or partner is None:
            raise Refused(409, "not_failed")
        tx.outbox.later(exchange_id, None if partner.transport.waits else at)
        tx.exchanges.move(exchange_id, ExchangeState.QUEUED, at, "retried")
