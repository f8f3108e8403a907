"""A client's own page: opened by a code that the database does not give away, and a second factor that is this client's only."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.exchange.ports import Stale, Unreadable
from imgate.storage.erase import erase_client

HOUR = timedelta(hours=1)
CODE = "CANARYCODE"


@pytest.fixture
def clients(store, sample):
    """Two clients; the first has a page."""
    with store.transaction() as tx:
        one, two = sample.client(tx), sample.client(tx, "K-2")
        tx.client_pages.put(one, CODE, sample.at)
    return one, two


def test_a_page_is_found_by_its_code_and_by_its_client(store, sample, clients):
    one, two = clients
    with store.reading() as tx:
        page = tx.client_pages.get(one)
        assert (page.client, page.code, page.made_at, page.factor_until, page.failures) == (one.digest, CODE, sample.at, None, 0)
        found, by_code = tx.client_pages.by_code(CODE)
        assert (found.reference, by_code) == (one.reference, page)
        assert tx.client_pages.get(two) is None
        for wrong in ("", CODE.lower(), CODE[:-1], CODE + "X", one.reference, one.digest):
            assert tx.client_pages.by_code(wrong) is None
    assert CODE not in repr(page)


def test_another_code_takes_the_place_of_the_first_with_all_that_was_there(store, sample, clients):
    one, _ = clients
    token = store.people.sessions.begin(None, one.digest, sample.at, sample.at + HOUR, confirmed=False)
    with store.transaction() as tx:
        tx.client_pages.set_factor(one, "1234", sample.at + HOUR)
        tx.client_pages.failed(one)
        tx.client_pages.put(one, "ANOTHER", sample.at + HOUR)
    with store.reading() as tx:
        assert tx.client_pages.by_code(CODE) is None
        page = tx.client_pages.by_code("ANOTHER")[1]
        assert (page.made_at, page.factor_until, page.failures) == (sample.at + HOUR, None, 0)
        assert not tx.client_pages.factor_matches(one, "1234")
    assert store.people.sessions.get(token, sample.at, HOUR) is None


def test_a_factor_is_this_clients_and_nothing_else_matches(store, sample, clients):
    one, two = clients
    with store.transaction() as tx:
        tx.client_pages.put(two, "TWO", sample.at)
        for client, factor in ((one, "1234"), (two, "5678")):
            tx.client_pages.set_factor(client, factor, sample.at + HOUR)
        assert tx.client_pages.get(one).factor_until == sample.at + HOUR
        assert tx.client_pages.factor_matches(one, "1234")
        assert not any(tx.client_pages.factor_matches(one, wrong) for wrong in ("5678", "", "12345", "123", CODE))
        tx.client_pages.set_factor(one, None, None)
        assert not any(tx.client_pages.factor_matches(one, wrong) for wrong in ("1234", ""))


def test_a_factor_moved_from_another_client_matches_nothing(store, sample, clients):
    one, two = clients
    with store.transaction() as tx:
        tx.client_pages.put(two, "TWO", sample.at)
        tx.client_pages.set_factor(two, "5678", sample.at + HOUR)
    with store.engine.begin() as connection:
        moved = "UPDATE client_pages SET {0} = (SELECT o.{0} FROM client_pages o WHERE o.client = :two) WHERE client = :one"
        for column in ("factor", "code"):
            connection.execute(text(moved.format(column)), {"one": one.digest, "two": two.digest})
    with store.reading() as tx:
        assert not tx.client_pages.factor_matches(one, "5678")
        with pytest.raises(Unreadable):
            tx.client_pages.get(one)


def test_without_a_page_there_is_nothing_to_match_or_to_count(store, sample, clients):
    _, two = clients
    with store.transaction() as tx:
        tx.client_pages.set_factor(two, "1234", sample.at + HOUR)
        assert tx.client_pages.get(two) is None
        assert not tx.client_pages.factor_matches(two, "1234")
        assert tx.client_pages.failed(two) == 0


def test_failures_are_counted_until_the_factor_is_set_anew(store, sample, clients):
    one, _ = clients
    with store.transaction() as tx:
        assert [tx.client_pages.failed(one) for _ in range(6)] == [1, 2, 3, 4, 5, 6]
        assert tx.client_pages.get(one).failures == 6
        tx.client_pages.set_factor(one, "1234", sample.at + HOUR)
        assert tx.client_pages.get(one).failures == 0


def test_the_page_goes_with_the_client(store, sample, clients):
    one, _ = clients
    erase_client(store, one.reference, sample.at, "operator")
    with store.transaction() as tx:
        assert tx.client_pages.by_code(CODE) is None
    with pytest.raises(Stale), store.transaction() as tx:
        tx.client_pages.put(one, CODE, sample.at)


def test_neither_code_nor_factor_stands_in_the_files(sqlite_store, sqlite_sample, tmp_path):
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx)
        tx.client_pages.put(client, CODE, sqlite_sample.at)
        tx.client_pages.set_factor(client, "CANARYFACTOR", sqlite_sample.at)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("imgate.db*"))
    assert client.digest.encode() in files
    assert b"CANARY" not in files
