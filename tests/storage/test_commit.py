"""Group commit: everybody gets their own outcome, and gets it only when it is durable."""

import asyncio
import contextlib
import threading
import time

import pytest

from imgate.exchange.ports import Unavailable
from imgate.exchange.stored import Cursor


def listed(store, client):
    with store.reading() as tx:
        return [exchange.id for exchange in tx.exchanges.page(client.digest, Cursor(limit=500)).items]


@pytest.fixture
def client(store, sample):
    with store.transaction() as tx:
        return sample.client(tx)


def test_jobs_of_one_turn_are_all_committed(store, sample, client):
    async def main():
        return await asyncio.gather(*[store.commit(lambda tx: sample.exchange(tx, client).id) for _ in range(300)])

    assert sorted(asyncio.run(main())) == sorted(listed(store, client))


def test_a_failing_job_is_alone_with_its_failure(store, sample, client):
    def failing(tx):
        sample.exchange(tx, client)
        raise ZeroDivisionError

    async def main():
        good = [store.commit(lambda tx: sample.exchange(tx, client).id) for _ in range(5)]
        return await asyncio.gather(*good[:2], store.commit(failing), *good[2:], return_exceptions=True)

    outcomes = asyncio.run(main())
    assert [type(outcome) for outcome in outcomes] == [str, str, ZeroDivisionError, str, str, str]
    assert sorted(listed(store, client)) == sorted(outcome for outcome in outcomes if isinstance(outcome, str))


def test_a_job_that_breaks_the_database_statement_is_alone_with_its_failure(store, sample, client):
    async def main():
        good = store.commit(lambda tx: sample.exchange(tx, client).id)
        bad = store.commit(lambda tx: tx.session.driver.execute("SELECT * FROM nowhere"))
        return await asyncio.gather(good, bad, return_exceptions=True)

    good, bad = asyncio.run(main())
    assert listed(store, client) == [good]
    assert isinstance(bad, Exception)


def test_one_who_went_away_before_its_turn_leaves_nothing(sqlite_store, sqlite_sample):
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx)

    async def main():
        task = asyncio.ensure_future(sqlite_store.commit(lambda tx: sqlite_sample.exchange(tx, client).id))
        await asyncio.sleep(0)
        task.cancel()
        return await asyncio.gather(task, sqlite_store.commit(lambda tx: "done"), return_exceptions=True)

    cancelled, done = asyncio.run(main())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert done == "done"


def test_the_loop_goes_on_while_another_thread_writes(sqlite_store, sqlite_sample):
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx)
    holding, release = threading.Event(), threading.Event()

    def hold():
        with sqlite_store.transaction():
            holding.set()
            release.wait(10)

    async def main():
        waiting = asyncio.ensure_future(sqlite_store.commit(lambda tx: sqlite_sample.exchange(tx, client).id))
        turns = 0
        for _ in range(20):
            await asyncio.sleep(0.005)
            turns += 1
        assert not waiting.done()
        release.set()
        return turns, await waiting

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    turns, made = asyncio.run(main())
    thread.join()
    assert turns == 20
    assert listed(sqlite_store, client) == [made]


def test_writers_in_threads_and_on_the_loop_all_get_through(store, sample, client):
    def write():
        for _ in range(20):
            with store.transaction() as tx:
                sample.exchange(tx, client)

    async def main():
        for _ in range(20):
            await asyncio.gather(*[store.commit(lambda tx: sample.exchange(tx, client).id) for _ in range(3)])

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    asyncio.run(main())
    for thread in threads:
        thread.join()
    assert len(listed(store, client)) == 120


def test_a_transaction_inside_a_transaction_is_a_bug_and_not_a_deadlock(sqlite_store):
    with sqlite_store.transaction(), pytest.raises(RuntimeError), sqlite_store.transaction():
        pass


def test_readers_see_one_snapshot_and_cannot_write(store, sample, client):
    with store.reading() as reading:
        assert reading.exchanges.page(client.digest, Cursor()).items == ()
        with store.transaction() as tx:
            sample.exchange(tx, client)
        assert reading.exchanges.page(client.digest, Cursor()).items == ()
        with pytest.raises(Exception, match=r"(?i)read-?only"):
            sample.exchange(reading, client)


def test_readers_may_be_open_inside_one_another(store, client):
    with store.reading() as outer, store.reading() as inner:
        assert outer is not inner
        assert inner.clients.by_digest(client.digest) is not None


@pytest.mark.postgres
def test_a_lost_connection_is_replaced(postgres, opened, sample_of):
    store = opened(postgres())
    sample = sample_of(store)
    with store.transaction() as tx:
        client = sample.client(tx)
    with pytest.raises(Unavailable), store.transaction() as tx:  # noqa: PT012  # what happens before it is the point
        with store.reading() as other:
            other.session.driver.execute(f"SELECT pg_terminate_backend({tx.session.driver.info.backend_pid})")
        sample.exchange(tx, client)
    with store.transaction() as tx:
        sample.exchange(tx, client)


@pytest.mark.postgres
def test_a_deadlock_among_writers_is_solved_by_trying_again(postgres, opened, sample_of):
    store = opened(postgres())
    sample = sample_of(store)
    with store.transaction() as tx:
        client = sample.client(tx)
        heads = [sample.declaration(tx, client) for _ in range(2)]
    lock = "SELECT * FROM declaration_heads WHERE id = '{}' FOR UPDATE"
    began = threading.Event()

    def other():
        with store.transaction() as tx:
            tx.session.driver.execute(lock.format(heads[1].id))
            began.set()
            time.sleep(0.2)
            tx.session.driver.execute(lock.format(heads[0].id))

    thread = threading.Thread(target=lambda: _quietly(other))
    thread.start()
    began.wait(10)

    def job(tx):
        tx.session.driver.execute(lock.format(heads[0].id))
        time.sleep(0.3)
        tx.session.driver.execute(lock.format(heads[1].id))
        return "done"

    async def main():
        return await store.commit(job)

    assert asyncio.run(main()) == "done"
    thread.join()


def _quietly(work):
    with contextlib.suppress(Unavailable):
        work()


@pytest.mark.postgres
def test_a_revocation_waits_for_a_decision_that_is_being_committed(postgres, opened, sample_of):
    store = opened(postgres())
    sample = sample_of(store)
    with store.transaction() as tx:
        client = sample.client(tx)
        head = sample.declaration(tx, client)
    order = []

    def revoke():
        with store.transaction() as tx:
            _, stored = tx.declarations.get(head.id)
            order.append("revoking")
            tx.declarations.change(client, stored.head.next(), sample.at, "revoked")

    with store.transaction() as tx:
        assert len(tx.declarations.of(client.digest, "jobcenter")) == 1
        thread = threading.Thread(target=revoke)
        thread.start()
        time.sleep(0.2)
        order.append("decided")
    thread.join()
    assert order == ["decided", "revoking"]
