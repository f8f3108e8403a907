"""After the last kill: what nobody heard an answer to is asked again, and everything that waits goes its way. Nothing may be stuck."""

import asyncio
import base64
import hashlib
import json
import time
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from imgate.exchange import boxes
from imgate.exchange.answers import Call
from imgate.exchange.delivery import deliver_due
from imgate.exchange.inbound import take_due
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.storage.message_tables import exchanges, inbox, intake, outbox
from tests.acceptance.crash import asking, hooks
from tests.acceptance.crash.children import LEASE, QUICK
from tests.acceptance.crash.journal import Journal, unanswered
from tests.acceptance.crash.world import Scene, now
from tests.exchange.conftest import World

# Leases run out, and then all that is left is taken in one go.
_QUIET_WITHIN = 30.0


def settle(scene: Scene) -> None:
    """Bring everything to its end. Fails where something does not come to one."""
    journal = scene.settling()
    with scene.opened() as world, capture_logs() as said, pytest.MonkeyPatch.context() as patch:
        for place, value in QUICK.items():
            patch.setattr(*hooks.find(place), value)
        leased_until = _last_lease(world)
        assert leased_until is None or leased_until <= now() + LEASE, "a lease outlives the crash by more than its term"
        asyncio.run(_ask_again(world, journal, _open(scene)))
        until = time.monotonic() + _QUIET_WITHIN
        while left := _left(world):
            assert time.monotonic() < until, f"stuck: {left} {_shown(world)} {[line for line in said if line['log_level'] == 'error']}"
            _go_on(world, journal)
            time.sleep(0.02)


def _open(scene: Scene) -> list[dict[str, Any]]:
    """Give each request to which nobody at all heard an answer, once."""
    everything = [line for lines in scene.journals for line in lines]
    return list({request["key"]: request for request in unanswered(everything)}.values())


async def _ask_again(world: World, journal: Journal, requests: list[dict[str, Any]]) -> None:
    for request in requests:
        journal.write(asks=request)
        try:
            answer = await asking.ask(world.corridor, request)
        except Refused as refused:
            journal.write(told=request["key"], status=refused.status, code=refused.code)
        else:
            journal.write(told=request["key"], status=answer.status, body=json.loads(answer.body))


def _go_on(world: World, journal: Journal) -> None:
    corridor = world.corridor
    asyncio.run(deliver_due(corridor))
    take_due(corridor)
    asked, call = time.time(), Call(asking.FETCHED, "/outbox")
    items = boxes.outbox(corridor, call, asking.FETCHED, Cursor(limit=500))["items"]
    fetched = {item["id"]: hashlib.sha256(base64.b64decode(item["content"])).hexdigest() for item in items}
    journal.write(fetched=fetched, asked=asked)
    for exchange in fetched:
        boxes.outbox_ack(corridor, call, asking.FETCHED, exchange)
        journal.write(acknowledged=exchange)
    call = Call(asking.CASE_SYSTEM, "/inbox")
    for item in boxes.inbox(corridor, call, Cursor(limit=500))["items"]:
        boxes.inbox_ack(corridor, call, item["id"])


def _last_lease(world: World) -> Any:
    with world.gateway.store.engine.connect() as connection:
        begun = [connection.scalar(select(func.max(table.c.leased_until)).where(where)) for table, where in _LEASED]
    return max((at for at in begun if at is not None), default=None)


def _shown(world: World) -> list[Any]:
    """Name some of what is stuck."""
    columns = (exchanges.c.id, exchanges.c.partner, exchanges.c.state, exchanges.c.notice, exchanges.c.attempts, outbox.c.fetched)
    columns += (outbox.c.due_at, outbox.c.leased_until, outbox.c.begun_at, outbox.c.handed_out_at)
    with world.gateway.store.engine.connect() as connection:
        waiting = select(*columns).join(outbox, outbox.c.exchange == exchanges.c.id).order_by(outbox.c.position).limit(20)
        return [tuple(map(str, row)) for row in connection.execute(waiting)]


_LEASED = ((outbox, outbox.c.leased_until.is_not(None)), (intake, intake.c.outcome == "waiting"))


def _left(world: World) -> dict[str, int]:
    """Count what still waits."""
    counted = {"outbox": (outbox, outbox.c.exchange.is_not(None)), "inbox": (inbox, inbox.c.exchange.is_not(None))}
    counted["intake"] = (intake, intake.c.outcome == "waiting")
    with world.gateway.store.engine.connect() as connection:
        left = {name: connection.scalar(select(func.count()).select_from(table).where(where)) for name, (table, where) in counted.items()}
    return {name: count for name, count in left.items() if count}
