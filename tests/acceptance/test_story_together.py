"""Many at once, told on both databases: nothing is delivered twice, nothing is lost, and a revocation stands against any crowd."""

import asyncio
import base64
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from imgate.exchange import boxes, inbound, outbound
from imgate.exchange.delivery import deliver_due
from imgate.exchange.refusals import Refused
from imgate.plugin_api import Delivered
from imgate.storage.proof import verify_store
from tests.acceptance.inbound_writers import message
from tests.acceptance.side_by_side import PURPOSES, SCOPES, side_by_side
from tests.exchange.conftest import CLIENT, JOBCENTER, REFERENCE, ScriptedTransport
from tests.exchange.told import notice, notices

LEVEL, REGIME = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, {"benefits": {"regime": {"code": "sgb2"}}}
RECORD = LEVEL | REGIME
PURPOSE = "labour_market_integration"


@pytest.fixture
def pair(house):
    """Two gateways on one database, as an operator may run them, with one client."""
    first, second = house(), house()
    first.link()
    first.declaration = first.declare(*SCOPES, purposes=list(PURPOSES))
    return first, second


class SlowTransport(ScriptedTransport):
    """Takes a while, so that two workers are at it at the same time."""

    async def deliver(self, parcel):
        await asyncio.sleep(0.005)
        self.parcels.append(parcel)
        return Delivered()


def permitted(story):
    with story.gateway.store.reading() as tx:
        told = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return Counter(entry["fields"]["exchange"] for entry in told if entry["event"] == "exchange_permitted")


async def send(story, record, purpose=PURPOSE, *, client=CLIENT, key=None):
    request = story.request(record, purpose=purpose, client=client)
    answer = await outbound.send(story.corridor, story.call(key=key, body=b"the same", path="/v1/exchanges"), request)
    return json.loads(answer.body)["id"]


async def send_many(story, keys):
    """Send the same under each of these keys."""
    return await asyncio.gather(*(send(story, RECORD, key=key) for key in keys))


async def send_each(story, messages):
    """Send all of these at once."""
    return await asyncio.gather(*(send(story, *message) for message in messages))


def test_many_sends_at_once_are_each_on_record_once(pair):
    story, _ = pair
    made = asyncio.run(send_each(story, side_by_side(150)))
    assert len(set(made)) == 150
    assert {item["id"] for item in boxes.outbox(story.corridor, story.call(), JOBCENTER, boxes.Cursor(limit=500))["items"]} == set(made)
    assert permitted(story) == dict.fromkeys(made, 1)
    assert verify_store(story.gateway.store).sound


def test_the_same_key_many_times_at_once_is_one_exchange(pair):
    story, _ = pair
    made = asyncio.run(send_many(story, [f"k-{number % 10}" for number in range(100)]))
    assert len(set(made)) == 10
    assert permitted(story) == dict.fromkeys(set(made), 1)


def test_the_same_key_at_two_gateways_is_one_exchange(pair):
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda story: asyncio.run(send_many(story, [f"k-{number}" for number in range(40)])), pair))
    assert made[0] == made[1]
    assert permitted(pair[0]) == dict.fromkeys(made[0], 1)


def test_one_that_fails_among_many_fails_alone(pair):
    story, _ = pair

    async def together():
        unlinked = outbound.send(story.corridor, story.call(), story.request(RECORD, client="K-2026-1103"))
        return await asyncio.gather(*(send_many(story, [None] * 10) for _ in range(3)), unlinked, return_exceptions=True)

    *made, failed = asyncio.run(together())
    assert isinstance(failed, Refused)
    assert len({exchange for many in made for exchange in many}) == 30


def two_about(story, client):
    """Send two messages about a client of its own: the second waits for the first, and for nobody else's."""
    story.link(f"355A/{client}", client=client)
    story.declare("language.level", "benefits.regime", client=client)
    return [story.send(record, client=client)["id"] for record in (LEVEL, REGIME)]


def test_two_workers_never_deliver_the_same_message(pair):
    transport = SlowTransport()
    for story in pair:
        story.by(transport)
    sent = [two_about(pair[0], f"K-2026-{number}") for number in range(1200, 1320)]
    made = [exchange for both in sent for exchange in both]

    def work(story):
        while asyncio.run(deliver_due(story.corridor)):
            continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [*pair, *pair]))
    arrived = [parcel.message_id for parcel in transport.parcels]
    assert Counter(arrived) == dict.fromkeys(made, 1)
    assert all(arrived.index(first) < arrived.index(second) for first, second in sent)
    assert {pair[0].shown(exchange)["state"] for exchange in made} == {"delivered"}


def test_two_workers_never_take_the_same_message(pair):
    receipts = [pair[0].post(message(JOBCENTER, REFERENCE, RECORD)) for _ in range(60)]

    def work(story):
        while inbound.take_due(story.corridor, 5):
            continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [*pair, *pair]))
    taken = Counter(item["id"] for item in pair[0].inbox())
    assert set(taken.values()) == {1}
    assert len(taken) == len(receipts)


def test_a_revocation_stands_against_a_crowd_of_sends(pair):
    """Whatever was sent before it is cancelled by it; whatever comes after it is withheld."""
    first, second = pair
    begun = threading.Event()

    async def crowd(story, messages):
        async def one(message):
            exchange = await send(story, *message)
            begun.set()
            return exchange

        return await asyncio.gather(*(one(message) for message in messages))

    def revoke():
        begun.wait()
        return second.revoke(first.declaration)

    messages = side_by_side(200)
    with ThreadPoolExecutor(3) as pool:
        sending = [pool.submit(asyncio.run, crowd(story, half)) for story, half in zip(pair, (messages[:100], messages[100:]), strict=True)]
        revoked = pool.submit(revoke)
        made = [exchange for each in sending for exchange in each.result()]
    assert revoked.result()["state"] == "revoked"
    assert first.outbox() == []
    states = Counter(first.shown(exchange)["state"] for exchange in made)
    assert set(states) <= {"withheld", "cancelled"}
    assert states["cancelled"] == revoked.result()["cancelled"] > 0
    assert first.disclosures() == []


def test_nothing_is_handed_out_after_a_revocation_was_answered(pair):
    """A partner fetches again and again; what it holds was handed out before the revocation, and is on record as such.

    Afterwards it is only told that the use of what it holds has ended.
    """
    first, second = pair
    made = asyncio.run(send_each(first, side_by_side(30)))
    revoked, late = threading.Event(), []

    def fetch():
        seen = set()
        for _ in range(40):
            after = revoked.is_set()
            page = boxes.outbox(second.corridor, second.call(), JOBCENTER, boxes.Cursor(limit=5))["items"]
            items = {item["id"] for item in page if notice(base64.b64decode(item["content"])) is None}
            late.extend(items if after else [])
            seen |= items
        return seen

    def revoke():
        answer = first.revoke(first.declaration)
        revoked.set()
        return answer

    with ThreadPoolExecutor(2) as pool:
        fetching, revoking = pool.submit(fetch), pool.submit(revoke)
        seen, answer = fetching.result(), revoking.result()
    assert late == []
    assert set(answer["already_sent"]) == seen
    assert answer["cancelled"] == len(made) - len(seen)
    disclosed = first.disclosures()
    assert {one["exchange"] for one in disclosed} == seen
    told = [scope for one in notices(second) for scope in one["scopes"].split()]
    assert told == sorted({scope for one in disclosed for scope in one["scopes"]})
    assert verify_store(first.gateway.store).sound


def test_two_partners_that_fetch_at_once_are_one_disclosure(pair):
    asyncio.run(send_each(pair[0], side_by_side(20)))
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda story: story.outbox(), [*pair, *pair]))
    receipts = [item.pop("receipt") for page in pages for item in page]
    assert all(page == pages[0] for page in pages)
    assert len(receipts) == 4 * 20
    assert len(pair[0].disclosures()) == 20
