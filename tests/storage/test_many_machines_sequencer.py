"""The sequencer is whoever comes: when the process that has it is killed, another one goes on, and no place is left out."""

import os
import subprocess
import sys
import time
from datetime import date

import pytest

from imgate.exchange.ports import Crossed
from imgate.keys import load_keys, make_keys
from imgate.storage.proof import place_entries, verify_store

pytestmark = pytest.mark.postgres

# Gives places like a worker, says so before the commit, and waits there to be killed.
SEQUENCER = """
import sys, time
from pathlib import Path
from zoneinfo import ZoneInfo
from imgate.keys import load_keys
from imgate.storage import open_store

store = open_store(sys.argv[1], load_keys(Path(sys.argv[2])), ZoneInfo("Europe/Berlin"))
with store.transaction() as tx:
    print(tx.audit_log.place_pending(), flush=True)
    sys.stdin.read()
"""
ENTRIES = 30


@pytest.fixture
def keys(tmp_path):
    make_keys(tmp_path / "imgate.keys", date(2026, 1, 1))
    return tmp_path / "imgate.keys"


@pytest.fixture
def url(postgres):
    return postgres()


@pytest.fixture
def store(opened, url, keys):
    return opened(url, load_keys(keys))


def write(store, sample):
    for _ in range(ENTRIES):
        with store.transaction() as tx:
            tx.audit(sample.event())


def test_a_sequencer_that_was_killed_is_replaced_at_once(store, sample, url, keys):
    for killed in range(3):
        write(store, sample)
        command = [sys.executable, "-c", SEQUENCER, url, str(keys)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ) as sequencer:
            assert sequencer.stdout.readline() == f"{ENTRIES}\n"
            assert place_entries(store) == 0  # it is at it
            sequencer.kill()
            sequencer.wait(10)
            begun = time.monotonic()
            while (placed := place_entries(store)) == 0:
                assert time.monotonic() - begun < 2
        assert placed == ENTRIES
        report = verify_store(store)
        assert report.sound
        assert report.checkpoint.size == ENTRIES * (killed + 1)


def test_sequencers_that_are_cut_off_again_and_again_leave_no_gap(store, opened, sample, url, keys):
    others = [opened(url, load_keys(keys)) for _ in range(3)]
    for _ in range(5):
        write(store, sample)
        with pytest.raises(Crossed), others[0].transaction() as first:  # noqa: PT012  # what happens before it is the point
            assert first.audit_log.place_pending() == ENTRIES
            assert place_entries(others[1]) == 0
            with store.reading() as tx:
                tx.session.driver.execute(f"SELECT pg_terminate_backend({first.session.driver.info.backend_pid})")
            first.audit_log.place_pending()
        assert place_entries(others[2]) == ENTRIES
    report = verify_store(store)
    assert report.sound
    assert report.checkpoint.size == ENTRIES * 5
