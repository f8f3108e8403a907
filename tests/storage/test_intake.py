"""The intake: one receipt for one message, whoever it is about, and a report of what became of it."""

import uuid
from datetime import timedelta

from sqlalchemy import text

from imgate.exchange.stored import Cursor, PersonReport
from imgate.storage.sweep import sweep
from imgate.vocabulary.words import Kept

BODY = b"<message/>"


def added(store, sample, body=BODY, message_id="m-1", partner="jobcenter"):
    receipt = str(uuid.uuid4())
    with store.transaction() as tx:
        return receipt, tx.intake.add(receipt, partner, sample.at, "application/xml", body, message_id)


def claimed(store, at, limit=10):
    with store.transaction() as tx:
        return tx.intake.claim(at, at + timedelta(minutes=5), limit)


def test_a_message_waits_and_is_claimed_once(store, sample):
    receipt, kept = added(store, sample)
    assert receipt == kept
    (item,) = claimed(store, sample.at)
    assert (item.receipt, item.partner, item.body, item.media_type) == (receipt, "jobcenter", BODY, "application/xml")
    assert claimed(store, sample.at) == ()
    assert len(claimed(store, sample.at + timedelta(minutes=5))) == 1


def test_the_same_message_again_has_the_same_receipt_and_no_second_effect(store, sample):
    receipt, _ = added(store, sample)
    _, again = added(store, sample)
    assert again == receipt
    assert len(claimed(store, sample.at)) == 1


def test_other_bytes_under_a_used_id_have_a_receipt_of_their_own_and_are_not_taken(store, sample):
    first, _ = added(store, sample)
    second, kept = added(store, sample, body=b"<other/>")
    assert kept == second
    assert [item.receipt for item in claimed(store, sample.at)] == [first]
    with store.reading() as tx:
        assert tx.intake.get(second).outcome == "message_id_reused"


def test_a_message_id_belongs_to_its_partner(store, sample):
    added(store, sample)
    receipt, kept = added(store, sample, partner="abh", body=b"<other/>")
    assert receipt == kept
    assert len(claimed(store, sample.at)) == 2


def test_messages_without_an_id_are_all_taken(store, sample):
    for _ in range(2):
        added(store, sample, message_id=None)
    assert len(claimed(store, sample.at)) == 2


def test_a_report_says_what_became_of_it_and_the_body_is_gone(store, sample):
    receipt, _ = added(store, sample)
    with store.transaction() as tx:
        client = sample.client(tx)
        exchange = sample.exchange(tx, client)
        people = [
            PersonReport(client.digest, exchange.id, None, ("language.level",), (("residence.status", "revoked"),)),
            PersonReport(None, None, "355A-unbekannt"),
        ]
        tx.intake.done(receipt, sample.at, people, [{"code": "value_unknown", "line": 7}])
        tx.intake.done(receipt, sample.at, people, [])  # a second worker whose lease ran out
    with store.reading() as tx:
        report = tx.intake.get(receipt)
        assert tx.session.driver.execute("SELECT body FROM intake").fetchone()[0] is None
    assert (report.outcome, report.people, report.problems) == ("taken", tuple(people), ({"code": "value_unknown", "line": 7},))
    assert "355A-unbekannt" not in repr(report)
    assert claimed(store, sample.at + timedelta(days=1)) == ()


def test_what_was_attached_is_kept_as_lines_beside_the_problems(store, sample):
    receipt, _ = added(store, sample)
    problems, attachments = [{"code": "bundle_invalid"}], [{"kind": "declaration_bundle", "name": "?", "sha256": "ab", "holds": False}]
    with store.transaction() as tx:
        tx.intake.done(receipt, sample.at, [], problems, attachments)
    with store.reading() as tx:
        report = tx.intake.get(receipt)
        (listed,) = tx.intake.page(None, Cursor()).items
    assert (report.problems, report.attachments) == (tuple(problems), tuple(attachments))
    assert listed == report


def test_what_a_notice_told_is_kept_beside_the_problems(store, sample):
    told = {"revocation": "r-1", "ended_on": "2026-03-01", "scopes": []}
    receipt, _ = added(store, sample)
    with store.transaction() as tx:
        tx.intake.done(receipt, sample.at, [], [], end_of_use=told)
    with store.reading() as tx:
        report = tx.intake.get(receipt)
    assert (report.end_of_use, report.problems, report.attachments) == (told, (), ())


def test_reports_are_listed_for_one_partner_or_for_all(store, sample):
    receipts = [added(store, sample, message_id=None, partner=partner)[0] for partner in ("jobcenter", "abh", "jobcenter")]
    with store.reading() as tx:
        assert [report.receipt for report in tx.intake.page(None, Cursor()).items] == receipts
        assert [report.receipt for report in tx.intake.page("jobcenter", Cursor()).items] == [receipts[0], receipts[2]]
        assert tx.intake.get("00000000-0000-0000-0000-000000000001") is None


def test_reports_that_hold_somebody_unknown_are_listed_in_their_order_until_the_reference_is_deleted(store, sample):
    receipts = [added(store, sample, message_id=None)[0] for _ in range(5)]
    with store.transaction() as tx:
        client = sample.client(tx)
        known = PersonReport(client.digest, sample.exchange(tx, client).id, None)
        unknown = PersonReport(None, None, "355A-unbekannt")
        for receipt, people in zip(receipts, [[unknown], [known], [], [unknown, known, unknown], [known, unknown]], strict=True):
            tx.intake.done(receipt, sample.at, people, [])
    added(store, sample, message_id=None)
    with store.reading() as tx:
        first = tx.intake.with_unknown(Cursor(limit=2))
        rest = tx.intake.with_unknown(Cursor(first.next, 2))
    assert [report.receipt for report in (*first.items, *rest.items)] == [receipts[0], receipts[3], receipts[4]]
    assert first.items[1].people == (unknown, known, unknown)
    assert rest.next is None
    sweep(store, sample.at + timedelta(days=30))
    with store.reading() as tx:
        assert tx.intake.with_unknown(Cursor()).items == ()


def test_the_few_that_hold_somebody_unknown_are_found_without_looking_at_the_others(sqlite_store):
    explained = []
    with sqlite_store.reading() as tx:
        driver = tx.session.driver
        driver.set_trace_callback(explained.append)
        tx.intake.with_unknown(Cursor())
        driver.set_trace_callback(None)
        (listed,) = [sql for sql in explained if "FROM intake" in sql]
        plan = " ".join(str(step[3]) for step in driver.execute(f"EXPLAIN QUERY PLAN {listed}"))
    assert "SCAN intake_people USING INDEX ix_intake_people_unknown" in plan
    assert "position=?" in plan
    assert "TEMP B-TREE" not in plan


def test_an_unknown_persons_reference_is_deleted_after_thirty_days(store, sample):
    receipt, _ = added(store, sample)
    with store.transaction() as tx:
        tx.intake.done(receipt, sample.at, [PersonReport(None, None, "355A-unbekannt")], [])
    assert sweep(store, sample.at + timedelta(days=29))[Kept.REFERENCES] == 0
    assert sweep(store, sample.at + timedelta(days=30))[Kept.REFERENCES] == 1
    with store.reading() as tx:
        assert tx.intake.get(receipt).people == (PersonReport(None, None, None),)


def test_a_body_that_was_moved_to_another_receipt_is_not_taken_and_holds_up_no_other(store, sample):
    added(store, sample, message_id=None)
    receipt, _ = added(store, sample, message_id=None)
    with store.engine.begin() as connection:
        moved = "UPDATE intake SET body = (SELECT body FROM intake WHERE receipt = :receipt)"
        connection.execute(text(moved), {"receipt": receipt})
    assert [item.receipt for item in claimed(store, sample.at)] == [receipt]
