"""A checkpoint is signed over a log that continues what was signed before, and over no other; of two signers one signs."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.audit.signing import LogSigner
from imgate.audit.verify import verified_checkpoint
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.log_signing import NotSigned, sign_log
from imgate.storage.proof import place_entries, verify_store

ORIGIN = "imgate/im-winnenden"


@pytest.fixture
def log(store, sample):
    return Log(store, sample)


@pytest.fixture
def sqlite_log(sqlite_store, sqlite_sample):
    return Log(sqlite_store, sqlite_sample)


class Log:
    """A log with somebody who signs it, and somebody who changes it behind its back."""

    def __init__(self, store, sample):
        self.store, self.sample = store, sample
        self.signer = LogSigner(ORIGIN, store.vault.checkpoint_key)

    def append(self, count):
        with self.store.transaction() as tx:
            for _ in range(count):
                tx.audit(self.sample.event())
        place_entries(self.store)

    def sign(self, minutes=0):
        return sign_log(self.store, self.signer, self.sample.at + timedelta(minutes=minutes))

    def checkpoints(self):
        with self.store.reading() as tx:
            return SqlCheckpoints(tx.session).list()

    def run(self, sql, **values):
        with self.store.engine.begin() as connection:
            return connection.execute(text(sql), values).rowcount


def test_a_log_of_nothing_is_not_signed(log):
    assert log.sign() is None
    assert not log.checkpoints()


def test_a_checkpoint_says_how_long_the_log_is_and_what_stands_in_it(log):
    log.append(5)
    signed = log.sign()
    assert signed.new
    assert signed.checkpoint.size == 5
    assert verified_checkpoint(signed.checkpoint.note.encode(), log.signer.public) == with_origin(verify_store(log.store).checkpoint)
    assert log.checkpoints() == [signed.checkpoint]


def with_origin(checkpoint):
    return type(checkpoint)(ORIGIN, checkpoint.size, checkpoint.root)


def test_a_log_that_has_not_grown_is_not_signed_again(log):
    log.append(1)
    first = log.sign()
    again = log.sign(minutes=60)
    assert not again.new
    assert again.checkpoint == first.checkpoint
    assert len(log.checkpoints()) == 1


def test_a_log_of_any_length_is_continued(log):
    for count in (1, 1, 253, 1, 1, 300, 255):
        log.append(count)
        log.sign()
    kept = log.checkpoints()
    assert [each.size for each in kept] == [1, 2, 255, 256, 257, 557, 812]
    report = verify_store(log.store, [verified_checkpoint(each.note.encode(), log.signer.public) for each in kept])
    assert report.sound
    assert report.proven == 812


@pytest.mark.parametrize("size", [3, 256])
@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit_log WHERE place = :last",
        "DELETE FROM audit_log WHERE place >= :last - 2",
        "DELETE FROM audit_log",
        "UPDATE audit_log SET entry = (SELECT entry FROM audit_log WHERE place = 0) WHERE place = :last",
        "UPDATE audit_log SET leaf = (SELECT leaf FROM audit_log WHERE place = 0) WHERE place = :last",
        "UPDATE audit_log SET place = place + 1 WHERE place = :last",
        "UPDATE audit_log SET place_mac = mac WHERE place = :last",
    ],
)
def test_a_log_whose_signed_end_was_changed_is_not_signed(sqlite_log, size, change):
    sqlite_log.append(size)
    sqlite_log.sign()
    sqlite_log.run(change, **({"last": size - 1} if ":last" in change else {}))
    with pytest.raises(NotSigned):
        sqlite_log.sign()
    assert [each.size for each in sqlite_log.checkpoints()] == [size]


def test_a_cut_log_stays_unsigned_when_it_grows_past_what_was_signed(log):
    log.append(256)
    log.sign()
    log.run("DELETE FROM audit_log WHERE place >= 250")
    log.append(20)
    with pytest.raises(NotSigned, match="not those that were signed"):
        log.sign()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit_log WHERE place = 6",
        "UPDATE audit_log SET mac = leaf WHERE place = 6",
        "UPDATE audit_log SET place_mac = leaf WHERE place = 6",
        "UPDATE audit_log SET entry = (SELECT entry FROM audit_log WHERE place = 7) WHERE place = 6",
        "UPDATE audit_log SET place = 99 WHERE place = 6",
        "UPDATE audit_log SET entry = 'text' WHERE place = 6",
        "UPDATE audit_log SET place = 6.5 WHERE place = 6",
    ],
)
def test_what_came_since_is_verified_before_it_is_signed(sqlite_log, change):
    sqlite_log.append(5)
    sqlite_log.sign()
    sqlite_log.append(5)
    sqlite_log.run(change)
    with pytest.raises(NotSigned, match=r"place (6|99)"):
        sqlite_log.sign()
    assert [each.size for each in sqlite_log.checkpoints()] == [5]


def test_a_changed_hash_that_is_kept_for_proofs_is_found(log):
    log.append(300)
    log.sign()
    log.append(1)
    assert log.run("UPDATE audit_tiles SET root = (SELECT leaf FROM audit_log WHERE place = 0)") == 1
    with pytest.raises(NotSigned):
        log.sign()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE checkpoints SET note = replace(note, '5', '4')",
        "UPDATE checkpoints SET size = 4",
        "UPDATE checkpoints SET note = ''",
        "UPDATE checkpoints SET note = x'ff'",
        "UPDATE checkpoints SET size = 5.5",
    ],
)
def test_a_last_checkpoint_that_was_changed_is_not_continued(sqlite_log, change):
    sqlite_log.append(5)
    sqlite_log.sign()
    sqlite_log.append(1)
    assert sqlite_log.run(change) == 1
    with pytest.raises(NotSigned, match="the last checkpoint is not signed"):
        sqlite_log.sign()


def test_a_log_is_not_continued_under_another_name(log):
    log.append(5)
    log.sign()
    log.append(1)
    with pytest.raises(NotSigned, match=r"\[audit\] origin"):
        sign_log(log.store, LogSigner("imgate/other", log.store.vault.checkpoint_key), log.sample.at)


def test_of_many_signers_at_once_one_signs(log, opened, url):
    log.append(7)
    stores = [log.store, opened(url)]
    together, signed = threading.Barrier(4), []

    def sign(store):
        together.wait()
        signed.append(sign_log(store, log.signer, log.sample.at))

    threads = [threading.Thread(target=sign, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.new for each in signed].count(True) == 1
    assert len({each.checkpoint for each in signed}) == 1
    assert len(log.checkpoints()) == 1


def test_a_signer_that_was_overtaken_keeps_what_the_other_one_signed(log, monkeypatch):
    log.append(3)
    hold = SqlCheckpoints.hold

    def overtaken(kept):
        hold(kept)
        kept.add(StoredCheckpoint(2, log.sample.at, str(log.signer.sign(2, bytes(32)))))

    monkeypatch.setattr(SqlCheckpoints, "hold", overtaken)
    signed = log.sign()
    assert not signed.new
    assert [each.size for each in log.checkpoints()] == [2]


def test_a_time_stamp_is_kept_once(log):
    log.append(1)
    log.sign()
    with log.store.transaction() as tx:
        kept = SqlCheckpoints(tx.session)
        assert kept.set_time_stamp(1, b"first")
        assert not kept.set_time_stamp(1, b"second")
        assert not kept.set_time_stamp(2, b"nowhere")
        assert kept.find(1).time_stamp == b"first"
        assert kept.find(2) is None


def test_checkpoints_are_read_in_pages(log):
    for _ in range(3):
        log.append(1)
        log.sign()
    with log.store.reading() as tx:
        kept = SqlCheckpoints(tx.session)
        assert [each.size for each in kept.list(limit=2)] == [1, 2]
        assert [each.size for each in kept.list(after=2, limit=2)] == [3]
        assert kept.latest().size == 3


@pytest.mark.parametrize("column", ["at", "note", "time_stamp", "size"])
def test_a_value_of_another_kind_stops_nobody_who_reads_checkpoints(sqlite_log, column):
    """SQLite keeps any kind of value in any column; whoever reads one verifies its note."""
    sqlite_log.append(1)
    sqlite_log.sign()
    for value in ("'text'", "x'ff'", "1.5", "''", "9e99"):
        sqlite_log.run(f"UPDATE checkpoints SET {column} = {value}")  # noqa: S608
        assert all(isinstance(each.note, str) and each.at.tzinfo is not None for each in sqlite_log.checkpoints())


def test_the_newest_are_given_part_by_part(log):
    for count in (1, 2, 3):
        log.append(count)
        log.sign()
    with log.store.reading() as tx:
        kept = SqlCheckpoints(tx.session)
        assert [each.size for each in kept.newest(limit=2)] == [6, 3]
        assert [each.size for each in kept.newest(3)] == [1]
        assert not kept.newest(1)
