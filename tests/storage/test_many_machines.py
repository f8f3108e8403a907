"""A PostgreSQL that is lost: waited out, on the loop by nobody, and what was committed is known exactly."""

import asyncio
import contextlib
import threading
import time

import pytest

from imgate.audit.events import Event, EventName
from imgate.exchange.ports import Crossed, Unavailable
from imgate.exchange.stored import Cursor
from imgate.exchange.turns import in_turn
from imgate.storage import outage, session
from imgate.storage.outage import Away, Outage
from imgate.storage.proof import verify_store
from imgate.storage.session import RolledBack
from tests.storage.wire import Cut, wired

pytestmark = pytest.mark.postgres

# Whoever waits for the database waits for seconds (see ``PATIENCE_SECONDS``); whoever takes less than this has not waited.
_WAITED = 2.0


@pytest.fixture
def wire(postgres):
    with wired(postgres()) as wire:
        yield wire


@pytest.fixture
def store(opened, wire):
    return opened(wire.url)


@pytest.fixture
def client(store, sample):
    with store.transaction() as tx:
        return sample.client(tx)


@pytest.fixture
def made(store, sample, client):
    """A job that puts an exchange and an entry on record, and counts how often it was run."""

    class Made:
        runs = 0

        def __call__(self, tx):
            self.runs += 1
            exchange = sample.exchange(tx, client)
            fields = {"exchange": exchange.id, "partner": sample.partner}
            tx.audit(Event(EventName.ACKNOWLEDGED, sample.at, "partner", client.subject, fields))
            return exchange.id

    return Made()


@pytest.fixture
def impatient(store):
    """Wait three tenths of a second, and not twenty seconds."""
    store._outage = Outage(0.3)


def listed(store, client):
    with store.reading() as tx:
        return [exchange.id for exchange in tx.exchanges.page(client.digest, Cursor(limit=500)).items]


def committed(store, *jobs):
    async def main():
        return await asyncio.gather(*[store.commit(job) for job in jobs], return_exceptions=True)

    return asyncio.run(main())


@contextlib.contextmanager
def away_for(wire, seconds):
    wire.down()
    timer = threading.Timer(seconds, wire.up)
    timer.start()
    yield
    timer.join()


def test_connections_that_were_cut_while_nobody_used_them_are_noticed_by_nobody(store, wire, client, made):
    wire.cut()
    assert listed(store, client) == []
    wire.cut()
    with store.transaction() as tx:
        first = made(tx)
    wire.cut()
    (second,) = committed(store, made)
    assert listed(store, client) == [first, second]
    assert made.runs == 2


def test_a_database_that_is_away_for_a_moment_is_waited_out_by_everybody(store, wire, client, made):
    with away_for(wire, 0.5):
        assert listed(store, client) == []
    with away_for(wire, 0.5), store.transaction() as tx:
        first = made(tx)
    with away_for(wire, 0.5):
        (second,) = committed(store, made)
    assert listed(store, client) == [first, second]
    assert not store._outage.lasts


def test_after_some_time_nobody_waits_any_longer_until_it_is_back(store, wire, client, made, impatient):
    wire.down()
    with pytest.raises(Away):
        listed(store, client)
    begun = time.monotonic()
    for _ in range(5):
        with pytest.raises(Away), store.transaction():
            pass
    assert all(isinstance(error, Away) for error in committed(store, made, made))
    assert time.monotonic() - begun < 0.3
    assert made.runs == 0
    wire.up()
    assert committed(store, made) == listed(store, client)


def test_whether_it_answers_is_told_at_once(store, wire):
    assert store.answers()
    wire.down()
    begun = time.monotonic()
    assert not store.answers()
    assert not store.answers()
    assert time.monotonic() - begun < 0.3
    wire.up()
    assert store.answers()


def test_the_loop_never_waits_and_goes_on_when_the_database_is_back(store, wire, client):
    async def main():
        wire.down()
        begun = time.monotonic()
        for _ in range(3):
            with pytest.raises(Unavailable), store.reading():
                pass
        assert time.monotonic() - begun < _WAITED
        waiting = [asyncio.ensure_future(store.back()) for _ in range(20)]
        for _ in range(20):
            turn = time.monotonic()
            await asyncio.sleep(0.02)
            assert time.monotonic() - turn < _WAITED
        assert not any(one.done() for one in waiting)
        wire.up()
        await asyncio.gather(*waiting)
        return listed(store, client)

    assert asyncio.run(main()) == []


def test_who_waits_beside_the_loop_is_told_when_it_takes_too_long(store, wire, impatient):
    async def main():
        wire.down()
        with pytest.raises(Unavailable), store.reading():
            pass
        with pytest.raises(Away):
            await store.back()

    asyncio.run(main())


def test_an_embedded_database_is_not_waited_for(sqlite_store):
    with pytest.raises(Unavailable):
        asyncio.run(sqlite_store.back())


def test_a_job_that_loses_the_connection_before_its_commit_is_run_again(store, wire, client, made):
    def job(tx):
        made_id = made(tx)
        if made.runs == 1:
            wire.cut()
            tx.exchanges.get(made_id)
        return made_id

    (kept,) = committed(store, job)
    assert made.runs == 2
    assert listed(store, client) == [kept]


def test_a_step_that_loses_the_connection_before_its_commit_is_taken_again(store, wire, client, made):
    @in_turn
    def step():
        with store.transaction() as tx:
            made_id = made(tx)
            if made.runs == 1:
                wire.cut()
                tx.exchanges.get(made_id)
        return made_id

    kept = step()
    assert made.runs == 2
    assert listed(store, client) == [kept]


@pytest.mark.parametrize("cut", [Cut.UNHEARD, Cut.HELD])
def test_a_commit_that_the_server_never_heard_of_is_made_again(store, wire, client, made, cut):
    wire.next_commit = cut
    outcomes = committed(store, made, made, made)
    assert sorted(listed(store, client)) == sorted(outcomes)
    assert made.runs == 6
    assert verify_store(store).entries == 3


def test_a_transaction_that_was_lost_before_its_end_is_known_to_be_undone_whoever_saw_it(store, wire, sample, client):
    """Without an audit entry too: nobody was told to commit."""
    with pytest.raises(Crossed), store.transaction() as tx:  # noqa: PT012  # what happens before it is the point
        exchange = sample.exchange(tx, client)
        wire.cut()
        with contextlib.suppress(Exception):
            tx.exchanges.get(exchange.id)
    assert listed(store, client) == []


@pytest.mark.parametrize("cut", [Cut.UNHEARD, Cut.HELD])
def test_a_transaction_that_the_server_never_heard_the_end_of_is_known_to_be_undone(store, wire, client, made, cut):
    wire.next_commit = cut
    with pytest.raises(Crossed), store.transaction() as tx:
        made(tx)
    assert listed(store, client) == []
    assert verify_store(store).entries == 0


def test_a_commit_whose_answer_is_lost_counts_and_is_not_made_again(store, wire, client, made):
    wire.next_commit = Cut.UNANSWERED
    outcomes = committed(store, made, made, made)
    assert made.runs == 3
    wire.next_commit = Cut.UNANSWERED
    with store.transaction() as tx:
        outcomes.append(made(tx))
    assert sorted(listed(store, client)) == sorted(outcomes)
    assert verify_store(store).entries == 4


def test_a_commit_of_which_nothing_is_known_is_neither_a_success_nor_made_again(store, wire, client, made, impatient):
    def last(tx):
        wire.next_commit = Cut.UNANSWERED
        wire.take_no_more()
        return made(tx)

    outcomes = committed(store, made, last)
    assert all(isinstance(error, Away) for error in outcomes)
    assert made.runs == 2
    wire.up()
    assert len(listed(store, client)) == 2


def test_a_step_of_which_nothing_is_known_is_not_taken_again(store, wire, client, made, impatient):
    @in_turn
    def step():
        with store.transaction() as tx:
            wire.next_commit = Cut.UNANSWERED
            wire.take_no_more()
            made(tx)

    with pytest.raises(Away):
        step()
    assert made.runs == 1


def test_a_commit_that_put_nothing_on_record_is_not_made_again(store, wire, sample, client):
    runs = []

    def job(tx):
        runs.append(sample.exchange(tx, client).id)

    wire.next_commit = Cut.UNHEARD
    (error,) = committed(store, job)
    assert isinstance(error, Away)
    assert len(runs) == 1


def test_a_commit_that_still_runs_is_waited_for(store, wire, client, made, monkeypatch):
    """As one does that waits for a standby: its entry is not to be seen before."""
    state = outage._BUSY
    monkeypatch.setattr(outage, "_BUSY", "SELECT 'active' WHERE %s::int IS NOT NULL AND %s::text IS NOT NULL")
    entry = outage._ENTRY
    monkeypatch.setattr(outage, "_ENTRY", "SELECT 1 WHERE %s::text IS NULL")

    def release():
        monkeypatch.setattr(outage, "_BUSY", state)
        monkeypatch.setattr(outage, "_ENTRY", entry)

    timer = threading.Timer(0.3, release)
    timer.start()
    wire.next_commit = Cut.UNANSWERED
    (kept,) = committed(store, made)
    timer.join()
    assert made.runs == 1
    assert listed(store, client) == [kept]


def test_what_was_read_counts_though_the_end_of_the_reading_was_lost(store, wire, client):
    with store.reading() as tx:
        found = tx.clients.by_digest(client.digest)
        wire.cut()
    assert found.subject == client.subject
    assert listed(store, client) == []


def test_a_standby_is_as_good_as_away(store, wire, monkeypatch, impatient):
    wire.cut()
    with monkeypatch.context() as patched:
        patched.setattr(session, "_WHO", "SELECT 1, now()::text, true")
        with pytest.raises(Unavailable, match="standby"), store.reading():
            pass
        assert not store.answers()
    assert store.answers()


def test_a_server_that_became_read_only_is_left(store, client, made):
    with pytest.raises(Crossed), store.transaction() as tx:  # noqa: PT012  # what happens before it is the point
        tx.session.driver.execute("SET TRANSACTION READ ONLY")
        made(tx)
    with store.transaction() as tx:
        made(tx)


def test_a_failure_that_somebody_swallowed_is_no_commit(store, client, made):
    with pytest.raises(RolledBack), store.transaction() as tx:  # noqa: PT012  # what happens before it is the point
        made(tx)
        with contextlib.suppress(Exception):
            tx.session.driver.execute("SELECT * FROM nowhere")
    assert listed(store, client) == []
