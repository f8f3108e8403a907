"""Clients are known by a keyed digest, and opened with keys that fit nowhere else."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from imgate.exchange.ports import Unreadable
from imgate.keys import Key, Keyring, KeyUse
from imgate.storage.erase import erase_client


def run(store, sql, **values):
    with store.engine.begin() as connection:
        return connection.execute(text(sql), values)


def test_an_unknown_client_is_not_found(store):
    with store.reading() as tx:
        assert tx.clients.find("K-2026-0815") is None
        assert tx.clients.by_digest("0" * 32) is None


def test_a_client_is_opened_once_and_found_again(store):
    with store.transaction() as tx:
        made = tx.clients.open("K-1")
        again = tx.clients.open("K-1")
    with store.reading() as tx:
        found = tx.clients.find("K-1")
    assert found is not None
    assert (made.digest, made.subject, made.reference) == (again.digest, again.subject, "K-1") == (found.digest, found.subject, "K-1")


def test_subjects_and_digests_differ_between_clients_and_say_nothing(store):
    with store.transaction() as tx:
        one, other = tx.clients.open("K-1"), tx.clients.open("K-2")
    assert one.digest != other.digest
    assert one.subject != other.subject
    assert "K-1" not in one.digest + one.subject + repr(one)


@pytest.mark.parametrize("moved", [("outbox", "message", "2"), ("outbox", "released", "1"), ("inbox", "message", "1")])
def test_a_moved_ciphertext_is_unreadable(store, moved):
    with store.transaction() as tx:
        client = tx.clients.open("K-1")
    sealed = client.seal("outbox", "message", "1", b"secret")
    assert client.open("outbox", "message", "1", sealed) == b"secret"
    with pytest.raises(Unreadable):
        client.open(*moved, sealed)


def test_one_clients_ciphertext_is_unreadable_with_anothers_keys(store):
    with store.transaction() as tx:
        one, other = tx.clients.open("K-1"), tx.clients.open("K-2")
    with pytest.raises(Unreadable):
        other.open("outbox", "message", "1", one.seal("outbox", "message", "1", b"secret"))


@pytest.mark.parametrize("damage", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b"\x02" + b[1:], lambda b: b[:8], lambda b: b""])
def test_a_changed_ciphertext_is_unreadable(store, damage):
    with store.transaction() as tx:
        client = tx.clients.open("K-1")
    with pytest.raises(Unreadable):
        client.open("t", "c", "1", damage(client.seal("t", "c", "1", b"secret")))


def test_keys_that_were_put_under_another_client_do_not_open(store):
    with store.transaction() as tx:
        one, other = tx.clients.open("K-1"), tx.clients.open("K-2")
    run(
        store,
        "UPDATE client_keys SET data_key = (SELECT data_key FROM client_keys WHERE client = :one) WHERE client = :other",
        one=one.digest,
        other=other.digest,
    )
    with store.reading() as tx, pytest.raises(Unreadable):
        tx.clients.find("K-2")


def test_swapped_digests_do_not_open_another_clients_keys(store):
    with store.transaction() as tx:
        one, other = tx.clients.open("K-1"), tx.clients.open("K-2")
    for before, after in ((one.digest, "x"), (other.digest, one.digest), ("x", other.digest)):
        run(store, "UPDATE client_keys SET client = :after WHERE client = :before", before=before, after=after)
    with store.reading() as tx, pytest.raises(Unreadable):
        tx.clients.find("K-1")


def test_nonces_are_never_the_same(store):
    with store.transaction() as tx:
        client = tx.clients.open("K-1")
    assert len({client.seal("t", "c", "1", b"secret") for _ in range(1000)}) == 1000


def test_a_rolled_back_client_is_unknown(store):
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012  # what is written before it is the point
        tx.clients.open("K-1")
        raise ZeroDivisionError
    with store.reading() as tx:
        assert tx.clients.find("K-1") is None


def test_after_a_rotation_old_clients_open_and_new_ones_take_the_new_key(opened, url, keyring):
    rotated = Keyring([*keyring.keys, Key.made(KeyUse.WRAPPING, date(2026, 6, 1))])
    with opened(url).transaction() as tx:
        subject = tx.clients.open("K-1").subject
    store = opened(url, keys=rotated)
    with store.transaction() as tx:
        tx.clients.open("K-2")
        assert tx.clients.find("K-1").subject == subject
    with opened(url).reading() as tx, pytest.raises(Unreadable, match="not in the keyring"):
        tx.clients.find("K-2")


def test_erasing_binds_the_proof_key_to_the_current_wrapping_key(opened, url, keyring):
    rotated = Keyring([*keyring.keys, Key.made(KeyUse.WRAPPING, date(2026, 6, 1))])
    with opened(url).transaction() as tx:
        tx.clients.open("K-1")
    store = opened(url, keys=rotated)
    erase_client(store, "K-1", datetime(2026, 6, 2, tzinfo=UTC), "operator")
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT wrapping_key FROM client_keys")).scalar_one() == rotated.current(KeyUse.WRAPPING).id
