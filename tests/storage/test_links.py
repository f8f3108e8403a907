"""A link finds a client only while it is what was written, for the partner it was written for."""

import pytest
from sqlalchemy import text

from imgate.exchange.ports import ReferenceTaken


def run(store, sql, **values):
    with store.engine.begin() as connection:
        return connection.execute(text(sql), values).rowcount


@pytest.fixture
def linked(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        link = tx.links.put(client, "jobcenter", "355A123456", sample.at)
    return client, link


def test_a_link_is_found_by_its_client_and_by_its_reference(store, linked):
    client, link = linked
    with store.reading() as tx:
        assert tx.links.get(client, "jobcenter") == link
        found = tx.links.by_reference("jobcenter", "355A123456")
    assert found is not None
    assert found.digest == client.digest


def test_a_reference_means_nothing_to_another_partner(store, linked):
    client, _ = linked
    with store.reading() as tx:
        assert tx.links.by_reference("abh", "355A123456") is None
        assert tx.links.get(client, "abh") is None


def test_the_same_reference_has_another_digest_with_another_partner(store, sample, linked):
    client, link = linked
    with store.transaction() as tx:
        other = tx.links.put(client, "abh", "355A123456", sample.at)
    assert other.reference_digest != link.reference_digest


def test_a_reference_belongs_to_one_client_per_partner(store, sample, linked):
    with store.transaction() as tx:
        other = sample.client(tx, "K-2")
        with pytest.raises(ReferenceTaken):
            tx.links.put(other, "jobcenter", "355A123456", sample.at)
        tx.links.put(other, "abh", "355A123456", sample.at)


def test_another_reference_replaces_the_first_which_matches_nobody_from_then_on(store, sample, linked):
    client, link = linked
    with store.transaction() as tx:
        replaced = tx.links.put(client, "jobcenter", "355A999999", sample.at)
        assert replaced.version == link.version + 1
        assert tx.links.by_reference("jobcenter", "355A123456") is None
        assert tx.links.by_reference("jobcenter", "355A999999") is not None


def test_a_deleted_link_matches_nobody(store, linked):
    client, _ = linked
    with store.transaction() as tx:
        assert tx.links.delete(client, "jobcenter") is True
        assert tx.links.delete(client, "jobcenter") is False
        assert tx.links.get(client, "jobcenter") is None
        assert tx.links.by_reference("jobcenter", "355A123456") is None


@pytest.mark.parametrize(
    "change", ["version = version + 1", "mac = reference", "reference_digest = 'x'", "partner = 'abh'", "client = :other"]
)
def test_a_tampered_link_matches_nobody(store, sample, linked, change):
    client, _ = linked
    with store.transaction() as tx:
        other = sample.client(tx, "K-2")
    run(store, f"UPDATE links SET {change}", **({"other": other.digest} if ":other" in change else {}))  # noqa: S608  # the parameters of this test
    with store.reading() as tx:
        for partner in ("jobcenter", "abh"):
            assert tx.links.by_reference(partner, "355A123456") is None
            assert tx.links.get(client, partner) is None
            assert tx.links.get(other, partner) is None


def test_a_link_that_was_exchanged_for_another_clients_matches_nobody(store, sample, linked):
    client, _ = linked
    with store.transaction() as tx:
        other = sample.client(tx, "K-2")
        tx.links.put(other, "jobcenter", "355B000001", sample.at)
    for before, after in ((client.digest, None), (other.digest, client.digest)):
        if after is None:
            run(store, "DELETE FROM links WHERE client = :before", before=before)
        else:
            run(store, "UPDATE links SET client = :after WHERE client = :before", before=before, after=after)
    with store.reading() as tx:
        assert tx.links.by_reference("jobcenter", "355B000001") is None
        assert tx.links.get(client, "jobcenter") is None
