"""What liaisons ask clients for is listed until it is answered, once, and goes with the client."""

from dataclasses import replace
from datetime import timedelta

import pytest

from imgate.exchange.ports import BadCursor, ScopeRequest, Stale
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id

NOBODY = "00000000-0000-0000-0000-000000000001"
HOUR = timedelta(hours=1)


def ask(tx, sample, client, **changes):
    exchange = sample.exchange(tx, client)
    request = ScopeRequest(new_id(), client.digest, "jobcenter", exchange.id, "language_support", ("language.level",), "user-1", sample.at)
    request = replace(request, **changes)
    tx.scope_requests.add(request)
    return request


def test_a_request_is_open_until_it_is_answered_and_answered_once(store, sample):
    with store.transaction() as tx:
        request = ask(tx, sample, sample.client(tx))
        assert tx.scope_requests.get(request.id) == request
        assert tx.scope_requests.open(Cursor()).items == (request,)
        assert tx.scope_requests.answer(request.id, "declined", sample.at + HOUR) is True
        assert tx.scope_requests.answer(request.id, "declared", sample.at) is False
        assert tx.scope_requests.answer(NOBODY, "declined", sample.at) is False
        assert tx.scope_requests.get(NOBODY) is None
        assert tx.scope_requests.open(Cursor()).items == ()
        assert tx.scope_requests.get(request.id) == replace(request, answer="declined", answered_at=sample.at + HOUR)


def test_a_partner_sees_what_it_asked_about_this_client_and_nothing_else(store, sample):
    with store.transaction() as tx:
        one, two = sample.client(tx), sample.client(tx, "K-2")
        mine = [ask(tx, sample, one), ask(tx, sample, one)]
        ask(tx, sample, one, partner="abh")
        ask(tx, sample, two)
        tx.scope_requests.answer(mine[0].id, "declined", sample.at)
        assert [request.id for request in tx.scope_requests.of(one.digest, "jobcenter")] == [request.id for request in mine]
        assert tx.scope_requests.of(one.digest, "nobody") == ()
        assert tx.scope_requests.of("", "jobcenter") == ()


def test_open_requests_are_paged_oldest_first(store, sample):
    made = []
    for _ in range(5):
        with store.transaction() as tx:
            made.append(ask(tx, sample, sample.client(tx)).id)
    with store.transaction() as tx:
        tx.scope_requests.answer(made.pop(1), "declined", sample.at)
    found, after = [], None
    with store.reading() as tx:
        for _ in range(2):
            page = tx.scope_requests.open(Cursor(after, 2))
            found += [request.id for request in page.items]
            after = page.next
        assert (found, after) == (made, None)
        with pytest.raises(BadCursor):
            tx.scope_requests.open(Cursor("x", 2))


def test_requests_go_with_the_client(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        gone, kept = ask(tx, sample, client), ask(tx, sample, other)
    erase_client(store, client.reference, sample.at, "operator")
    with store.transaction() as tx:
        assert tx.scope_requests.get(gone.id) is None
        assert tx.scope_requests.open(Cursor()).items == (kept,)
    with pytest.raises(Stale), store.transaction() as tx:
        tx.scope_requests.add(replace(gone, id=new_id()))
