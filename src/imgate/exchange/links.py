"""Links: under what a partner knows a client. What waits follows the link in the same transaction."""

from imgate.audit.events import Event, EventName
from imgate.exchange.again import drop
from imgate.exchange.answers import Answer, Call, once
from imgate.exchange.context import Corridor
from imgate.exchange.ports import ReferenceTaken, Transaction
from imgate.exchange.refusals import Problem, Refused, not_found
from imgate.exchange.requests import LinkRequest
from imgate.exchange.revocation import withdraw
from imgate.exchange.turns import in_turn
from imgate.vocabulary.identifiers import is_client


@in_turn
def put(corridor: Corridor, call: Call, client: str, partner: str, request: LinkRequest) -> Answer:
    """Set the link. With another reference what waits is built anew; the old one matches nobody from then on.

    Raises Refused 409 ``reference_taken``, 422 ``partner_unknown``.
    """
    _known(corridor, client, partner)
    at = corridor.clock()

    def work(tx: Transaction) -> Answer:
        keys = tx.clients.open(client)
        before = tx.links.get(keys, partner)
        if before is not None and before.reference == request.reference:
            return Answer.of(200, {"already_sent": [], "in_flight": []})
        try:
            tx.links.put(keys, partner, request.reference, at)
        except ReferenceTaken:
            raise Refused(409, "reference_taken") from None
        tx.known.forget(keys.digest, partner)  # what it was sent lies under the old one
        tx.audit(Event(EventName.LINK_SET, at, call.actor, keys.subject, {"partner": partner}))
        outcome = withdraw(corridor, tx, keys, partner, call.actor, at)
        return Answer.of(200, {"already_sent": list(outcome.already_sent), "in_flight": list(outcome.in_flight)})

    with corridor.store.transaction() as tx:
        return once(tx, call, at, lambda: work(tx))


@in_turn
def delete(corridor: Corridor, call: Call, client: str, partner: str) -> Answer:
    """Remove the link and cancel what waits. Raises Refused 404 where there is none."""
    _known(corridor, client, partner)
    at = corridor.clock()
    with corridor.store.transaction() as tx:
        keys = tx.clients.find(client)
        if keys is None or not tx.links.delete(keys, partner):
            raise not_found()
        tx.known.forget(keys.digest, partner)
        tx.audit(Event(EventName.LINK_REMOVED, at, call.actor, keys.subject, {"partner": partner}))
        outcome = withdraw(corridor, tx, keys, partner, call.actor, at)
        cancelled = outcome.cancelled + sum(
            drop(tx, keys, item, call.actor, at, "link_removed") for item in tx.inbox.waiting(keys.digest, partner)
        )
        return Answer.of(200, {"cancelled": cancelled, "already_sent": list(outcome.already_sent), "in_flight": list(outcome.in_flight)})


def _known(corridor: Corridor, client: str, partner: str) -> None:
    if not is_client(client):
        raise Refused(422, "client_invalid", [Problem("client_invalid", "/client")])
    if partner not in corridor.partners:
        raise Refused(422, "partner_unknown", [Problem("partner_unknown", "/partner")])
