"""What the office looks at: what waits and what failed, how much passed when and between whom, and the log page by page."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from imgate.exchange.ports import BadCursor, DayCount, Flow
from imgate.exchange.stored import Breaker, Cursor, Disclosure
from imgate.storage.audit_pages import audit_page
from imgate.storage.proof import place_entries
from imgate.vocabulary.words import Direction, ExchangeState

BERLIN = ZoneInfo("Europe/Berlin")
QUEUED, FAILED, DELIVERED = ExchangeState.QUEUED, ExchangeState.FAILED, ExchangeState.DELIVERED


def ids(page):
    return [exchange.id for exchange in page.items]


def test_exchanges_of_all_clients_are_listed_by_state_oldest_first(store, sample):
    with store.transaction() as tx:
        one, two = sample.client(tx), sample.client(tx, "K-2")
        made = [
            sample.exchange(tx, client, state=state, partner=partner).id
            for client, state, partner in (
                (one, QUEUED, "jobcenter"),
                (two, FAILED, "jobcenter"),
                (one, DELIVERED, "jobcenter"),
                (two, QUEUED, "abh"),
            )
        ]
        listed = tx.exchanges.in_states
        assert ids(listed([QUEUED, FAILED], Cursor())) == [made[0], made[1], made[3]]
        assert ids(listed([QUEUED, FAILED], Cursor(), "jobcenter")) == [made[0], made[1]]
        assert ids(listed([FAILED], Cursor(), "abh")) == []
        assert ids(listed([], Cursor())) == []
        assert ids(listed([QUEUED], Cursor(), "")) == []
        tx.exchanges.move(made[0], DELIVERED, sample.at)
        assert ids(listed([QUEUED], Cursor())) == [made[3]]


def test_pages_of_a_state_follow_each_other_without_gap(store, sample):
    made = []
    for number in range(7):
        with store.transaction() as tx:
            made.append(sample.exchange(tx, sample.client(tx), state=FAILED if number % 2 else QUEUED).id)
    found, after = [], None
    with store.reading() as tx:
        for _ in range(4):
            page = tx.exchanges.in_states([QUEUED, FAILED], Cursor(after, 2))
            found += ids(page)
            after = page.next
        assert (found, after) == (made, None)
        with pytest.raises(BadCursor):
            tx.exchanges.in_states([QUEUED], Cursor("x", 2))


@pytest.mark.parametrize("partner", [None, "jobcenter"])
def test_what_waits_is_found_by_an_index_and_not_by_reading_all(sqlite_store, partner):
    from imgate.storage.exchanges import _in_states

    listing = _in_states(frozenset({QUEUED, FAILED}), of_partner=partner is not None)
    values = {"after_transaction": 0, "after_position": 0, "limit": 101, "of_partner": partner}
    with sqlite_store.reading() as tx:
        statement = listing._sqlite
        statement.all(tx.session, **values)
        form = statement._forms["sqlite"]
        plan = tx.session.driver.execute(f"EXPLAIN QUERY PLAN {form.sql}", form.bind(values)).fetchall()
    assert "ix_exchanges_state_written_in_position" in plan[0][3]


def test_exchanges_are_counted_by_the_zones_days(store, sample):
    late = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # 23:59 in Berlin; the next day has 23 hours
    moments = [late, late + timedelta(minutes=1), late + timedelta(hours=23), late + timedelta(hours=23, minutes=1)]
    with store.transaction() as tx:
        client = sample.client(tx)
        for at in moments:
            sample.exchange(tx, client, created_at=at)
        sample.exchange(tx, client, created_at=late, state=FAILED, partner="abh")
        sample.exchange(tx, client, created_at=late - timedelta(hours=1))
        days = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
        to_partner = Direction.TO_PARTNER
        assert tx.exchanges.daily(late, BERLIN) == [
            DayCount(days[0], "abh", to_partner, FAILED, 1),
            DayCount(days[0], "jobcenter", to_partner, QUEUED, 1),
            DayCount(days[1], "jobcenter", to_partner, QUEUED, 2),
            DayCount(days[2], "jobcenter", to_partner, QUEUED, 1),
        ]
        assert tx.exchanges.daily(moments[-1] + timedelta(seconds=1), BERLIN) == []


def test_without_exchanges_nothing_is_counted(store, sample):
    with store.reading() as tx:
        assert tx.exchanges.daily(sample.at, BERLIN) == []
        assert tx.disclosures.flows(sample.at) == []
        assert tx.breakers.all() == {}


def test_flows_count_each_scope_of_each_hand_out(store, sample):
    with store.transaction() as tx:
        exchange = sample.exchange(tx, sample.client(tx))
        for scopes, at in (
            (("language.level", "residence.status"), sample.at),
            (("language.level",), sample.at + timedelta(days=1)),
            (("language.level",), sample.at - timedelta(seconds=1)),
            ((), sample.at),
        ):
            tx.disclosures.add(Disclosure.of(exchange, scopes, (), at))
        assert tx.disclosures.flows(sample.at) == [
            Flow("jobcenter", Direction.TO_PARTNER, "language.level", 2),
            Flow("jobcenter", Direction.TO_PARTNER, "residence.status", 1),
        ]


def test_all_that_is_known_of_partners_health_is_given(store, sample):
    with store.transaction() as tx:
        tx.breakers.put("jobcenter", Breaker(3, sample.at))
        tx.breakers.put("abh", Breaker())
        assert tx.breakers.all() == {"jobcenter": Breaker(3, sample.at), "abh": Breaker()}


def test_the_log_is_read_backwards_page_by_page(store, sample):
    with store.transaction() as tx:
        for number in range(5):
            tx.audit(sample.event("a" * 32, people=number))
    place_entries(store)
    found, before = [], None
    for _ in range(3):
        page = audit_page(store, before, 2)
        found += page.entries
        before = page.before
    assert before is None
    assert [(entry.fields["people"], entry.place) for entry in found] == [(4, 4), (3, 3), (2, 2), (1, 1), (0, 0)]
    assert {(entry.sound, entry.event, entry.actor, entry.at) for entry in found} == {(True, "message_taken", "worker", sample.at)}


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_log SET entry = (SELECT entry FROM audit_log WHERE place = 1) WHERE place = 0",
        "UPDATE audit_log SET leaf = (SELECT leaf FROM audit_log WHERE place = 1) WHERE place = 0",
        "UPDATE audit_log SET mac = leaf WHERE place = 0",
        "UPDATE audit_log SET place = 7 WHERE place = 0",
        "UPDATE audit_log SET place = -1 WHERE place = 0",
        "UPDATE audit_log SET place_mac = NULL WHERE place = 0",
        "UPDATE audit_log SET entry = leaf WHERE place = 0",
    ],
)
def test_of_an_entry_that_was_changed_nothing_is_shown(store, sample, forgery):
    with store.transaction() as tx:
        for number in range(2):
            tx.audit(sample.event(people=number))
    place_entries(store)
    with store.engine.begin() as connection:
        connection.execute(text(forgery))
    newest, oldest = audit_page(store).entries
    assert newest.sound
    assert (oldest.sound, oldest.event, oldest.actor, oldest.fields) == (False, None, None, {})


@pytest.mark.postgres
def test_an_entry_that_waits_for_its_place_is_shown_without_one(opened, postgres, sample_of):
    store = opened(postgres())
    with store.transaction() as tx:
        tx.audit(sample_of(store).event())
    (entry,) = audit_page(store).entries
    assert (entry.sound, entry.place) == (True, None)
