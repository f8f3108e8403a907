"""Ask past decisions again, by other rules of today, and change what they rest on behind the gateway's back."""

import contextlib
import dataclasses
import sqlite3

from imgate.exchange.past.comparison import Summary, compare
from imgate.exchange.past.explanation import explain
from tests.exchange.conftest import JOBCENTER, TODAY
from tests.exchange.told import LEVEL, STATUS

PROPOSAL = {"work": {"proposals": [{"employer": "Seniorenzentrum Canary"}]}}
PLACE = {"street": "Canarygasse", "postal_code": "71364", "city": "Winnenden"}
ADDRESS = {"contact": {"address": PLACE | {"information_block": False}}}
BLOCKED = {"contact": {"address": PLACE | {"information_block": True}}}
RECORD = LEVEL | STATUS | PROPOSAL


def by_rules(world, partner=JOBCENTER, **changes):
    """From now on, these rules hold for this partner."""
    corridor = world.corridor
    rules = dataclasses.replace(corridor.policy.partners[partner], **changes)
    policy = dataclasses.replace(corridor.policy, partners=corridor.policy.partners | {partner: rules})
    partners = corridor.partners | {partner: dataclasses.replace(corridor.partners[partner], policy=rules)}
    world.corridor = dataclasses.replace(corridor, policy=policy, partners=partners)


def without(world, partner=JOBCENTER):
    """From now on, this partner is not configured."""
    corridor = world.corridor
    policy = dataclasses.replace(corridor.policy, partners={k: v for k, v in corridor.policy.partners.items() if k != partner})
    partners = {name: each for name, each in corridor.partners.items() if name != partner}
    world.corridor = dataclasses.replace(corridor, policy=policy, partners=partners)


def ceiling(world, *, less=(), more=(), partner=JOBCENTER):
    """Give this partner's ceiling, less or more."""
    now = world.corridor.policy.partners[partner].ceiling
    return {direction: (scopes - set(less)) | set(more) for direction, scopes in now.items()}


def behind(world, sql, *values):
    """Change the database as somebody with the file would."""
    with contextlib.closing(sqlite3.connect(world.gateway.settings.database.file)) as connection:
        connection.execute(sql, values)
        connection.commit()


def explained(world, exchange):
    return explain(world.corridor, exchange)


def compared(world, since=TODAY):
    return [*compare(world.corridor, since)]


def changed(world, since=TODAY):
    """Give what would be decided otherwise: scope, then, now."""
    return [(each.scope, each.then, each.now) for one in compared(world, since) for each in one.changed]


def limits(world, since=TODAY):
    """Give what could not be asked again, and why."""
    return [(scope, why.value) for one in compared(world, since) for scope, why in one.limits]


def summed(world, since=TODAY):
    summary = Summary()
    for one in compared(world, since):
        summary.take(one)
    return summary
