"""Outbox and inbox: whose it is, who leases it, and that it is gone when it is deleted."""

import threading
from datetime import timedelta

import pytest

from imgate.exchange.stored import Cursor

LEASE = timedelta(minutes=5)


def claimed(store, at, limit=10):
    with store.transaction() as tx:
        return [item.exchange.id for item in tx.outbox.claim("jobcenter", at, at + LEASE, limit)]


def test_a_partner_sees_only_its_own_messages(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        own = sample.message(tx, client)
        sample.message(tx, client, partner="abh")
        sample.message(tx, client, fetched=False)  # pushed, not fetched
    with store.reading() as tx:
        assert [item.exchange.id for item in tx.outbox.page("jobcenter", Cursor(), sample.at).items] == [own.id]
        assert tx.outbox.page("sozialamt", Cursor(), sample.at).items == ()
        assert tx.outbox.get("abh", own.id) is None
        assert tx.outbox.get("jobcenter", own.id) is not None


def test_a_failed_push_is_not_handed_out_as_if_it_were_fetched(store, sample):
    with store.transaction() as tx:
        exchange = sample.message(tx, sample.client(tx), fetched=False)
        tx.outbox.later(exchange.id, None)
        assert tx.outbox.page("jobcenter", Cursor(), sample.at).items == ()
    assert claimed(store, sample.at + LEASE) == []


def test_the_payload_opens_in_its_place_until_it_is_deleted(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        exchange = sample.message(tx, client, message=b"<canary/>")
    with store.transaction() as tx:
        box = tx.outbox.box(exchange.id)
        assert client.open("outbox", "message", exchange.id, box.message) == b"<canary/>"
        tx.outbox.replace(exchange.id, {"language.level": "y"}, "s" * 32, sample.box(client, exchange.id, b"<narrower/>"))
        assert tx.outbox.get("jobcenter", exchange.id).named == {"language.level": "y"}
        assert client.open("outbox", "message", exchange.id, tx.outbox.box(exchange.id).message) == b"<narrower/>"
        tx.outbox.delete(exchange.id)
        assert tx.outbox.box(exchange.id) is None
        assert tx.outbox.waiting(client.digest, "jobcenter") == ()


def test_hand_outs_are_recorded_with_what_was_handed_out(store, sample):
    with store.transaction() as tx:
        exchange = sample.message(tx, sample.client(tx))
        assert tx.outbox.get("jobcenter", exchange.id).handed_out_at is None
        tx.outbox.handed_out(exchange.id, sample.at, "b" * 64)
        item = tx.outbox.get("jobcenter", exchange.id)
    assert (item.handed_out_at, item.handed_out_sha256) == (sample.at, "b" * 64)


def test_a_message_is_claimed_once_while_its_lease_lasts(store, sample):
    with store.transaction() as tx:
        exchange = sample.message(tx, sample.client(tx), fetched=False)
    assert claimed(store, sample.at - timedelta(seconds=1)) == []
    assert claimed(store, sample.at) == [exchange.id]
    assert claimed(store, sample.at + LEASE - timedelta(seconds=1)) == []
    assert claimed(store, sample.at + LEASE) == [exchange.id]


def test_two_connections_never_claim_the_same_row(opened, url, sample_of):
    stores = [opened(url), opened(url)]
    sample = sample_of(stores[0])
    with stores[0].transaction() as tx:
        ids = {sample.message(tx, sample.client(tx, f"K-{number}"), fetched=False).id for number in range(40)}
    got: list[str] = []
    gate = threading.Barrier(4)

    def work(store):
        gate.wait()
        while batch := claimed(store, sample.at, limit=3):
            got.extend(batch)

    threads = [threading.Thread(target=work, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(ids)
    assert set(got) == ids


def test_messages_about_one_client_leave_one_after_the_other(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        first, second = (sample.message(tx, client, fetched=False) for _ in range(2))
        elsewhere = sample.message(tx, client, partner="abh", fetched=False)
        other = sample.message(tx, sample.client(tx, "K-2"), fetched=False)
    assert claimed(store, sample.at) == [first.id, other.id]
    with store.transaction() as tx:
        assert [item.exchange.id for item in tx.outbox.claim("abh", sample.at, sample.at + LEASE, 9)] == [elsewhere.id]
        tx.outbox.later(first.id, sample.at + 10 * LEASE)
    assert claimed(store, sample.at + LEASE) == [other.id]  # the second waits as long as the first does
    with store.transaction() as tx:
        tx.outbox.later(first.id, None)  # given up: it holds up nobody
    assert claimed(store, sample.at + 2 * LEASE)[0] == second.id


def test_a_lease_is_kept_by_its_owner_only(store, sample):
    with store.transaction() as tx:
        sample.message(tx, sample.client(tx), fetched=False)
    with store.transaction() as tx:
        (mine,) = tx.outbox.claim("jobcenter", sample.at, sample.at + LEASE, 9)
    with store.transaction() as tx:
        (taken_over,) = tx.outbox.claim("jobcenter", sample.at + LEASE, sample.at + 2 * LEASE, 9)
        tx.outbox.give_back([mine])
    assert claimed(store, sample.at + LEASE) == []
    with store.transaction() as tx:
        tx.outbox.give_back([taken_over])
    assert claimed(store, sample.at + LEASE) == [mine.exchange.id]


def test_what_a_worker_had_begun_when_it_died_is_given_back_like_everything_else(store, sample):
    with store.transaction() as tx:
        exchange = sample.message(tx, sample.client(tx), fetched=False)
    assert claimed(store, sample.at) == [exchange.id]
    with store.transaction() as tx:
        tx.outbox.begun(exchange.id, sample.at)
        (again,) = tx.outbox.claim("jobcenter", sample.at + LEASE, sample.at + 2 * LEASE, 9)
        tx.outbox.give_back([again])
    assert claimed(store, sample.at + LEASE) == [exchange.id]


def test_what_is_held_is_neither_listed_nor_claimed(store, sample):
    until = sample.at + timedelta(days=3)
    with store.transaction() as tx:
        listed = sample.message(tx, sample.client(tx), held_until=until)
        pushed = sample.message(tx, sample.client(tx, "K-2"), held_until=until, fetched=False)
        assert tx.outbox.page("jobcenter", Cursor(), sample.at).items == ()
        assert [item.exchange.id for item in tx.outbox.page("jobcenter", Cursor(), until).items] == [listed.id]
    assert claimed(store, sample.at) == []
    assert claimed(store, until) == [pushed.id]


def test_an_attempt_is_in_flight_until_its_end_is_recorded(store, sample):
    with store.transaction() as tx:
        exchange = sample.message(tx, sample.client(tx), fetched=False)
        assert not tx.outbox.in_flight(exchange.id)
        tx.outbox.begun(exchange.id, sample.at)
        assert tx.outbox.in_flight(exchange.id)
        tx.outbox.later(exchange.id, sample.at + LEASE)
        assert not tx.outbox.in_flight(exchange.id)
        assert tx.exchanges.get(exchange.id).attempts == 1
    assert claimed(store, sample.at) == []
    assert claimed(store, sample.at + LEASE) == [exchange.id]


def test_waiting_tells_one_client_and_one_partner(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        own = sample.message(tx, client)
        sample.message(tx, client, partner="abh")
        sample.message(tx, other)
        assert [item.exchange.id for item in tx.outbox.waiting(client.digest, "jobcenter")] == [own.id]


def test_the_inbox_keeps_what_was_taken_until_it_is_deleted(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        exchanges = [sample.exchange(tx, client), sample.exchange(tx, other)]
        for keys, exchange in zip((client, other), exchanges, strict=True):
            tx.inbox.add(keys, exchange.id, {"language.level": "d"}, keys.seal("inbox", "record", exchange.id, b"{}"))
    with store.transaction() as tx:
        assert [item.exchange.id for item in tx.inbox.page(Cursor()).items] == [exchange.id for exchange in exchanges]
        assert [item.exchange.id for item in tx.inbox.waiting(client.digest, "jobcenter")] == [exchanges[0].id]
        tx.inbox.handed_out(exchanges[0].id, sample.at)
        assert tx.inbox.get(exchanges[0].id).handed_out_at == sample.at
        tx.inbox.replace(exchanges[0].id, {}, client.seal("inbox", "record", exchanges[0].id, b"[]"))
        assert client.open("inbox", "record", exchanges[0].id, tx.inbox.sealed(exchanges[0].id)) == b"[]"
        tx.inbox.delete(exchanges[0].id)
        assert tx.inbox.sealed(exchanges[0].id) is None
        assert tx.inbox.get(exchanges[0].id) is None


def test_no_byte_of_a_waiting_message_stands_in_the_database(sqlite_store, sqlite_sample, tmp_path):
    canary = "Kanarienvogel-4711"
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx, "K-Kanarienvogel-4711")
        tx.links.put(client, "jobcenter", canary, sqlite_sample.at)
        sqlite_sample.declaration(tx, client, unit=canary)
        exchange = sqlite_sample.message(tx, client, message=canary.encode())
        tx.inbox.add(client, exchange.id, {}, client.seal("inbox", "record", exchange.id, canary.encode()))
        receipt = "00000000-0000-0000-0000-000000000001"
        tx.intake.add(receipt, "jobcenter", sqlite_sample.at, "application/xml", canary.encode(), canary)
        tx.audit(sqlite_sample.event(client.subject))
    for file in tmp_path.glob("imgate.db*"):
        assert canary.encode() not in file.read_bytes()
        assert b"Vera Beispiel" not in file.read_bytes()


@pytest.mark.parametrize("method", ["sealed", "get"])
def test_nothing_is_in_an_empty_inbox(store, method):
    with store.reading() as tx:
        assert getattr(tx.inbox, method)("00000000-0000-0000-0000-000000000001") is None


def test_what_has_waited_longer_is_found_and_nothing_younger(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        exchange = sample.message(tx, client)
        assert tx.outbox.older(sample.at, 10) == ()
        assert [item.exchange.id for item in tx.outbox.older(sample.at + timedelta(seconds=1), 10)] == [exchange.id]
        assert tx.inbox.older(sample.at + timedelta(seconds=1), 10) == ()
