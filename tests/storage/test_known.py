"""What is known of a partner is per client, partner and purpose; it is remembered and forgotten scope by scope, on both databases."""

import pytest
from sqlalchemy import text

from imgate.exchange.stored import KnownValue
from imgate.storage.erase import erase_client

LABOUR, HOUSING = "labour_market_integration", "housing"
LEVEL, STATUS = KnownValue("d1", "x1"), KnownValue("d2", "x1")


@pytest.fixture
def client(store, sample):
    with store.transaction() as tx:
        return sample.client(tx).digest


def known(store, client, partner="jobcenter", purpose=LABOUR):
    with store.reading() as tx:
        return dict(tx.known.of(client, partner, purpose))


def put(store, client, values, partner="jobcenter", purpose=LABOUR):
    with store.transaction() as tx:
        tx.known.put(client, partner, purpose, values)


def rows(store):
    with store.engine.begin() as connection:
        return connection.execute(text("SELECT count(*) FROM known")).scalar_one()


def test_of_whom_nothing_is_known_nothing_is_known(store, client):
    assert known(store, client) == {}
    assert known(store, "nobody") == {}


def test_what_is_put_stays_beside_what_was_known_and_in_its_place(store, client):
    put(store, client, {"language.level": LEVEL})
    put(store, client, {"residence.status": STATUS})
    assert known(store, client) == {"language.level": LEVEL, "residence.status": STATUS}
    newer = KnownValue("d3", "x2")
    put(store, client, {"language.level": newer})
    assert known(store, client) == {"language.level": newer, "residence.status": STATUS}
    assert rows(store) == 1


def test_putting_nothing_leaves_no_row(store, client):
    put(store, client, {})
    assert rows(store) == 0


def test_partners_purposes_and_clients_are_apart(store, sample, client):
    with store.transaction() as tx:
        other = sample.client(tx, "K-2").digest
    put(store, client, {"language.level": LEVEL})
    assert known(store, client, partner="abh") == {}
    assert known(store, client, purpose=HOUSING) == {}
    assert known(store, other) == {}


def test_forgetting_an_exchange_leaves_what_a_later_one_carried(store, client):
    put(store, client, {"language.level": LEVEL, "residence.status": STATUS})
    put(store, client, {"residence.status": KnownValue("d3", "x2")})
    with store.transaction() as tx:
        tx.known.forget_exchange(client, "jobcenter", "x1")
    assert known(store, client) == {"residence.status": KnownValue("d3", "x2")}


def test_forgetting_some_scopes_of_an_exchange_leaves_the_others(store, client):
    put(store, client, {"language.level": LEVEL, "residence.status": STATUS})
    with store.transaction() as tx:
        tx.known.forget_exchange(client, "jobcenter", "x1", iter(["residence.status", "person.name"]))
        tx.known.forget_exchange(client, "jobcenter", "x1", [])
        tx.known.forget_exchange(client, "abh", "x1")
        tx.known.forget_exchange(client, "jobcenter", "x9")
    assert known(store, client) == {"language.level": LEVEL}


def test_forgetting_scopes_reaches_every_purpose_and_no_other_partner(store, client):
    for purpose in (LABOUR, HOUSING):
        put(store, client, {"language.level": LEVEL, "residence.status": STATUS}, purpose=purpose)
    put(store, client, {"language.level": LEVEL}, partner="abh")
    with store.transaction() as tx:
        tx.known.forget(client, "jobcenter", iter(["language.level"]))
    assert known(store, client) == known(store, client, purpose=HOUSING) == {"residence.status": STATUS}
    assert known(store, client, partner="abh") == {"language.level": LEVEL}


def test_forgetting_all_leaves_no_row_and_no_scope_means_nothing(store, client):
    put(store, client, {"language.level": LEVEL})
    with store.transaction() as tx:
        tx.known.forget(client, "jobcenter", [])
    assert rows(store) == 1
    with store.transaction() as tx:
        tx.known.forget(client, "jobcenter")
    assert rows(store) == 0


def test_what_was_put_or_forgotten_in_a_transaction_that_failed_is_as_before(store, client):
    put(store, client, {"language.level": LEVEL})

    def both():
        with store.transaction() as tx:
            tx.known.forget(client, "jobcenter")
            tx.known.put(client, "abh", LABOUR, {"language.level": LEVEL})
            raise LookupError

    with pytest.raises(LookupError):
        both()
    assert known(store, client) == {"language.level": LEVEL}
    assert known(store, client, partner="abh") == {}


def test_with_the_client_everything_that_was_known_is_erased(store, sample, client):
    put(store, client, {"language.level": LEVEL})
    store.erasures.touch()
    assert erase_client(store, "K-2026-0815", sample.at, "operator")
    assert rows(store) == 0
