"""The history of exchanges keeps what happened, in its order."""

from datetime import timedelta

import pytest

from imgate.exchange.ports import BadCursor, Stale
from imgate.exchange.stored import Cursor, Disclosure
from imgate.storage import disclosures, exchanges, inbox, intake, outbox
from imgate.vocabulary.words import Direction, ExchangeState


def test_an_exchange_comes_back_with_its_history(store, sample):
    with store.transaction() as tx:
        exchange = sample.exchange(tx, sample.client(tx))
        tx.exchanges.move(exchange.id, ExchangeState.DELIVERED, sample.at + timedelta(minutes=1))
        tx.exchanges.move(exchange.id, ExchangeState.REJECTED, sample.at + timedelta(minutes=2), "unknown_person")
    with store.reading() as tx:
        found = tx.exchanges.get(exchange.id)
    assert found is not None
    assert (found.state, found.released, found.withheld) == (ExchangeState.REJECTED, exchange.released, exchange.withheld)
    assert [(state, detail) for _, state, detail in found.history] == [
        ("queued", None),
        ("delivered", None),
        ("rejected", "unknown_person"),
    ]


def test_narrowing_is_recorded(store, sample):
    with store.transaction() as tx:
        exchange = sample.exchange(tx, sample.client(tx))
        tx.exchanges.narrow(exchange.id, ["language.level"], [("residence.status", "revoked")], ["d"])
        found = tx.exchanges.get(exchange.id)
    assert (found.released, found.withheld, found.declarations) == (("language.level",), (("residence.status", "revoked"),), ("d",))


def test_an_unknown_exchange_is_none(store):
    with store.reading() as tx:
        assert tx.exchanges.get("00000000-0000-0000-0000-000000000001") is None


def test_nothing_is_stored_for_a_client_who_is_not_there(store, sample):
    with pytest.raises(Stale), store.transaction() as tx:  # noqa: PT012  # what happens before it is the point
        client = sample.client(tx)
        tx.session.driver.execute("DELETE FROM client_keys")
        sample.exchange(tx, client)


def test_states_tell_outbound_exchanges_of_this_client_and_partner(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        wanted = sample.exchange(tx, client, state=ExchangeState.DELIVERED)
        sample.exchange(tx, client)
        sample.exchange(tx, client, state=ExchangeState.DELIVERED, partner="abh")
        sample.exchange(tx, client, state=ExchangeState.ACKNOWLEDGED, direction=Direction.FROM_PARTNER)
        sample.exchange(tx, other, state=ExchangeState.DELIVERED)
        found = tx.exchanges.states(client.digest, "jobcenter", [ExchangeState.DELIVERED, ExchangeState.ACKNOWLEDGED])
    assert [exchange.id for exchange in found] == [wanted.id]


def test_pages_list_each_exchange_of_the_client_once_in_order(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        ids = []
        for _ in range(7):
            ids.append(sample.exchange(tx, client).id)
            sample.exchange(tx, other)
    seen, after = [], None
    for _ in range(4):
        with store.reading() as tx:
            page = tx.exchanges.page(client.digest, Cursor(after, 2))
        seen += [exchange.id for exchange in page.items]
        after = page.next
    assert seen == ids
    assert after is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "AAAA", "ä", "AAAAAAAAAAAAAAAAAAAAAA==", "_" * 22, "A" * 23, "AAAAAAAAAAAAAAAAAAAAAB", " " * 22]
)
def test_a_bad_cursor_is_the_senders_fault(store, sample, cursor):
    with store.reading() as tx, pytest.raises(BadCursor):
        tx.exchanges.page("0" * 32, Cursor(cursor))


@pytest.mark.postgres
def test_whoever_follows_next_misses_nothing_that_commits_late(postgres, opened, sample_of):
    store = opened(postgres())
    sample = sample_of(store)
    with store.transaction() as tx:
        client = sample.client(tx)
        first = [sample.exchange(tx, client).id]
    with store.transaction() as early:
        late = sample.exchange(early, client).id  # has its number, and is not committed
        for _ in range(5):
            with store.transaction() as tx:
                first.append(sample.exchange(tx, client).id)
        with store.reading() as tx:
            page = tx.exchanges.page(client.digest, Cursor(limit=3))
        assert [exchange.id for exchange in page.items] == first[:3]
    seen, after = list(page.items), page.next
    while after is not None:
        with store.reading() as tx:
            page = tx.exchanges.page(client.digest, Cursor(after, 3))
        seen += page.items
        after = page.next
    assert {exchange.id for exchange in seen} == {*first, late}


def test_disclosures_are_kept_one_row_a_hand_out(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        exchange = sample.exchange(tx, client)
        for minutes in range(3):
            at = sample.at + timedelta(minutes=minutes)
            tx.disclosures.add(
                Disclosure(exchange.id, client.digest, "jobcenter", Direction.TO_PARTNER, None, ("language.level",), ("d",), at)
            )
    with store.reading() as tx:
        page = tx.disclosures.page(client.digest, Cursor())
        assert tx.disclosures.page("0" * 32, Cursor()).items == ()
    assert [disclosure.at.minute for disclosure in page.items] == [30, 31, 32]
    assert page.items[0].scopes == ("language.level",)


def test_origins_are_remembered_once(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        assert tx.origins.of(client.digest) == frozenset()
        tx.origins.add(client.digest, "abh", ["residence.status", "residence.title"])
        tx.origins.add(client.digest, "abh", ["residence.status"])
        tx.origins.add(client.digest, "jobcenter", ["residence.status"])
        assert tx.origins.of(client.digest) == {"residence.status", "residence.title"}
        assert tx.origins.of(other.digest) == frozenset()


@pytest.mark.parametrize("table", ["exchanges", "disclosures", "intake", "outbox", "inbox"])
def test_lists_are_read_from_an_index(sqlite_store, table):
    listing = {
        "exchanges": exchanges._LISTING,
        "disclosures": disclosures._LISTING,
        "intake": intake._OF_PARTNER,
        "outbox": outbox._LISTING,
        "inbox": inbox._LISTING,
    }[table]
    with sqlite_store.reading() as tx:
        form = listing._sqlite._compile(tx.session.dialect)
        plan = [row[3] for row in tx.session.driver.execute(f"EXPLAIN QUERY PLAN {form.sql}", [0] * form.sql.count("?"))]
    assert "written_in=? AND position>?" in plan[0]
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan)
