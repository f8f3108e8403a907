"""A world in which partners have subscriptions, and what tests of updates ask of it."""

import asyncio
import base64
import dataclasses
import json
from types import MappingProxyType

from imgate.exchange import updates
from imgate.exchange.requests import UpdateRequest
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER

LABOUR, RESIDENCE = "labour_market_integration", "residence_matters"
JOBKRAFTWERK, DOCUMENTATION = "jobkraftwerk-winnenden", "case_documentation"
B1, B2 = {"cefr": "B1", "evidence": "dtz"}, {"cefr": "B2", "evidence": "dtz"}
STATUS = {"code": "1", "since": "2024-05-02"}
RECORD = {"language": {"level": B1}, "residence": {"status": STATUS}}
SUBSCRIPTIONS = {
    JOBCENTER: {LABOUR: frozenset({"language.level", "residence.status", "plan.goals"})},
    ABH: {RESIDENCE: frozenset({"language.level", "residence.file_number"})},
}


class Updating:
    """A world in which partners have subscriptions."""

    def __init__(self, world):
        self.world = world
        self.subscribe(SUBSCRIPTIONS)

    def subscribe(self, subscriptions, **more):
        corridor = self.world.corridor
        partners = {
            partner: dataclasses.replace(one, subscriptions=MappingProxyType(subscriptions.get(partner, {})), **more)
            for partner, one in corridor.partners.items()
        }
        self.world.corridor = dataclasses.replace(corridor, partners=partners)

    def request(self, record, *, client=CLIENT, **more):
        return UpdateRequest.model_validate({"client": client, "record": record} | more)

    def answer(self, record, *, call=None, **more):
        return asyncio.run(updates.update(self.world.corridor, call or self.world.call(), self.request(record, **more)))

    def __call__(self, record, **more):
        return json.loads(self.answer(record, **more).body)

    def known(self, partner=JOBCENTER, purpose=LABOUR, client=CLIENT):
        with self.world.corridor.store.reading() as tx:
            keys = tx.clients.find(client)
            return {} if keys is None else dict(tx.known.of(keys.digest, partner, purpose))


def content(world, partner=JOBCENTER):
    return [base64.b64decode(item["content"]) for item in world.outbox(partner)]


def released(answer):
    return {exchange["partner"]: sorted(exchange["released"]) for exchange in answer["exchanges"]}
