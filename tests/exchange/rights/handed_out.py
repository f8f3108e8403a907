"""Many hand-outs of one client, put on record by the store's own functions: what a long list is tried with."""

from datetime import timedelta

from imgate.exchange.stored import Disclosure, StoredExchange
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, ExchangeState
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER

WITH_JOBCENTER = (
    "language.level",
    "residence.status",
    "work.status",
    "contact_persons.jobcenter",
    "work.proposals",
    "appointments.upcoming",
)
WITH_ABH = ("residence.status", "residence.work_permission", "residence.applications")


def hand_out_many(world, count, client=CLIENT):
    """Put them on record, every fifth from a partner, one every 97 minutes; some of them uncertain, refused, from elsewhere."""
    jobcenter = world.declare(*WITH_JOBCENTER, onward_from=[ABH], client=client)
    abh = world.declare(*WITH_ABH, partner=ABH, client=client)
    world.later(days=1)
    world.revoke(jobcenter, ["work.status"])
    with world.corridor.store.transaction() as tx:
        digest = tx.clients.find(client).digest
        for number in range(count):
            partner, declaration, scopes = (JOBCENTER, jobcenter, WITH_JOBCENTER) if number % 3 else (ABH, abh, WITH_ABH)
            _hand_out(
                tx, digest, number, partner, declaration, scopes[: 1 + number % len(scopes)], world.now + timedelta(minutes=97 * number)
            )
    world.later(minutes=97 * count)


def _hand_out(tx, digest, number, partner, declaration, scopes, at):
    inbound = number % 5 == 4
    direction, state = (Direction.FROM_PARTNER, ExchangeState.RECEIVED) if inbound else (Direction.TO_PARTNER, ExchangeState.QUEUED)
    purpose = "labour_market_integration" if partner == JOBCENTER else "residence_matters"
    exchange = StoredExchange(new_id(), digest, partner, direction, purpose, state, at, scopes, (), (declaration,))
    tx.exchanges.add(exchange)
    if not inbound and number % 7:
        tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, at)
        if number % 2:
            tx.exchanges.move(exchange.id, ExchangeState.ACKNOWLEDGED, at + timedelta(minutes=1))
    elsewhere = {"residence.status": ABH} if partner == JOBCENTER and "residence.status" in scopes and number % 4 == 0 else None
    tx.disclosures.add(Disclosure.of(exchange, scopes, (declaration,), at, elsewhere))
