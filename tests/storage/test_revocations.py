"""Revocations, notices and answers: kept once, sealed, and reminded of by one worker at a time."""

import uuid
from datetime import timedelta

import pytest

from imgate.exchange.stored import Cursor, Disclosure, KnownValue, Notice, Revocation
from imgate.storage.erase import erase_client
from imgate.vocabulary.words import Direction, EndCause, EndOfUseAnswer

SCOPES = ("language.level", "residence.status")


def told(tx, sample, client, *, reference="355A123456", remind_at=None, partner="jobcenter"):
    """Store a declaration, its revocation and a notice."""
    head = sample.declaration(tx, client)
    run = Revocation(str(uuid.uuid4()), client.digest, partner, head.id, EndCause.REVOKED, SCOPES, sample.at)
    tx.revocations.add(run)
    notice = Notice(str(uuid.uuid4()), run.id, client.digest, reference, SCOPES, str(uuid.uuid4()), remind_at=remind_at)
    tx.revocations.add_notice(client, notice)
    return run, notice


def test_there_is_none_where_nobody_was_told(store, sample):
    with store.reading() as tx:
        assert tx.revocations.get(str(uuid.uuid4())) is None
        assert tx.revocations.notice(str(uuid.uuid4())) is None
        assert tx.revocations.page(Cursor()).items == ()
        assert tx.revocations.of_client("0" * 64) == ()


def test_what_was_stored_comes_back(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        run, notice = told(tx, sample, client, remind_at=sample.at)
    with store.reading() as tx:
        assert tx.revocations.get(run.id) == run
        assert tx.revocations.of_declaration(run.declaration) == (run,)
        assert tx.revocations.notices(run.id) == (notice,)
        assert tx.revocations.notice(notice.id) == notice
        assert tx.revocations.of_client(client.digest) == ((run, notice),)


def test_the_list_goes_on_where_it_ended(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        runs = [told(tx, sample, client)[0].id for _ in range(3)]
    with store.reading() as tx:
        first = tx.revocations.page(Cursor(limit=2))
        rest = tx.revocations.page(Cursor(first.next, 2))
    assert [run.id for run in (*first.items, *rest.items)] == runs
    assert rest.next is None


def test_those_that_somebody_has_yet_to_answer_are_listed_by_themselves(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        runs = [told(tx, sample, client) for _ in range(5)]
        unreachable = Revocation(str(uuid.uuid4()), client.digest, "jobcenter", runs[0][0].declaration, EndCause.EXPIRED, SCOPES, sample.at)
        tx.revocations.add(unreachable)
        second = Notice(str(uuid.uuid4()), runs[1][0].id, client.digest, "355A2", SCOPES, str(uuid.uuid4()))
        tx.revocations.add_notice(client, second)
        for _, notice in runs[:3]:
            tx.revocations.answer(client, notice.id, EndOfUseAnswer.ENDED, None, sample.at)
    still = [runs[1][0], runs[3][0], runs[4][0], unreachable]
    with store.reading() as tx:
        first = tx.revocations.unanswered(Cursor(limit=2))
        rest = tx.revocations.unanswered(Cursor(first.next, 2))
        assert (*first.items, *rest.items) == tuple(still)
        assert rest.next is None
    with store.transaction() as tx:
        tx.revocations.answer(client, second.id, EndOfUseAnswer.OBJECTED, None, sample.at)
        assert list(tx.revocations.unanswered(Cursor()).items) == still[1:]


def test_of_those_that_were_answered_no_row_is_read(sqlite_store):
    explained = []
    with sqlite_store.reading() as tx:
        driver = tx.session.driver
        driver.set_trace_callback(explained.append)
        tx.revocations.unanswered(Cursor())
        driver.set_trace_callback(None)
        (listed,) = [sql for sql in explained if "FROM revocations" in sql]
        plan = [str(step[3]) for step in driver.execute(f"EXPLAIN QUERY PLAN {listed}")]
    assert "SCAN notices USING INDEX ix_notices_unanswered" in plan
    assert all("COVERING" in step or "unanswered" in step or "position=?" in step for step in plan if step.startswith(("SCAN", "SEARCH")))


def test_another_clients_are_not_given(store, sample):
    with store.transaction() as tx:
        told(tx, sample, sample.client(tx))
        other = sample.client(tx, "K-2")
        assert tx.revocations.of_client(other.digest) == ()


def test_the_reference_is_sealed_in_its_row(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        _, first = told(tx, sample, client, reference="355A-CANARY")
        _, second = told(tx, sample, client, reference="355B-CANARY")
        rows = tx.session.driver.execute("SELECT reference FROM notices").fetchall()
        assert all(b"CANARY" not in bytes(row[0]) for row in rows)
        tx.session.driver.execute(f"UPDATE notices SET reference = (SELECT reference FROM notices WHERE id = '{first.id}')")  # noqa: S608
        assert tx.revocations.notice(first.id).reference == "355A-CANARY"
        assert tx.revocations.notice(second.id).reference == ""


def test_a_reminder_counts_and_putting_it_off_does_not(store, sample):
    with store.transaction() as tx:
        _, notice = told(tx, sample, sample.client(tx), remind_at=sample.at)
        later = sample.at + timedelta(days=14)
        tx.revocations.told_again(notice.id, notice.message, later)
        assert (tx.revocations.notice(notice.id).reminders, tx.revocations.notice(notice.id).remind_at) == (0, later)
        message = str(uuid.uuid4())
        tx.revocations.told_again(notice.id, message, None)
        again = tx.revocations.notice(notice.id)
        assert (again.reminders, again.remind_at, again.message) == (1, None, message)


def test_only_what_is_due_is_reminded_of(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        _, due = told(tx, sample, client, remind_at=sample.at)
        told(tx, sample, client, remind_at=sample.at + timedelta(seconds=1))
        told(tx, sample, client)
    with store.transaction() as tx:
        assert [notice.id for notice in tx.revocations.to_remind(sample.at, 10)] == [due.id]
        assert tx.revocations.to_remind(sample.at - timedelta(seconds=1), 10) == ()


@pytest.mark.postgres
def test_two_workers_remind_of_different_ones(opened, postgres, sample_of):
    url = postgres()
    one, other = opened(url), opened(url)
    sample = sample_of(one)
    with one.transaction() as tx:
        client = sample.client(tx)
        both = {told(tx, sample, client, remind_at=sample.at)[1].id for _ in range(2)}
    with one.transaction() as first, other.transaction() as second:
        (mine,) = first.revocations.to_remind(sample.at, 1)
        (theirs,) = second.revocations.to_remind(sample.at, 1)
    assert {mine.id, theirs.id} == both


def test_an_answer_ends_the_reminding_and_a_later_one_takes_its_place(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        _, notice = told(tx, sample, client, remind_at=sample.at)
        tx.revocations.answer(client, notice.id, EndOfUseAnswer.KEPT_UNDER_STATUTE, "§ 84 SGB X", sample.at)
        kept = tx.revocations.notice(notice.id)
        assert (kept.answer, kept.statute, kept.answered_at, kept.remind_at) == ("kept_under_statute", "§ 84 SGB X", sample.at, None)
        assert tx.revocations.to_remind(sample.at, 10) == ()
        tx.revocations.told_again(notice.id, str(uuid.uuid4()), sample.at)
        assert tx.revocations.notice(notice.id) == kept
        tx.revocations.answer(client, notice.id, EndOfUseAnswer.ENDED, None, sample.at)
        assert (tx.revocations.notice(notice.id).answer, tx.revocations.notice(notice.id).statute) == ("ended", None)


def test_after_erasure_reference_and_statute_are_gone_and_the_rest_stays(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        run, notice = told(tx, sample, client, remind_at=sample.at)
        _, unanswered = told(tx, sample, client, remind_at=sample.at)
        tx.revocations.answer(client, notice.id, EndOfUseAnswer.KEPT_UNDER_STATUTE, "§ 84 SGB X", sample.at)
        exchange = sample.message(tx, client)
        tx.awaited.add(exchange.id, "jobcenter", None, sample.at)
        tx.known.put(client.digest, "jobcenter", "housing", {"language.level": KnownValue("d", exchange.id)})
        sealed = client.seal("disclosures", "reference", exchange.id, b"355A123456")
        tx.disclosures.add(
            Disclosure(
                exchange.id,
                client.digest,
                "jobcenter",
                Direction.TO_PARTNER,
                None,
                SCOPES,
                (),
                sample.at,
                {"language.level": "abh"},
                sealed,
            )
        )
    assert erase_client(store, "K-2026-0815", sample.at, "operator")
    with store.transaction() as tx:
        assert tx.revocations.get(run.id).client != client.digest
        shown = tx.revocations.notice(notice.id)
        assert (shown.reference, shown.statute, shown.answer, shown.scopes) == ("", None, "kept_under_statute", SCOPES)
        assert tx.revocations.to_remind(sample.at, 10) == ()
        tx.revocations.answer(None, unanswered.id, EndOfUseAnswer.ENDED, None, sample.at)
        assert tx.revocations.notice(unanswered.id).answer is EndOfUseAnswer.ENDED
        for table in ("awaited", "known"):
            assert tx.session.driver.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0  # noqa: S608
        (disclosure,) = tx.disclosures.to_partners(shown.client)
        assert disclosure.reference is None
        assert tx.declarations.may_have_ended("9999-12-31", 10) == []


# Hand-outs


def test_what_was_handed_out_is_told_by_partner_and_direction(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        sent = sample.exchange(tx, client)
        came = sample.exchange(tx, client, direction=Direction.FROM_PARTNER)
        assert tx.disclosures.to_partners(client.digest, "jobcenter") == ()
        tx.disclosures.add(Disclosure(came.id, client.digest, "jobcenter", Direction.FROM_PARTNER, None, SCOPES, (), sample.at))
        assert tx.disclosures.to_partners(client.digest, "jobcenter") == ()
        given = Disclosure(
            sent.id, client.digest, "jobcenter", Direction.TO_PARTNER, "housing", SCOPES, (), sample.at, {SCOPES[0]: "abh"}, b"sealed"
        )
        tx.disclosures.add(given)
        assert tx.disclosures.to_partners(client.digest, "jobcenter") != ()
        assert tx.disclosures.to_partners(client.digest, "abh") == ()
        assert tx.disclosures.to_partners(client.digest) == (given,)
        assert tx.disclosures.to_partners(client.digest, "abh") == ()


# When declarations end


def ending(store, before, limit=10):
    with store.reading() as tx:
        return list(tx.declarations.may_have_ended(before, limit))


def test_a_declaration_is_looked_at_after_its_last_day_until_its_end_is_dealt_with(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        head = sample.declaration(tx, client, valid_until="2026-06-30")
    assert ending(store, "2026-06-30") == []
    assert ending(store, "2026-07-01") == [head.id]
    with store.transaction() as tx:
        tx.declarations.ended(client, head.partner, head.id, sample.at)
    assert ending(store, "9999-12-31") == []


def test_it_can_be_looked_at_on_another_day(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        head = sample.declaration(tx, client)
        tx.declarations.ends_on(client, head.partner, head.id, "2026-04-30")
    assert ending(store, "2026-05-01") == [head.id]
    with store.transaction() as tx:
        tx.declarations.ends_on(client, head.partner, head.id, "2026-12-31")
        assert tx.declarations.of(client.digest, head.partner)[0].id == head.id  # decides nothing
    assert ending(store, "2026-05-01") == []


def test_the_earliest_come_first(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        days = ["2026-06-30", "2026-04-30", "2026-05-31"]
        heads = {day: sample.declaration(tx, client, valid_until=day).id for day in days}
    assert ending(store, "2026-12-31", limit=2) == [heads["2026-04-30"], heads["2026-05-31"]]
