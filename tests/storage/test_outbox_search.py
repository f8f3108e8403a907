"""What a partner looks for among what waits for it: nothing of anybody else's, in either order, on both databases."""

from datetime import timedelta

import pytest

from imgate.exchange.ports import Wanted
from imgate.exchange.stored import Cursor, Waiting

HOUR = timedelta(hours=1)


def found(store, at, partner="jobcenter", limit=100, **wanted):
    """Follow a search to its end; give the ids in their order."""
    ids, cursor = [], Cursor(None, limit)
    with store.transaction() as tx:
        while True:
            page = tx.outbox.search(partner, cursor, at, Wanted(**wanted))
            ids += [item.exchange.id for item in page.items]
            if page.next is None:
                return ids
            cursor = Cursor(page.next, limit)


@pytest.fixture
def waiting(store, sample):
    """Three messages, an hour apart, under two references; give their ids."""
    with store.transaction() as tx:
        client, ids = tx.clients.open("K-1"), []
        for place, reference in enumerate(("ABC-1", "ABC-2", "ABC-1")):
            scopes = ("language.level",) if place else ("language.level", "person.marital_status")
            exchange = sample.exchange(tx, client, created_at=sample.at + place * HOUR, released=scopes, purpose=f"purpose-{place}")
            digest = tx.links.digest_of("jobcenter", reference)
            box = sample.box(client, exchange.id)
            tx.outbox.add(exchange, Waiting({}, {}, digest, "application/xml", fetched=True, held_until=None, box=box))
            ids.append(exchange.id)
        sample.message(tx, client, fetched=False)  # pushed
        sample.message(tx, client, held_until=sample.at + 100 * HOUR)
        sample.message(tx, client, partner="abh")
    return ids


def test_without_a_wish_it_lists_what_the_partner_fetches(store, sample, waiting):
    assert found(store, sample.at) == waiting
    with store.reading() as tx:
        listed = tx.outbox.page("jobcenter", Cursor(), sample.at).items
    assert [item.exchange.id for item in listed] == waiting


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_newest_first_is_the_same_list_turned_round(store, sample, waiting, limit):
    assert found(store, sample.at, limit=limit, newest_first=True) == waiting[::-1]
    assert found(store, sample.at, limit=limit) == waiting


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({"reference": "ABC-1"}, [0, 2]),
        ({"reference": "abc-1"}, []),
        ({"reference": ""}, []),
        ({"purpose": "purpose-1"}, [1]),
        ({"scope": "person.marital_status"}, [0]),
        ({"scope": "person.marital-status"}, []),
        ({"scope": "person.maritalXstatus"}, []),
        ({"scope": "language"}, []),
        ({"scope": "%"}, []),
        ({"scope": '","'}, []),
        ({"reference": "ABC-1", "scope": "language.level", "newest_first": True}, [2, 0]),
        ({"reference": "ABC-2", "purpose": "purpose-0"}, []),
    ],
)
def test_what_is_wanted_is_found_and_nothing_else(store, sample, waiting, wanted, places):
    assert found(store, sample.at, **wanted) == [waiting[place] for place in places]


def test_days_are_compared_with_when_it_was_written(store, sample, waiting):
    assert found(store, sample.at, since=sample.at + HOUR) == waiting[1:]
    assert found(store, sample.at, until=sample.at + HOUR) == waiting[:1]
    assert found(store, sample.at, since=sample.at + HOUR, until=sample.at + 2 * HOUR) == waiting[1:2]


def test_one_message_is_found_by_its_id_where_the_list_would_show_it(store, sample, waiting):
    assert found(store, sample.at, exchange=waiting[1]) == waiting[1:2]
    assert found(store, sample.at, partner="abh", exchange=waiting[1]) == []
    for hidden in sample.made[3:]:
        assert found(store, sample.at, exchange=hidden) == []


def test_the_digest_of_what_waits_is_known_without_the_payload(store, sample, waiting):
    with store.reading() as tx:
        (item, *_) = tx.outbox.search("jobcenter", Cursor(), sample.at, Wanted()).items
        assert item.sha256 == tx.outbox.box(item.exchange.id).sha256


def test_a_reference_has_another_digest_with_another_partner(store):
    with store.reading() as tx:
        assert tx.links.digest_of("jobcenter", "ABC-1") != tx.links.digest_of("abh", "ABC-1")
