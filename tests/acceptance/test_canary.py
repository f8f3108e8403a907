"""Nothing leaves that was not released: every leaf carries a mark, and no mark turns up where it was not allowed."""

import dataclasses
import logging

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.bootstrap.logs import describe
from tests.acceptance.canary import Canary
from tests.acceptance.chance import chance
from tests.acceptance.doors import CorridorDoor
from tests.acceptance.inbound_writers import PARTNERS, message
from tests.acceptance.marks import Marks
from tests.acceptance.search import found_in, found_in_files

MARK = "Kanarienquarzabcdefgh"


def play(world, tmp_path, seed, exchanges, every):
    canary = Canary(CorridorDoor(world), chance(seed))
    searched = 0
    while canary.exchanges < exchanges:
        canary.play()
        if canary.exchanges >= min(searched + every, exchanges):
            searched = canary.exchanges
            assert found_in_files(tmp_path) == {}
    assert canary.leaks == []
    assert len(canary.seen) > exchanges  # the search finds what may be there
    assert canary.notices
    return canary


def test_no_mark_is_found_where_it_was_not_released(world, tmp_path, caplog, capfd):
    caplog.set_level(logging.INFO)
    play(world, tmp_path, seed=1, exchanges=200, every=100)
    out, err = capfd.readouterr()
    assert found_in(f"{out}{err}{caplog.text}".encode()) == set()


@pytest.mark.long
def test_no_mark_is_found_in_ten_thousand_exchanges(world, tmp_path, caplog, capfd):
    """Short form: 200 of them."""
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


class CrashingTranslator:
    """An adapter that puts what it was working on into its exceptions."""

    def __init__(self, translator):
        self.fields, self.media_type = translator.fields, translator.media_type

    def to_partner(self, released, envelope):
        raise ValueError(f"cannot write {released.record} for {envelope.reference}")

    def from_partner(self, body):
        raise KeyError(body.decode())


@pytest.mark.parametrize("partner", PARTNERS)
def test_an_adapter_that_crashes_with_values_tells_nobody(world, tmp_path, capfd, partner):
    record, _ = Marks(chance(4)).record()
    world.link(MARK, partner=partner)
    world.declare(*world.corridor.partners[partner].policy.ceiling["to_partner"], partner=partner)
    body = message(partner, MARK, record)
    partners = dict(world.corridor.partners)
    adapter = partners[partner].adapter
    crashing = dataclasses.replace(adapter, translator=CrashingTranslator(adapter.translator))
    partners[partner] = dataclasses.replace(partners[partner], adapter=crashing)
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    for step in (lambda: world.send(record, partner=partner), lambda: world.post(body, partner=partner)):
        with pytest.raises(AdapterFault) as fault:
            step()
        said = f"{fault.value} {fault.value!r} {fault.value.__context__!r} {fault.value.__cause__!r} {describe(fault.value)}"
        assert found_in(said.encode()) == set()
    out, err = capfd.readouterr()
    assert found_in((out + err).encode()) == set()
    assert found_in_files(tmp_path) == {}
