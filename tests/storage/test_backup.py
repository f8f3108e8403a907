"""A backup comes back whole, with the right keys, into an empty database, and brings back nobody who was erased."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from imgate.exchange.ports import Look
from imgate.exchange.stored import Cursor, PersonReport
from imgate.keys import Keyring
from imgate.storage.backup import KEYS, MAIN, BackupUnusable, backup
from imgate.storage.erase import erase_client
from imgate.storage.erasures import ErasuresMissing
from imgate.storage.key_checks import KeysMismatch
from imgate.storage.proof import verify_store
from imgate.storage.restore import restore
from imgate.storage.schema import client_keys
from imgate.vocabulary.words import Door, UserRole


@pytest.fixture
def fresh(url, request, tmp_path):
    """Another empty database of the same kind."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def filled(store, sample):
    with store.transaction() as tx:
        client, other = sample.client(tx), sample.client(tx, "K-2")
        sample.declaration(tx, client)
        tx.links.put(client, "jobcenter", "355A123456", sample.at)
        ids = [sample.message(tx, client).id for _ in range(3)]
        sample.message(tx, other)
        tx.audit(sample.event(client.subject))
    return client, ids


def test_everything_comes_back(store, sample, filled, opened, fresh, tmp_path):
    client, ids = filled
    erase_client(store, "K-2", sample.at, "operator")
    counts = backup(store, tmp_path / "backup")
    assert counts["exchanges"] == 4
    restored = opened(fresh)
    assert restore(restored, tmp_path / "backup", sample.at, "operator").erased_again == 0
    with restored.transaction() as tx:
        found = tx.clients.find("K-2026-0815")
        assert found.subject == client.subject
        assert tx.links.by_reference("jobcenter", "355A123456").digest == client.digest
        assert len(tx.declarations.of(client.digest, "jobcenter")) == 1
        ids.append(sample.message(tx, found).id)
        assert [item.exchange.id for item in tx.outbox.page("jobcenter", Cursor(), sample.at).items] == ids
        assert found.open("outbox", "message", ids[0], tx.outbox.box(ids[0]).message) == b"<message/>"
        assert tx.clients.find("K-2") is None
    findings = verify_store(restored).findings
    assert [finding for finding in findings if finding.declaration is None] == []


def test_users_come_back_and_sessions_do_not(store, sample, opened, fresh, tmp_path):
    people = store.people
    user, code = people.users.add(UserRole.OFFICE, None, "Vera", "vera", "vera@office.example", sample.at, "operator")
    people.users.set_password(user.id, "$argon2id$1", b"secret", sample.at)
    people.passkeys.add(user.id, b"one", b"key", 3, "x", sample.at)
    token = people.sessions.begin(user.id, None, sample.at, sample.at + timedelta(days=1), confirmed=True)
    with store.transaction() as tx:
        client = sample.client(tx)
        tx.client_pages.put(client, "CODE", sample.at)
        tx.openings.confirm("jobcenter", "health.constraints", user.id, sample.at)
    backup(store, tmp_path / "backup")
    restored = opened(fresh)
    restore(restored, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    again = restored.people
    assert again.users.enrolling(code, sample.at) == people.users.get(user.id)
    assert again.passkeys.get(b"one") == people.passkeys.get(b"one")
    assert again.sessions.get(token, sample.at, timedelta(days=1)) is None
    with restored.reading() as tx:
        assert tx.openings.all() == {("jobcenter", "health.constraints"): frozenset({user.id})}
        assert tx.client_pages.by_code("CODE")[0].reference == client.reference


def test_whoever_was_erased_since_does_not_come_back(store, sample, filled, opened, fresh, tmp_path):
    client, ids = filled
    backup(store, tmp_path / "backup")
    erase_client(store, "K-2026-0815", sample.at, "operator")
    restored = opened(fresh)
    assert restore(restored, tmp_path / "backup", sample.at, "operator").erased_again == 1
    with restored.reading() as tx:
        assert tx.clients.find("K-2026-0815") is None
        assert tx.clients.by_digest(client.digest) is None
        assert tx.outbox.box(ids[0]) is None
        assert tx.clients.find("K-2") is not None


def test_without_the_file_of_erasures_only_the_operator_can_decide(store, sample, filled, opened, fresh, tmp_path):
    backup(store, tmp_path / "backup")
    erase_client(store, "K-2026-0815", sample.at, "operator")
    restored = opened(fresh, erasures=tmp_path / "lost")
    with pytest.raises(ErasuresMissing):
        restore(restored, tmp_path / "backup", sample.at, "operator")
    before = verify_store(restored).entries
    restore(restored, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    with restored.reading() as tx:
        assert tx.clients.find("K-2026-0815") is not None
        last = bytes(tx.session.driver.execute("SELECT entry FROM audit_log ORDER BY position DESC LIMIT 1").fetchone()[0])
    assert before == 0
    assert b'"lost_erasures":true' in last


def test_a_file_of_erasures_that_lacks_somebody_is_not_the_right_one(store, sample, filled, opened, fresh, tmp_path):
    erase_client(store, "K-2", sample.at, "operator")
    backup(store, tmp_path / "backup")
    store.erasures.write_text("")
    with pytest.raises(ErasuresMissing, match="lacks"):
        restore(opened(fresh), tmp_path / "backup", sample.at, "operator")


def test_other_keys_are_refused_and_nothing_is_restored(store, sample, filled, opened, fresh, tmp_path):
    backup(store, tmp_path / "backup")
    restored = opened(fresh, keys=Keyring.made(date(2026, 1, 1)))
    with pytest.raises(KeysMismatch):
        restore(restored, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    with restored.reading() as tx:
        assert tx.session.driver.execute("SELECT count(*) FROM exchanges").fetchone()[0] == 0


def test_a_database_that_is_in_use_is_not_written_over(store, sample, filled, tmp_path):
    backup(store, tmp_path / "backup")
    with pytest.raises(BackupUnusable, match="not empty"):
        restore(store, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)


def test_a_folder_that_is_in_use_is_not_written_over(store, tmp_path):
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "notes.txt").touch()
    with pytest.raises(BackupUnusable, match="not empty"):
        backup(store, tmp_path / "backup")


def _without(folder, name):
    (folder / name).unlink()


def _garbage(folder, name):
    (folder / name).write_bytes(os.urandom(50_000))


def _of_another_backup(folder, name):
    shutil.copy(folder.parent / "other" / name, folder / name)


@pytest.mark.parametrize("name", [MAIN, KEYS])
@pytest.mark.parametrize("damage", [_without, _garbage, _of_another_backup])
def test_missing_or_wrong_files_are_named(sqlite_store, sqlite_sample, opened, tmp_path, damage, name):
    for folder in ("backup", "other"):
        backup(sqlite_store, tmp_path / folder)
    damage(tmp_path / "backup", name)
    fresh = opened(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(BackupUnusable, match=name):
        restore(fresh, tmp_path / "backup", sqlite_sample.at, "operator", accept_lost_erasures=True)


def test_the_keys_stand_in_their_own_file_only(sqlite_store, sqlite_sample, tmp_path):
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx)
        sqlite_sample.message(tx, client)
        key = tx.session.driver.execute("SELECT data_key FROM client_keys").fetchone()[0]
    backup(sqlite_store, tmp_path / "backup")
    assert sorted(file.name for file in (tmp_path / "backup").iterdir()) == sorted([KEYS, MAIN])
    assert key in (tmp_path / "backup" / KEYS).read_bytes()
    assert key not in (tmp_path / "backup" / MAIN).read_bytes()
    assert client.digest.encode() in (tmp_path / "backup" / MAIN).read_bytes()
    for file in (tmp_path / "backup").iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_a_backup_is_of_one_moment(store, sample, filled, tmp_path, monkeypatch):
    from imgate.storage import backup as module

    copied = module.copy_table

    def copy_and_write(source, target, table):
        if table.name == "outbox":
            with store.transaction() as tx:
                sample.message(tx, tx.clients.open("K-late"))
        return copied(source, target, table)

    monkeypatch.setattr(module, "copy_table", copy_and_write)
    counts = backup(store, tmp_path / "backup")
    assert counts["exchanges"] == counts["outbox"] == 4
    assert counts["client_keys"] == 2


def test_a_database_is_opened_only_with_the_keys_it_was_made_with(store, url, opened):
    with pytest.raises(KeysMismatch):
        opened(url, keys=Keyring.made(date(2026, 1, 1)))


def test_what_partners_sent_lies_beside_the_keys_and_comes_back(store, sample, filled, opened, fresh, tmp_path):
    """It names people under a key of the keyring: in the other file it would open without the clients' keys."""
    receipt, waiting = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    with store.transaction() as tx:
        tx.intake.add(receipt, "jobcenter", sample.at, "application/xml", b"x", None)
        tx.intake.done(receipt, sample.at, [PersonReport(None, None, "355Z")], [])
        tx.intake.add(waiting, "jobcenter", sample.at, "application/xml", b"<message/>", None)
    backup(store, tmp_path / "backup")
    for name, rows in ((MAIN, 0), (KEYS, 2)):
        with closing(sqlite3.connect(tmp_path / "backup" / name)) as file:
            assert file.execute("SELECT count(*) FROM intake").fetchone() == (rows,)
    restored = opened(fresh)
    restore(restored, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    with restored.transaction() as tx:
        assert [person.reference for person in tx.intake.get(receipt).people] == ["355Z"]
        assert [item.body for item in tx.intake.claim(sample.at, sample.at, 10)] == [b"<message/>"]


def test_who_is_erased_again_is_so_for_the_term_that_is_configured(store, sample, filled, opened, fresh, tmp_path):
    backup(store, tmp_path / "backup")
    erase_client(store, "K-2", sample.at, "operator", 7)
    restored = opened(fresh)
    restore(restored, tmp_path / "backup", sample.at, "operator", proof_years=7)
    with restored.engine.connect() as connection:
        (until,) = connection.execute(select(client_keys.c.proof_until).where(client_keys.c.erased_at.is_not(None))).scalars()
    assert until == sample.at.replace(year=sample.at.year + 7)


def test_what_a_gateway_wrote_by_starting_makes_way_for_the_backup(store, sample, filled, opened, fresh, tmp_path):
    def started(on):
        with on.transaction() as tx:
            tx.session.driver.execute("INSERT INTO paper_facts (at, sha256, facts) VALUES ('2026-03-02T09:30:00.000000+00:00', 'x', '{}')")
            tx.looks.add([Look(sample.at, "operator", Door.COMMAND, "access log")])

    started(store)
    backup(store, tmp_path / "backup")
    restored = opened(fresh)
    started(restored)
    restore(restored, tmp_path / "backup", sample.at, "operator", accept_lost_erasures=True)
    with restored.reading() as tx:
        assert len(tx.looks.page(Cursor()).items) == 1
