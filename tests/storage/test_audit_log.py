"""The log at rest: every entry has its place, and what was changed behind its back is found."""

import io
import threading

import pytest
from sqlalchemy import text

from imgate.audit.events import Event, EventName
from imgate.audit.signing import LogSigner
from imgate.audit.verify import Flaw, NotProven, verify_export
from imgate.exchange.ports import Unavailable
from imgate.storage.audit_log import LogDamaged
from imgate.storage.log_export import export_log
from imgate.storage.log_signing import NotSigned, sign_log
from imgate.storage.proof import place_entries, verify_store


def run(store, sql, **values):
    with store.engine.begin() as connection:
        return connection.execute(text(sql), values).rowcount


def flaws(store):
    return [finding.flaw for finding in verify_store(store).findings]


def append(store, sample, count):
    for _ in range(count):
        with store.transaction() as tx:
            tx.audit(sample.event())


def test_a_log_that_nobody_touched_is_sound(store, sample):
    append(store, sample, 5)
    report = verify_store(store)
    assert report.sound
    assert report.entries == report.checkpoint.size == 5
    assert "checkpoint" in report.caveat


def test_what_is_rolled_back_leaves_no_gap(store, sample):
    append(store, sample, 2)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012  # what is written before it is the point
        tx.audit(sample.event())
        raise ZeroDivisionError
    append(store, sample, 2)
    report = verify_store(store)
    assert report.sound
    assert report.checkpoint.size == 4


def test_an_event_outside_of_the_catalogue_is_refused(store, sample):
    event = Event(EventName.ACKNOWLEDGED, sample.at, "worker", None, {"exchange": "K-2026-0815", "partner": "jobcenter"})
    with pytest.raises(ValueError, match=r"acknowledged\.exchange"), store.transaction() as tx:
        tx.audit(event)
    assert verify_store(store).entries == 0


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ("UPDATE audit_log SET mac = leaf WHERE place = 2", Flaw.ENTRY_WRONG),
        ("UPDATE audit_log SET id = 'x' WHERE place = 2", Flaw.ENTRY_WRONG),
        ("UPDATE audit_log SET place_mac = leaf WHERE place = 2", Flaw.PLACE_WRONG),
        ("UPDATE audit_log SET place = 9 WHERE place = 2", Flaw.PLACE_WRONG),
        ("DELETE FROM audit_log WHERE place = 2", Flaw.PLACE_MISSING),
    ],
)
def test_a_row_that_was_changed_is_found(store, sample, change, flaw):
    append(store, sample, 5)
    verify_store(store)
    assert run(store, change) == 1
    assert flaw in flaws(store)


def test_the_end_can_be_cut_without_a_checkpoint_and_not_with_one(store, sample):
    append(store, sample, 5)
    kept = verify_store(store).checkpoint
    run(store, "DELETE FROM audit_log WHERE place = 4")
    assert verify_store(store).sound
    for quick in (False, True):
        report = verify_store(store, [kept], quick=quick)
        assert [finding.flaw for finding in report.findings] == [Flaw.CHECKPOINT_MISMATCH]


def test_quickly_or_not_what_was_written_is_what_is_found_to_differ(store, sample):
    append(store, sample, 8)
    kept = verify_store(store).checkpoint
    assert verify_store(store, [kept], quick=True).sound
    run(store, "UPDATE audit_log SET place_mac = leaf WHERE place = 2")
    assert verify_store(store, [kept], quick=True).sound  # nothing but this MAC, which the checkpoint does not need
    run(store, "UPDATE audit_log SET entry = (SELECT entry FROM audit_log WHERE place = 3) WHERE place = 4")
    found = {(finding.flaw, finding.place) for finding in verify_store(store, [kept], quick=True).findings}
    assert found == set(of(verify_store(store, [kept]))) >= {(Flaw.ENTRY_WRONG, 4), (Flaw.PLACE_WRONG, 2)}


def of(report):
    return [(finding.flaw, finding.place) for finding in report.findings]


def declared(store, sample):
    with store.transaction() as tx:
        client = sample.client(tx)
        head = sample.declaration(tx, client)
        fields = {"declaration": head.id, "version": 1, "partner": head.partner, "digest": head.digest}
        tx.audit(Event(EventName.DECLARATION_CREATED, sample.at, "case-system", client.subject, fields))
    return client, head


def paused(store, sample, client, head, *, logged=True):
    with store.transaction() as tx:
        tx.declarations.change(client, head.next(), sample.at, "paused")
        if logged:
            fields = {"declaration": head.id, "version": head.version + 1, "partner": head.partner}
            tx.audit(Event(EventName.DECLARATION_PAUSED, sample.at, "case-system", client.subject, fields))


def test_an_older_whole_row_that_was_put_back_is_found(store, sample):
    client, head = declared(store, sample)
    with store.engine.begin() as connection:
        before = connection.execute(text("SELECT head, unit, mac, version FROM declaration_heads")).one()._asdict()
    paused(store, sample, client, head)
    assert verify_store(store).sound
    run(store, "UPDATE declaration_heads SET head = :head, unit = :unit, mac = :mac, version = :version", **before)
    with store.reading() as tx:
        assert len(tx.declarations.of(client.digest, "jobcenter")) == 1  # the MAC alone cannot tell
    assert flaws(store) == [Flaw.HEAD_OLDER]


def test_a_change_that_is_not_in_the_log_is_found(store, sample):
    client, head = declared(store, sample)
    paused(store, sample, client, head, logged=False)
    assert flaws(store) == [Flaw.HEAD_UNLOGGED]


def test_a_head_that_is_gone_or_forged_is_found(store, sample):
    declared(store, sample)
    run(store, "UPDATE declaration_heads SET mac = unit")
    assert flaws(store) == [Flaw.HEAD_UNREADABLE]
    run(store, "DELETE FROM declaration_heads")
    assert flaws(store) == [Flaw.HEAD_MISSING]


@pytest.mark.postgres
def test_writers_wait_for_no_place_and_one_sequencer_gives_them_all(postgres, opened, sample_of):
    url = postgres()
    stores = [opened(url), opened(url)]
    sample = sample_of(stores[0])
    with stores[0].transaction() as slow:
        slow.audit(sample.event())  # is not committed while the others are given their places
        append(stores[1], sample, 20)
        assert place_entries(stores[1]) == 20
    threads = [
        threading.Thread(target=work)
        for store in stores
        for work in (lambda s=store: append(s, sample, 25), lambda s=store: place_entries(s))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = verify_store(stores[0])
    assert report.sound
    assert report.checkpoint.size == 71


@pytest.mark.postgres
def test_entries_without_a_place_are_named(postgres, opened, sample_of):
    from imgate.audit.verify import verify_log
    from imgate.storage.audit_log import SqlAuditLog

    store = opened(postgres())
    append(store, sample_of(store), 3)
    with store.reading() as tx:
        report = verify_log(store.vault.audit_key, SqlAuditLog(tx.session).entries())
    assert [finding.flaw for finding in report.findings] == [Flaw.UNPLACED] * 3
    assert report.sound


ANOTHER_KIND = ["'text'", "x'ff'", "1.5", "-3", "''", "9e99", "CAST(x'ff' AS TEXT)"]
FOUND = {
    "id": {Flaw.ENTRY_WRONG},
    "entry": {Flaw.ENTRY_WRONG},
    "leaf": {Flaw.ENTRY_WRONG},
    "mac": {Flaw.ENTRY_WRONG},
    "place": {Flaw.PLACE_WRONG},
    "place_mac": {Flaw.PLACE_WRONG},
}


@pytest.mark.parametrize("column", FOUND)
def test_a_value_of_another_kind_is_found_and_stops_nobody_who_verifies(sqlite_store, sqlite_sample, column):
    """SQLite keeps any kind of value in any column."""
    append(sqlite_store, sqlite_sample, 3)
    signer = LogSigner("imgate/im-winnenden", sqlite_store.vault.checkpoint_key)
    for value in ANOTHER_KIND[: -1 if column == "id" else None]:
        run(sqlite_store, "CREATE TABLE kept AS SELECT * FROM audit_log")
        run(sqlite_store, f"UPDATE audit_log SET {column} = {value} WHERE place = 1")  # noqa: S608  # made of the words above
        assert FOUND[column] <= set(flaws(sqlite_store)), value
        with pytest.raises(NotSigned):
            sign_log(sqlite_store, signer, sqlite_sample.at)
        out = io.BytesIO()
        export_log(sqlite_store, signer.public, out)
        with pytest.raises(NotProven, match="no checkpoint"):
            verify_export(io.BytesIO(out.getvalue()), signer.public)
        run(sqlite_store, "DELETE FROM audit_log")
        run(sqlite_store, "INSERT INTO audit_log SELECT * FROM kept")
        run(sqlite_store, "DROP TABLE kept")
    assert verify_store(sqlite_store).sound


@pytest.mark.parametrize("place", ["'text'", "''", "x'ff'", "1.5", "9e99", str(2**62), str(2**63 - 1)])
def test_behind_a_place_that_is_none_nothing_is_put_on_record_and_who_must_act_is_said(sqlite_store, sqlite_sample, place):
    append(sqlite_store, sqlite_sample, 3)
    run(sqlite_store, f"UPDATE audit_log SET place = {place} WHERE place = 2")  # noqa: S608  # made of the words above
    for _ in range(2):
        with pytest.raises(LogDamaged, match=r"the audit log was changed.*keep the database as it is.*`imgate audit verify`"):
            append(sqlite_store, sqlite_sample, 1)
    assert Flaw.PLACE_WRONG in flaws(sqlite_store) or Flaw.PLACE_MISSING in flaws(sqlite_store)
    run(sqlite_store, f"UPDATE audit_log SET place = 2 WHERE place = {place}")  # noqa: S608  # as above
    append(sqlite_store, sqlite_sample, 1)
    assert (verify_store(sqlite_store).sound, verify_store(sqlite_store).entries) == (True, 4)


def test_what_cannot_be_put_on_record_is_not_done(sqlite_store, sqlite_sample):
    append(sqlite_store, sqlite_sample, 1)
    run(sqlite_store, "UPDATE audit_log SET place = 'text'")
    with pytest.raises(Unavailable), sqlite_store.transaction() as tx:  # noqa: PT012  # what is written before it is the point
        tx.clients.open("K-1")
        tx.audit(sqlite_sample.event())
    with sqlite_store.reading() as tx:
        assert tx.clients.find("K-1") is None


def test_a_negative_place_of_the_last_entry_is_none(sqlite_store, sqlite_sample):
    append(sqlite_store, sqlite_sample, 1)
    run(sqlite_store, "UPDATE audit_log SET place = -3")
    with pytest.raises(LogDamaged):
        append(sqlite_store, sqlite_sample, 1)


def test_on_sqlite_an_entry_without_a_place_was_taken_out_of_the_log(sqlite_store, sqlite_sample):
    append(sqlite_store, sqlite_sample, 3)
    run(sqlite_store, "UPDATE audit_log SET place = NULL, place_mac = NULL WHERE place = 2")
    assert flaws(sqlite_store) == [Flaw.PLACE_WRONG]
    append(sqlite_store, sqlite_sample, 1)
    assert not verify_store(sqlite_store).sound
