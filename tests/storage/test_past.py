"""What the store knows of past decisions, on both databases."""

import uuid

import pytest

from imgate.audit.events import Event, EventName
from imgate.exchange.stored import Disclosure
from imgate.storage import past
from tests.storage.conftest import NOW

STARTED = {"gateway": "im", "version": "1", "process": "serve", "catalogue": 1}


def withheld(exchange, partner="jobcenter", **more):
    fields = {"exchange": exchange, "partner": partner, "withheld": ["language.level:no_declaration"], **more}
    return Event(EventName.EXCHANGE_WITHHELD, NOW, "test", None, fields)


def log(store, events=(), mentioning=None):
    """Read the log to its end."""
    found, after = [], 0
    while after is not None:
        with store.reading() as tx:
            part = tx.past.log(events, mentioning, after)
        found += part.entries
        after = part.next
    return found


@pytest.fixture
def written(store):
    """A start, and two decisions about different exchanges, the first one narrowed later."""
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    narrowed = {"exchange": first, "partner": "jobcenter", "released": [], "withheld": [], "declarations": []}
    with store.transaction() as tx:
        tx.audit(Event(EventName.GATEWAY_STARTED, NOW, "operator", None, STARTED))
        tx.audit(withheld(first))
        tx.audit(withheld(second))
        tx.audit(Event(EventName.EXCHANGE_NARROWED, NOW, "test", None, narrowed))
    return first, second


def test_the_log_is_searched_by_events(store, written):
    found = log(store, [EventName.EXCHANGE_WITHHELD])
    assert [(one.event, one.fields["exchange"], one.sound) for one in found] == [("exchange_withheld", each, True) for each in written]
    assert {one.at for one in found} == {NOW}


def test_the_log_is_searched_by_an_id_that_is_mentioned(store, written):
    found = log(store, [EventName.GATEWAY_STARTED], written[0])
    assert [one.event for one in found] == ["gateway_started", "exchange_withheld", "exchange_narrowed"]


def test_what_nobody_asked_for_is_not_given(store, written):
    assert log(store, [EventName.CLIENT_ERASED], str(uuid.uuid4())) == []


def test_a_word_that_stands_somewhere_else_in_an_entry_does_not_count(store):
    """The name of an event can be a partner's id."""
    with store.transaction() as tx:
        tx.audit(withheld(str(uuid.uuid4()), partner="rejected"))
    assert log(store, [EventName.REJECTED]) == []


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_whatever_the_size_of_a_part_all_of_it_is_read(store, written, monkeypatch, size):
    monkeypatch.setattr(past, "_PART", size)
    assert len(log(store, [EventName.GATEWAY_STARTED, EventName.EXCHANGE_WITHHELD, EventName.EXCHANGE_NARROWED])) == 4


def test_an_entry_whose_content_was_changed_is_given_without_it(store, written):
    with store.transaction() as tx:
        tx.session.driver.execute("UPDATE audit_log SET mac = leaf")
    found = log(store, [EventName.EXCHANGE_WITHHELD])
    assert [(one.sound, one.event, one.fields) for one in found] == [(False, None, {})] * 2


def test_an_unknown_clients_rows_are_those_of_nobody(store):
    with store.reading() as tx:
        assert (tx.past.erased("0" * 64), tx.past.unreadable("0" * 64, "jobcenter")) == (True, ())


def test_what_a_known_client_has_on_file_is_told_by_whether_it_can_be_read(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        good, bad = sample.declaration(tx, client), sample.declaration(tx, client)
        tx.session.driver.execute(f"UPDATE declaration_heads SET head = mac WHERE id = '{bad.id}'")  # noqa: S608  # this test's own id
    with store.reading() as tx:
        assert tx.past.erased(client.digest) is False
        assert tx.past.unreadable(client.digest, sample.partner) == (bad.id,)
        assert tx.past.unreadable(client.digest, "abh") == ()
        assert [one.id for one in tx.declarations.of(client.digest, sample.partner)] == [good.id]


def test_an_origin_is_known_of_what_waits_and_of_what_was_handed_out(store, sample):
    """Of all that waits the origin is known; nobody knows it of what was withheld."""
    with store.transaction() as tx:
        client = sample.client(tx)
        waiting = sample.message(tx, client)
        handed_out, nothing = sample.exchange(tx, client), sample.exchange(tx, client)
        tx.disclosures.add(Disclosure.of(handed_out, ("language.level", "residence.status"), (), NOW, {"residence.status": "abh"}))
    with store.reading() as tx:
        assert tx.past.origins(waiting) == {"language.level": "self"}
        assert tx.past.origins(handed_out) == {"language.level": "self", "residence.status": "abh"}
        assert tx.past.origins(nothing) == {}
