"""What a forked process does until it is killed: a gateway that callers ask without a pause, or a worker."""

import asyncio
import base64
import gc
import hashlib
import json
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import UnsupportedCompilationError
from tenacity import wait_random

from imgate.adapters.registry import Registry
from imgate.bootstrap import open_gateway
from imgate.bootstrap.gateway import Gateway
from imgate.bootstrap.partners import load_registry, partners_of
from imgate.bootstrap.work import run_worker
from imgate.exchange import boxes, end_of_use, end_of_use_answers
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.declarations import register
from imgate.exchange.end_of_use_answers import EndOfUseRequest
from imgate.exchange.notice import NAMESPACE
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.settings import Settings
from imgate.storage.engine import make_engine
from imgate.storage.statement import Statement
from imgate.vocabulary.words import EndOfUseAnswer
from tests.acceptance.crash import asking, hooks
from tests.acceptance.crash.journal import Journal
from tests.acceptance.crash.points import Point, Task

LEASE = timedelta(seconds=1.5)
_AT_ONCE = 3
_MIX = {Task.SEND: 6, Task.POST: 3, Task.FETCH: 2, Task.INBOX: 2, Task.REVOKE: 1, Task.RENEW: 1}
# Rather the one that workers deliver to.
_WITH_WHOM = (asking.PUSHED, asking.PUSHED, asking.FETCHED)
# More than so many messages need not wait: what is asked for beyond the workers' pace only makes the end longer.
_ENOUGH = 100
_PAGE = Cursor(limit=15)
# Everything that waits for time to pass, made short; an attempt still ends before its lease does.
QUICK: dict[str, object] = {
    "imgate.exchange.delivery:_LEASE": LEASE,
    "imgate.exchange.delivery:_ATTEMPT_SECONDS": 1.0,
    "imgate.exchange.delivery:_PAUSE": wait_random(0.01, 0.1),
    "imgate.exchange.delivery:SLOTS": 2,
    "imgate.exchange.delivery:_LOOK_AGAIN_SECONDS": 0.2,
    "imgate.exchange.delivery:_FAULT_PAUSE": timedelta(seconds=0.2),
    "imgate.exchange.breaker:_FIRST_PAUSE": timedelta(seconds=0.1),
    "imgate.exchange.breaker:_LONGEST_PAUSE": timedelta(seconds=0.3),
    "imgate.exchange.inbound:_LEASE": LEASE,
    "imgate.bootstrap.work:_TAKEN_AT_ONCE": 4,
    "imgate.bootstrap.work:_END_SECONDS": 0.2,
    "imgate.bootstrap.work:remind": lambda corridor, *_: _reminded(corridor),
}
_ENDED = EndOfUseRequest(answer=EndOfUseAnswer.ENDED)
_REMINDED_AFTER, _REMINDERS = 1.0 / 86400, 2
_WORKERS_PAUSE, _CALLERS_PAUSE = 0.03, 0.06


def _reminded(corridor: Corridor) -> int:
    """Remind as a worker does, after a second: whole days are all that the configuration knows."""
    return end_of_use.remind(corridor, _REMINDED_AFTER, _REMINDERS)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Life:
    """One process: what it is, where it is to die, what it writes to, and what its predecessors were not told."""

    task: Task
    point: Point | None
    passing: int
    seed: int
    journal: Path
    resumed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Warm:
    """What takes longest of a start, and opens nothing: made once, before anybody is forked."""

    settings: Settings
    registry: Registry
    partners: Mapping[str, Partner]

    @classmethod
    def made(cls, settings: Settings) -> "Warm":
        """Read the configuration, and have everything at hand that is made at its first use."""
        registry = load_registry(settings)
        partners, _ = partners_of(settings, registry)
        dialect = make_engine(settings.database.url.get_secret_value()).dialect
        for statement in [one for one in gc.get_objects() if isinstance(one, Statement)]:
            with suppress(UnsupportedCompilationError):  # some are for the other database
                statement._compile(dialect)
        rng = random.Random(0)  # noqa: S311  # only to have read one of each
        client = asking.CLIENTS[0]
        for partner in asking.PARTNERS:
            asking.read(asking.exchange(rng, client, partner))
            asking.read(asking.declaration(client, partner))
            partners[partner].adapter.read(asking.incoming(rng, client, partner)["asked"]["body"].encode(), None)
        asking.read(asking.signature(client))
        asking.read(asking.revocation(rng, client, [client]))
        return cls(settings, registry, partners)


def live(warm: Warm, life: Life) -> None:
    """Work until the end. To be called in a process of its own: it changes the product there."""
    journal = Journal(life.journal)

    def die() -> None:
        journal.write(dies=None if life.point is None else life.point.name)
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # a signal to oneself may come a moment late

    for place, value in QUICK.items():
        hooks.put(place, value)
    hooks.put("imgate.bootstrap.gateway:load_registry", lambda _: warm.registry)
    hooks.put("imgate.bootstrap.gateway:partners_of", lambda *_: (warm.partners, ()))
    with open_gateway(warm.settings, make_keys=False) as gateway:
        if life.point is not None:
            hooks.arm(life.point, life.passing, die)
        if life.task is Task.WORK:
            _work(gateway)
        else:
            asyncio.run(_Door(gateway, journal, random.Random(life.seed)).serve(life))  # noqa: S311  # chooses what to ask


def _work(gateway: Gateway) -> None:
    again, _ = hooks.find("imgate.bootstrap.work:_again")
    assert again._again.__defaults__ == (again._SECONDS,)
    again._again.__defaults__ = (_WORKERS_PAUSE,)
    run_worker(gateway, apart=False)  # the hooks are in this process, and so must be the transports


class _Door:
    """A gateway's callers: the case system, and partners that fetch and post."""

    def __init__(self, gateway: Gateway, journal: Journal, rng: random.Random) -> None:
        self._corridor = gateway.corridor
        self._store = gateway.store
        self._journal = journal
        self._rng = rng
        self._waiting = 0
        self._do: dict[Task, Callable[[str, str], Awaitable[None]]] = {
            Task.SEND: self._send,
            Task.POST: self._post,
            Task.FETCH: self._fetch,
            Task.INBOX: self._take_out,
            Task.REVOKE: self._revoke,
            Task.RENEW: self._renew,
        }

    async def serve(self, life: Life) -> None:
        """Ask again what nobody heard an answer to, and then something new all the time."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._again(life.resumed))
            for _ in range(_AT_ONCE):
                group.create_task(self._ask_on(life.task))

    async def _look(self) -> None:
        while True:
            with self._store.reading() as tx:
                self._waiting = tx.session.driver.execute("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL").fetchone()[0]
            await asyncio.sleep(0.2)

    async def _again(self, requests: list[dict[str, Any]]) -> None:
        for request in requests:
            self._journal.write(asks=request)
        for request in requests:
            await self._told(request)

    async def _ask_on(self, wanted: Task) -> None:
        while True:
            task = wanted if self._rng.random() < 0.6 else self._rng.choices([*_MIX], [*_MIX.values()])[0]
            if self._waiting < _ENOUGH or task is not Task.SEND or wanted is Task.SEND:
                await self._do[task](self._rng.choice(asking.CLIENTS), self._rng.choice(_WITH_WHOM))
            await asyncio.sleep(self._rng.random() * _CALLERS_PAUSE)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        self._journal.write(asks=request)
        return await self._told(request)

    async def _told(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Ask, and write down what was told: a refusal counts as an answer, what a database did not answer does not."""
        try:
            answer = await asking.ask(self._corridor, request)
        except Refused as refused:
            self._journal.write(told=request["key"], status=refused.status, code=refused.code)
            return None
        except Unavailable as unavailable:
            self._journal.write(failed=request["key"], kind=type(unavailable).__name__)
            return None
        body: dict[str, Any] = json.loads(answer.body)
        self._journal.write(told=request["key"], status=answer.status, body=body)
        return body

    async def _send(self, client: str, partner: str) -> None:
        await self._ask(asking.exchange(self._rng, client, partner))

    async def _post(self, client: str, partner: str) -> None:
        await self._ask(asking.incoming(self._rng, client, partner))

    async def _renew(self, client: str, partner: str) -> None:
        """Declare anew; now and then in the place of what there is."""
        active = await self._active(client, partner)
        if active and self._rng.random() < 0.6:
            made = await self._ask(asking.successor(self._rng, client, partner, self._rng.choice(active)["id"]))
        else:
            made = await self._ask(asking.declaration(client, partner))
        if made is not None:
            await self._ask(asking.signature(made["id"]))

    async def _active(self, client: str, partner: str) -> list[dict[str, Any]]:
        shown = await asyncio.to_thread(register.page, self._corridor, client, Cursor(limit=500))
        return [one for one in shown["items"] if one["state"] == "active" and one["content"]["partner"] == partner]

    async def _revoke(self, client: str, partner: str) -> None:
        """Revoke what permits something, just after more has been sent under it; where nothing does, see that something will."""
        active = await self._active(client, partner)
        if not active:
            await self._renew(client, partner)
            return
        await asyncio.gather(self._send(client, partner), self._send(client, partner))
        ended = self._rng.choice(active)
        await self._ask(asking.revocation(self._rng, ended["id"], ended["content"]["scopes"]))

    async def _fetch(self, client: str, partner: str) -> None:
        """Fetch as the partner that does, and acknowledge most of it; some notices of the end of use are answered at once."""
        del client, partner
        asked = time.time()
        call = Call(asking.FETCHED, "/outbox")
        items = (await asyncio.to_thread(boxes.outbox, self._corridor, call, asking.FETCHED, _PAGE))["items"]
        contents = {item["id"]: base64.b64decode(item["content"]) for item in items}
        self._journal.write(fetched={one: hashlib.sha256(content).hexdigest() for one, content in contents.items()}, asked=asked)
        for exchange, content in contents.items():
            if NAMESPACE.encode() in content and self._rng.random() < 0.5:
                await self._said(end_of_use_answers.answer, call, asking.FETCHED, exchange, said=(_ENDED,))
            elif self._rng.random() < 0.8:
                await self._said(boxes.outbox_ack, call, asking.FETCHED, exchange)

    async def _take_out(self, client: str, partner: str) -> None:
        """Fetch as the case system, and acknowledge it."""
        del client, partner
        asked = time.time()
        call = Call(asking.CASE_SYSTEM, "/inbox")
        items = (await asyncio.to_thread(boxes.inbox, self._corridor, call, _PAGE))["items"]
        self._journal.write(taken_out=[item["id"] for item in items], asked=asked)
        for item in items:
            await self._said(boxes.inbox_ack, call, item["id"])

    async def _said(self, acknowledge: Callable[..., None], *about: Any, said: tuple[Any, ...] = ()) -> None:
        try:
            await asyncio.to_thread(acknowledge, self._corridor, *about, *said)
        except Refused:  # somebody else was first, or what it was about was withdrawn
            return
        self._journal.write(acknowledged=about[-1])
