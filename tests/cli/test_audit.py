"""`imgate audit`: checkpoints that somebody else can keep, and what they show of a log that was changed afterwards."""

import json
import os
import sqlite3
from unittest import mock

import pytest

from imgate.audit.canonical import canonical
from imgate.audit.events import Event, EventName
from imgate.audit.verify import Checkpoint, Note, VerifierKey, leaf_hash, verified_checkpoint, verify_consistency, verify_inclusion
from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from tests.cli.conftest import CONFIGURATION
from tests.storage.conftest import Sample
from tests.transports.time_stamping import made, serving

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def log(imgate):
    """A gateway whose log has an entry for its keys and each access."""
    imgate.configure()
    imgate.access("auditor")
    return imgate


def key_of(imgate):
    return VerifierKey.parsed(imgate("audit", "key").stdout.removesuffix("\n"))


def signed(imgate, name):
    """Sign a checkpoint and keep it in a file; give it."""
    done = imgate("audit", "checkpoint")
    assert done.returncode == 0, done.stderr
    (imgate.folder / name).write_text(done.stdout)
    return verified_checkpoint(done.stdout.encode(), key_of(imgate))


def change(imgate, sql, *values):
    with sqlite3.connect(imgate.folder / "imgate.db") as database:
        changed = database.execute(sql, values).rowcount
    database.close()
    return changed


def report(imgate, *arguments):
    done = imgate("audit", "verify", *arguments)
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["sound"] else 1)
    return said


def refused(imgate, *arguments, status=1):
    done = imgate("audit", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def with_gateway(imgate, job):
    with mock.patch.dict(os.environ, imgate.environment, clear=True):
        settings = load_settings(imgate.folder / "imgate.toml")
        with open_gateway(settings, make_keys=False) as gateway:
            return job(gateway)


def exchange_in(gateway):
    """Put an exchange and its entries into the database."""
    sample = Sample(gateway.store, at=gateway.corridor.clock(), partner="jobkraftwerk")
    with gateway.store.transaction() as tx:
        exchange = sample.exchange(tx, sample.client(tx)).id
        tx.audit(sample.event())
        for _ in range(2):
            tx.audit(Event(EventName.ACKNOWLEDGED, sample.at, "worker", None, {"exchange": exchange, "partner": "jobkraftwerk"}))
        tx.audit(sample.event())
    return exchange


def test_a_checkpoint_is_a_signed_note_under_the_gateway_s_name(log):
    checkpoint = signed(log, "kept")
    assert checkpoint.origin == key_of(log).name == "imgate/im-winnenden"
    assert f"{checkpoint.size} {checkpoint.root.hex()}" == report(log)["checkpoint"]


def test_the_log_s_own_name_stays_when_the_gateway_is_renamed(imgate):
    origin = '[audit]\norigin = "log.winnenden.example.org"\n'
    imgate.configure(f"{CONFIGURATION}\n{origin}")
    imgate.access("auditor")
    signed(imgate, "kept")
    imgate.configure(f"{CONFIGURATION}\n{origin}".replace("im-winnenden", "im-waiblingen"))
    imgate.access("auditor")
    assert signed(imgate, "next").origin == "log.winnenden.example.org"
    imgate.configure()
    imgate.access("auditor")
    assert "[audit] origin" in refused(imgate, "checkpoint")


def test_of_a_log_that_has_not_grown_there_is_one_checkpoint(log):
    assert log("audit", "checkpoint").stdout == log("audit", "checkpoint").stdout
    assert report(log)["checkpoints"] == 1


def test_an_end_that_was_cut_is_seen_against_what_was_kept_elsewhere(log):
    before = report(log)["entries"]
    signed(log, "kept")
    assert report(log, "--checkpoint", "kept")["sound"]
    change(log, "DELETE FROM audit_log WHERE place = (SELECT max(place) FROM audit_log)")
    change(log, "DELETE FROM checkpoints")
    done = log("audit", "verify")
    assert done.returncode == 0, "nobody can see that without a checkpoint from elsewhere"
    assert "Mind: no checkpoint from elsewhere" in done.stderr
    assert report(log, "--checkpoint", "kept")["findings"] == [{"flaw": "checkpoint_mismatch", "size": before}]


def test_a_changed_entry_is_named_by_its_place(log):
    signed(log, "first")
    log.access("auditor")
    signed(log, "second")
    assert report(log, "--checkpoint", "first", "--checkpoint", "second")["sound"]
    last = report(log)["entries"] - 1
    assert change(log, "UPDATE audit_log SET entry = CAST(replace(entry, 'a', 'b') AS BLOB) WHERE place = ?", last) == 1
    found = report(log, "--checkpoint", "first", "--checkpoint", "second")["findings"]
    assert {each["flaw"]: each.get("place", each.get("size")) for each in found} == {
        "entry_wrong": last,
        "place_wrong": last,
        "checkpoint_mismatch": last + 1,  # the first one still holds
    }


def test_a_log_that_was_changed_is_signed_no_more_and_says_who_must_act(log):
    signed(log, "kept")
    change(log, "DELETE FROM audit_log WHERE place = 0")
    assert "Keep the database as it is" in refused(log, "checkpoint")


def test_a_kept_checkpoint_that_was_changed_here_is_found(log):
    size = signed(log, "kept").size
    change(log, "UPDATE checkpoints SET note = replace(note, 'im-winnenden', 'im-winnendem')")
    assert report(log)["findings"] == [{"flaw": "checkpoint_wrong", "size": size}]


def test_what_is_no_checkpoint_of_this_log_is_refused(log):
    assert "cannot be read" in refused(log, "verify", "--checkpoint", "kept")
    for content in ("", "7 00", "not a note\n", "imgate/im-winnenden\n1\nAA==\n\n— x AAAAAAAA\n"):
        (log.folder / "kept").write_text(content)
        assert "kept is no checkpoint" in refused(log, "verify", "--checkpoint", "kept")


def test_each_changed_byte_of_a_kept_checkpoint_is_refused(log):
    signed(log, "kept")
    note, key = (log.folder / "kept").read_bytes(), key_of(log)
    for place in range(len(note)):
        with pytest.raises(ValueError):  # noqa: PT011  # NotProven is one
            verified_checkpoint(note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :], key)


def test_an_export_is_verified_without_the_gateway(log, tmp_path_factory):
    signed(log, "kept")
    log.access("auditor")
    vkey = str(key_of(log))
    assert log("audit", "export", "log.jsonl").returncode == 0
    entries = report(log)["entries"]
    elsewhere = type(log)(tmp_path_factory.mktemp("auditor"))
    for name in ("kept", "log.jsonl"):
        (elsewhere.folder / name).write_bytes((log.folder / name).read_bytes())
    said = report(elsewhere, "--export", "log.jsonl", "--log", vkey, "--checkpoint", "kept")
    assert (said["sound"], said["entries"], said["proven"]) == (True, entries, entries - 1)
    lines = (elsewhere.folder / "log.jsonl").read_bytes().splitlines(keepends=True)
    for cut in (
        lines[:1] + lines[2:],
        lines[:-2] + lines[-1:],
        [*lines[:2], lines[1], *lines[2:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
    ):
        (elsewhere.folder / "log.jsonl").write_bytes(b"".join(cut))
        done = elsewhere("audit", "verify", "--export", "log.jsonl", "--log", vkey, "--checkpoint", "kept")
        assert (done.returncode == 0) == (cut == lines[:-2] + lines[-1:]), "only what no checkpoint is about can go unseen"


def test_an_export_is_not_verified_with_the_key_that_stands_in_it(log):
    log("audit", "export", "log.jsonl")
    refused(log, "verify", "--export", "log.jsonl", status=2)
    refused(log, "verify", "--log", str(key_of(log)), status=2)
    assert "is not a key" in refused(log, "verify", "--export", "log.jsonl", "--log", "x")
    other = str(VerifierKey(key_of(log).name, key_of(log).kind, bytes(32)))
    assert "not an export of this log" in refused(log, "verify", "--export", "log.jsonl", "--log", other)


def test_an_export_overwrites_nothing(log):
    (log.folder / "log.jsonl").write_text("mine")
    assert "there already" in refused(log, "export", "log.jsonl")
    assert (log.folder / "log.jsonl").read_text() == "mine"


def test_that_an_exchange_stands_in_the_log_is_proven(log):
    exchange = with_gateway(log, exchange_in)
    checkpoint = signed(log, "kept")
    done = log("audit", "prove", exchange)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said) == {"origin", "checkpoint", "entries"}
    assert (said["origin"], said["checkpoint"]) == ("imgate/im-winnenden", (log.folder / "kept").read_text())
    assert [each["entry"]["event"] for each in said["entries"]] == ["acknowledged", "acknowledged"]
    for each in said["entries"]:
        assert each["entry"]["fields"]["exchange"] == exchange
        hashes = [bytes.fromhex(one) for one in each["proof"]]
        verify_inclusion(leaf_hash(canonical(each["entry"])), each["place"], checkpoint.size, hashes, checkpoint.root)


def test_what_no_checkpoint_is_about_is_not_proven(log):
    exchange = with_gateway(log, exchange_in)
    assert "no such checkpoint" in refused(log, "prove", exchange)
    size = signed(log, "kept").size
    newer = with_gateway(log, exchange_in)
    assert "newer than this checkpoint" in refused(log, "prove", newer)
    assert log("audit", "prove", exchange).returncode == 0
    signed(log, "next")
    assert log("audit", "prove", newer).returncode == 0
    assert json.loads(log("audit", "prove", exchange, "--size", str(size)).stdout)["checkpoint"] == (log.folder / "kept").read_text()
    assert "no such checkpoint" in refused(log, "prove", exchange, "--size", str(size + 1))
    assert "no exchange" in refused(log, "prove", NOBODY)


def test_nothing_is_proven_from_a_log_that_was_changed(log):
    exchange = with_gateway(log, exchange_in)
    signed(log, "kept")
    change(log, "UPDATE audit_log SET leaf = zeroblob(32) WHERE place = 0")
    assert "not what this checkpoint is about" in refused(log, "prove", exchange)
    change(log, "DELETE FROM audit_log WHERE place = 0")
    assert "imgate audit verify" in refused(log, "prove", exchange)


def test_that_the_log_continues_what_it_was_is_proven(log):
    first = signed(log, "first")
    log.access("auditor")
    log.access("auditor")
    second = signed(log, "second")
    said = json.loads(log("audit", "prove", "--consistency", str(first.size), str(second.size)).stdout)
    assert (said["origin"], said["from"], said["to"]) == (first.origin, first.size, second.size)
    verify_consistency(first.size, second.size, first.root, second.root, [bytes.fromhex(each) for each in said["proof"]])
    assert f"has {second.size} entries" in refused(log, "prove", "--consistency", "1", str(second.size + 1))
    assert "at most the second" in refused(log, "prove", "--consistency", "2", "1")
    assert "at least 1" in refused(log, "prove", "--consistency", "0", "1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("prove",),
        ("prove", "a", "b"),
        ("prove", "--consistency", "1"),
        ("prove", "--consistency", "1", "x"),
        ("prove", "--consistency", "1", "-2"),
        ("prove", "--consistency", "1", "2", "--size", "2"),
        ("export",),
        ("cosign",),
    ],
)
def test_what_makes_no_sense_is_not_done(imgate, arguments):
    refused(imgate, *arguments, status=2)


def test_a_checkpoint_gets_a_time_stamp_when_it_is_asked_for(imgate, tmp_path_factory):
    pytest.importorskip("rfc3161_client", reason="the extra tsa is not installed")
    authority = made(tmp_path_factory.mktemp("authority"))
    section = '\n[audit]\ntime_stamp_url = "{}"\ntime_stamp_roots = "{}"\n'
    with serving(authority):
        imgate.configure(CONFIGURATION + section.format(authority.url, authority.roots))
        imgate.access("auditor")
        done = imgate("audit", "checkpoint", "--time-stamp")
        assert done.returncode == 0, done.stderr
        assert report(imgate)["time_stamped"] == 1
        assert imgate("audit", "checkpoint", "--time-stamp").returncode == 0
        assert len(authority.asked) == 1, "one stamp is enough"
        imgate.access("auditor")
        authority.status = 500
        done = imgate("audit", "checkpoint", "--time-stamp")
    assert done.returncode == 1
    assert "stands, without a time-stamp" in done.stderr
    Checkpoint.parsed(Note.parsed(done.stdout.encode()).text)
    assert report(imgate)["checkpoints"] == 2
    size = report(imgate)["entries"] - 1
    change(imgate, "UPDATE checkpoints SET time_stamp = substr(time_stamp, 1, length(time_stamp) - 1) WHERE size = ?", size)
    said = report(imgate)
    assert (said["time_stamped"], said["findings"]) == (0, [{"flaw": "time_stamp_wrong", "size": size}])


def test_without_an_authority_there_is_no_time_stamp(log):
    done = log("audit", "checkpoint", "--time-stamp")
    assert done.returncode == 1
    assert "time_stamp_url is not set" in done.stderr


def test_check_says_what_a_time_stamp_lacks(imgate):
    imgate.configure(CONFIGURATION + '\n[audit]\ntime_stamp_url = "https://tsa.example.org"\ntime_stamp_roots = "away.pem"\n')
    assert "line 15: `audit.time_stamp_roots`: cannot be read" in imgate("check").stdout
    (imgate.folder / "away.pem").write_text("no certificate")
    assert "holds no certificates in PEM" in imgate("check").stdout
    with mock.patch("imgate.bootstrap.checks.find_spec", return_value=None):
        assert "install imgate[tsa]" in imgate("check").stdout
