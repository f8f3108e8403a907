"""Several workers on one database leave a partner in peace together: when the pause has ended, one message of one of them tries."""

import asyncio
import threading

import pytest

from imgate.exchange.delivery import deliver_due
from imgate.plugin_api import Delivered, NotDelivered
from tests.exchange.conftest import JOBCENTER

WORKERS, CLIENTS = 4, 24
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


class SlowlyFailing:
    """Nobody answers, and that takes a moment."""

    waits = False

    def __init__(self):
        self.begun = []
        self.outcome = NotDelivered("http_503")

    async def deliver(self, parcel):
        self.begun.append(parcel.message_id)
        await asyncio.sleep(0.05)
        return self.outcome


@pytest.fixture
def workers(house):
    """Workers at one partner that is down, for each client a message that waits, and the transport that they share."""
    worlds = [house() for _ in range(WORKERS)]
    transport = SlowlyFailing()
    for world in worlds:
        world.by(transport)
    for number in range(CLIENTS):
        worlds[0].link(f"R-{number}", client=f"K-{number}")
        worlds[0].declare("language.level", client=f"K-{number}")
    sent = {worlds[0].send(RECORD, client=f"K-{number}")["id"] for number in range(CLIENTS)}
    return worlds, transport, sent


def together(worlds):
    """Let all of them look at the same moment what is due."""
    at_once = threading.Barrier(len(worlds))

    def work(world):
        at_once.wait()
        asyncio.run(deliver_due(world.corridor))

    threads = [threading.Thread(target=work, args=(world,)) for world in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_many_workers_one_tries_whether_the_partner_is_back(workers):
    worlds, transport, sent = workers
    together(worlds)
    with worlds[0].corridor.store.reading() as tx:
        assert tx.breakers.get(JOBCENTER).open_until is not None
    for _ in range(4):
        transport.begun.clear()
        for world in worlds:
            world.later(minutes=16)  # longer than any pause
        together(worlds)
        assert len(transport.begun) == 1
    transport.outcome = Delivered()
    transport.begun.clear()
    for world in worlds:
        world.later(hours=2)
    for _ in range(2):
        together(worlds)
    assert sorted(transport.begun) == sorted(sent)  # nothing is lost, and nothing comes twice
