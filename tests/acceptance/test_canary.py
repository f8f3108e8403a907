"""Nothing leaves that was not released: every leaf carries a mark, and no mark turns up where it was not allowed."""

import logging

import pytest

from tests.acceptance.canary import Canary
from tests.acceptance.chance import chance
from tests.acceptance.doors import CorridorDoor
from tests.acceptance.search import found_in, found_in_files


def play(world, tmp_path, seed, exchanges, every):
    canary = Canary(CorridorDoor(world), chance(seed))
    searched = 0
    while canary.exchanges < exchanges:
        canary.play()
        if canary.exchanges >= searched + every:
            searched = canary.exchanges
            assert found_in_files(tmp_path) == {}
    assert canary.leaks == []
    assert len(canary.seen) > exchanges  # the search finds what may be there
    assert found_in_files(tmp_path) == {}
    return canary


def test_no_mark_is_found_where_it_was_not_released(world, tmp_path, caplog, capfd):
    caplog.set_level(logging.INFO)
    play(world, tmp_path, seed=1, exchanges=300, every=60)
    out, err = capfd.readouterr()
    assert found_in(f"{out}{err}{caplog.text}".encode()) == set()


@pytest.mark.long
def test_no_mark_is_found_in_ten_thousand_exchanges(world, tmp_path, caplog, capfd):
    """Short form: 300 of them."""
    caplog.set_level(logging.INFO)
    canary = play(world, tmp_path, seed=20_260_302, exchanges=10_000, every=2_000)
    out, err = capfd.readouterr()
    assert found_in(f"{out}{err}{caplog.text}".encode()) == set()
    assert canary.exchanges >= 10_000


def test_what_waits_is_in_the_files_that_were_searched(world, tmp_path):
    """The search of the files would be worth nothing while they hold no messages."""
    canary = Canary(CorridorDoor(world), chance(2))
    while not (tmp_path / "imgate.db-wal").exists() or (tmp_path / "imgate.db-wal").stat().st_size < 100_000:
        canary.play()
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"imgate.db", "imgate.db-wal", "imgate.db-shm", "imgate.keys"} <= names
    assert found_in_files(tmp_path) == {}
