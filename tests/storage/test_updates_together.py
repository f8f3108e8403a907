"""Two gateways on one PostgreSQL are told of the same client at the same time: no update is lost, and nothing is sent of none."""

import asyncio
import threading

import pytest

from imgate.bootstrap import make_first_keys, open_gateway
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import KnownValue
from imgate.settings import load_settings
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER, World
from tests.exchange.updating import B1, B2, LABOUR, RESIDENCE, Updating, content

pytestmark = pytest.mark.postgres
ROUNDS = 12


@pytest.fixture
def worlds(postgres, tmp_path):
    config = tmp_path / "imgate.toml"
    text = CONFIG.replace("sqlite:///imgate.db", postgres()).replace("[gateway]\n", '[gateway]\nurl = "https://imgate.example.org"\n')
    config.write_text(text, encoding="utf-8")
    settings = load_settings(config)
    make_first_keys(settings)
    with open_gateway(settings, make_keys=False) as one, open_gateway(settings, make_keys=False) as other:
        yield World(one), World(other)


def test_every_partner_ends_with_the_values_of_the_same_update_and_knows_that_one(worlds):
    world = worlds[0]
    updatings = [Updating(each) for each in worlds]
    for partner, reference in ((JOBCENTER, "355A1"), (ABH, "ABH-1")):
        world.link(reference, partner=partner)
        world.declare("language.level", partner=partner)
    unforeseen = []

    def tell(update, levels):
        for level in levels:
            try:
                update({"language": {"level": level}})
            except Refused as refused:
                if refused.code != "busy":
                    unforeseen.append(refused)
            except Unavailable:
                continue
            except Exception as error:  # noqa: BLE001  # told by the test's own thread
                unforeseen.append(error)

    threads = [
        threading.Thread(target=tell, args=(update, levels * ROUNDS))
        for update, levels in zip(updatings, ([B1, B2], [B2, B1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert unforeseen == []
    (to_jobcenter,), (to_abh,) = content(world), content(world, ABH)
    assert (b"B1" in to_jobcenter) == (b"B1" in to_abh)
    for partner, purpose in ((JOBCENTER, LABOUR), (ABH, RESIDENCE)):
        assert updatings[1].known(partner, purpose)["language.level"].exchange == world.outbox(partner)[0]["id"]
    level = B1 if b"B1" in to_abh else B2
    assert all(update({"language": {"level": level}})["exchanges"] == [] for update in updatings)


def test_one_who_forgets_and_one_who_remembers_do_not_undo_each_other(worlds):
    stores = [world.corridor.store for world in worlds]
    with stores[0].transaction() as tx:
        client = tx.clients.open("K-1").digest

    async def remember(number):
        await stores[0].commit(lambda tx: tx.known.put(client, JOBCENTER, LABOUR, {f"kept.{number}": KnownValue("d", f"x{number}")}))

    def forget():
        for _ in range(20):
            with stores[1].transaction() as tx:
                tx.known.forget(client, JOBCENTER, ["kept.none"])
                tx.known.forget_exchange(client, JOBCENTER, "x0")

    async def all_of_them():
        for number in range(20):
            await remember(number)

    thread = threading.Thread(target=forget)
    thread.start()
    asyncio.run(all_of_them())
    thread.join(30)
    with stores[0].reading() as tx:
        assert tx.known.of(client, JOBCENTER, LABOUR).keys() >= {f"kept.{number}" for number in range(1, 20)}
