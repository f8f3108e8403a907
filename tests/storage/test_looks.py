"""The access log is read in either direction, narrowed by who, when and at whom, page by page, on both databases."""

from datetime import timedelta

import pytest

from imgate.exchange.ports import BadCursor, Look
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import Door

HOUR = timedelta(hours=1)


@pytest.fixture
def looked(store, sample):
    """Four looks, an hour apart, by two people, every other one at one client; give its digest."""
    with store.transaction() as tx:
        digest = tx.clients.open("K-1").digest
    for place in range(4):
        with store.transaction() as tx:
            at = sample.at + place * HOUR
            tx.looks.add([Look(at, "abab"[place], Door.PAGES, str(place), client=digest if place % 2 else None)])
    return digest


def read(store, *, limit=100, **wanted):
    """Follow the log to its end; give what was looked at, in the order of the answer."""
    found, cursor = "", Cursor(None, limit)
    with store.reading() as tx:
        while True:
            page = tx.looks.page(cursor, **wanted)
            found += "".join(look.what for look in page.items)
            if page.next is None:
                return found
            cursor = Cursor(page.next, limit)


@pytest.mark.parametrize("limit", [1, 3, 4])
def test_page_by_page_it_is_all_of_it_in_either_direction(store, looked, limit):
    assert read(store, limit=limit) == "0123"
    assert read(store, limit=limit, newest_first=True) == "3210"
    assert read(store, limit=limit, newest_first=True, actor="a") == "20"
    assert read(store, limit=limit, newest_first=True, client=looked) == "31"


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(store, sample, looked):
    span = {"since": sample.at + HOUR, "until": sample.at + 3 * HOUR}
    assert read(store, **span) == "12"
    assert read(store, newest_first=True, **span) == "21"
    assert read(store, newest_first=True, since=sample.at + HOUR, until=sample.at + HOUR) == ""


def test_nobody_finds_nothing_and_a_place_that_is_none_leads_nowhere(store, looked):
    assert read(store, client="f" * 64, newest_first=True) == ""
    assert read(store, actor="A", newest_first=True) == ""
    with store.reading() as tx, pytest.raises(BadCursor):
        tx.looks.page(Cursor("x"), newest_first=True)
