"""Proofs from the store verify, with tiles and without them; tiles are written as they fill, and compared with the entries."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.audit.events import Event, EventName
from imgate.audit.tree import root_of
from imgate.audit.verify import Flaw, NotProven, Tree, leaf_hash, verify_consistency, verify_inclusion
from imgate.storage import log_proofs
from imgate.storage.proof import place_entries, verify_store
from imgate.storage.tiles import LogBroken, Tiles

SIZE = 600  # two full tiles, and a part of the third


def run(store, sql, **values):
    with store.engine.begin() as connection:
        return connection.execute(text(sql), values).rowcount


def rows(store, sql):
    with store.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def log_root(session, size):
    return root_of(Tiles(session).subtree, size)


def append(store, sample, count):
    with store.transaction() as tx:
        for _ in range(count):
            tx.audit(sample.event())
    place_entries(store)


@pytest.fixture
def log(store, sample):
    """A log of two full tiles and a part of one; gives its leaves."""
    append(store, sample, 250)
    append(store, sample, SIZE - 250)
    with store.reading() as tx:
        return [leaf_hash(entry.content) for entry in sorted(tx.audit_log.entries(), key=lambda entry: entry.place)]


@pytest.fixture(params=["with tiles", "without tiles"])
def tiles(request, store, log):
    if request.param == "without tiles":
        run(store, "DELETE FROM audit_tiles")


def test_a_tile_is_kept_as_soon_as_it_is_full(store, log):
    tree = Tree(log)
    assert rows(store, "SELECT level, tile, root FROM audit_tiles ORDER BY tile") == [(1, 0, tree.levels[8][0]), (1, 1, tree.levels[8][1])]


@pytest.mark.usefixtures("tiles")
def test_roots_are_those_of_the_entries(store, log):
    tree = Tree(log)
    with store.reading() as tx:
        assert log_proofs.log_size(tx.session) == SIZE
        for size in (0, 1, 2, 255, 256, 257, 511, 512, 513, 599, 600):
            assert log_root(tx.session, size) == tree.root(size)


@pytest.mark.usefixtures("tiles")
def test_inclusion_is_proven_and_of_no_other_place_or_entry(store, log):
    with store.reading() as tx:
        for place, size in ((0, 1), (0, 600), (255, 256), (256, 600), (300, 513), (599, 600)):
            proof = log_proofs.inclusion(tx.session, place, size)
            leaf = leaf_hash(proof.entry.content)
            assert leaf == log[place]
            verify_inclusion(leaf, place, size, proof.hashes, proof.root)
            for wrong in ((log[place - 1] if size > 1 else b"x" * 32, place), (leaf, place + 1)):
                with pytest.raises(NotProven):
                    verify_inclusion(*wrong, size, proof.hashes, proof.root)


@pytest.mark.usefixtures("tiles")
def test_consistency_is_proven_and_not_with_another_beginning(store, log):
    tree = Tree(log)
    with store.reading() as tx:
        for first, second in ((1, 600), (255, 256), (256, 512), (257, 599), (512, 600), (600, 600)):
            proof = log_proofs.consistency(tx.session, first, second)
            verify_consistency(first, second, tree.root(first), tree.root(second), proof)
            with pytest.raises(NotProven):
                verify_consistency(first, second, b"x" * 32, tree.root(second), proof)


@pytest.mark.parametrize(("place", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_what_is_not_in_the_log_is_not_proven(store, sample, place, size):
    append(store, sample, 5)
    with store.reading() as tx, pytest.raises(ValueError, match="no such place"):
        log_proofs.inclusion(tx.session, place, size)


def test_of_more_than_there_is_nothing_is_proven(store, sample):
    append(store, sample, 5)
    with store.reading() as tx, pytest.raises(LogBroken):
        log_root(tx.session, 6)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (4, 3), (0, 0)])
def test_from_nothing_or_backwards_no_consistency_is_proven(store, sample, first, second):
    append(store, sample, 5)
    with store.reading() as tx, pytest.raises(ValueError, match="no such sizes"):
        log_proofs.consistency(tx.session, first, second)


def test_what_is_missing_is_kept_by_the_first_that_asks_and_writes(store, log):
    kept = rows(store, "SELECT level, tile, root FROM audit_tiles ORDER BY tile")
    run(store, "DELETE FROM audit_tiles")
    with store.reading() as tx:
        log_root(tx.session, SIZE)
    assert rows(store, "SELECT * FROM audit_tiles") == []
    with store.transaction() as tx:
        log_proofs.inclusion(tx.session, 599, SIZE)
    assert rows(store, "SELECT level, tile, root FROM audit_tiles ORDER BY tile") == kept


def test_a_tile_of_what_was_rolled_back_is_not_kept(store, sample):
    append(store, sample, 255)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012  # what is written before it is the point
        tx.audit(sample.event())
        raise ZeroDivisionError
    assert rows(store, "SELECT * FROM audit_tiles") == []


def test_tiles_are_right_whoever_writes_and_whatever_is_undone(store, sample, opened, url):
    """Each connection remembers what it wrote last: it must notice that the log went on without that, or otherwise."""
    another = opened(url)
    for number in range(12):
        append(store, sample, 41)
        with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012  # what is written before it is the point
            for _ in range(7):
                tx.audit(sample.event())
            tx.audit_log.write()
            raise ZeroDivisionError
        append(another if number % 3 else store, sample, 24)
    report = verify_store(store)
    assert (report.sound, report.checkpoint.size) == (True, 12 * 65)
    assert len(rows(store, "SELECT * FROM audit_tiles")) == 3


def test_what_a_part_wrote_that_failed_is_not_in_the_log_and_what_was_before_it_is(store, sample):
    failures = []
    with store.transaction() as tx:
        tx.audit(sample.event())
        with tx.apart(failures.append):
            tx.audit(sample.event())
            tx.audit_log.write()
            tx.audit(sample.event())
            raise ZeroDivisionError
        tx.audit(sample.event())
        with tx.apart(failures.append):
            tx.audit(sample.event())
    report = verify_store(store)
    assert (report.sound, report.checkpoint.size, len(failures)) == (True, 3, 1)


@pytest.mark.usefixtures("log")
def test_a_tile_that_was_changed_is_found(store):
    assert verify_store(store).sound
    run(store, "UPDATE audit_tiles SET root = (SELECT leaf FROM audit_log WHERE place = 7) WHERE tile = 1")
    assert [(found.flaw, found.place) for found in verify_store(store).findings] == [(Flaw.TILE_WRONG, 256)]


@pytest.mark.usefixtures("log")
def test_a_tile_of_places_that_are_not_there_is_found(store):
    run(store, "INSERT INTO audit_tiles (level, tile, root) SELECT 3, 0, root FROM audit_tiles WHERE tile = 0")
    assert [found.flaw for found in verify_store(store).findings] == [Flaw.TILE_WRONG]


def test_an_entry_that_was_removed_stops_no_writer_and_every_proof_over_it(store, sample, opened, url):
    append(store, sample, 200)
    run(store, "DELETE FROM audit_log WHERE place = 100")
    append(opened(url), sample, 100)
    assert rows(store, "SELECT * FROM audit_tiles") == []
    with store.reading() as tx, pytest.raises(LogBroken):
        log_root(tx.session, 300)


def about(sample, exchange, name=EventName.ACKNOWLEDGED, **fields):
    return Event(name, sample.at, "worker", None, {"exchange": exchange, "partner": sample.partner} | fields)


def test_entries_about_an_exchange_are_found_from_when_it_was_made(store, sample):
    exchange = str(uuid.uuid4())
    later = replace(sample, at=sample.at + timedelta(days=3))
    append(store, sample, 3)
    with store.transaction() as tx:
        tx.audit(about(later, exchange))
        tx.audit(about(later, str(uuid.uuid4())))
        tx.audit(about(later, exchange, EventName.REJECTED, reason="refused"))
    place_entries(store)
    append(store, replace(sample, at=sample.at + timedelta(days=6)), 3)
    with store.reading() as tx:
        for since in (sample.at, later.at):
            assert [entry.place for entry in log_proofs.entries_about(tx.session, exchange, since)] == [3, 5]
        assert log_proofs.entries_about(tx.session, exchange, later.at + timedelta(days=1)) == []
        assert log_proofs.entries_about(tx.session, exchange[:-1], sample.at) == []


@pytest.mark.parametrize("level", [-1, 0, 2**31 - 1])
def test_a_tile_of_no_level_that_there_is_is_found(store, sample, level):
    append(store, sample, 3)
    run(store, f"INSERT INTO audit_tiles (level, tile, root) SELECT {level}, 0, leaf FROM audit_log LIMIT 1")  # noqa: S608
    assert [(found.flaw, found.place) for found in verify_store(store).findings] == [(Flaw.TILE_WRONG, None)]


def test_an_entry_that_was_changed_is_not_proven(store, sample):
    append(store, sample, 3)
    run(store, "UPDATE audit_log SET entry = (SELECT entry FROM audit_log WHERE place = 0) WHERE place = 1")
    with store.reading() as tx, pytest.raises(LogBroken):
        log_proofs.inclusion(tx.session, 1, 3)


@pytest.mark.parametrize("entry", ["CAST('x' AS BLOB)", "'text'", "CAST('[' AS BLOB)", "5"])
def test_what_is_no_entry_stops_the_search_with_a_word_to_the_operator(sqlite_store, sqlite_sample, entry):
    append(sqlite_store, sqlite_sample, 3)
    run(sqlite_store, f"UPDATE audit_log SET entry = {entry}")  # noqa: S608
    with sqlite_store.reading() as tx, pytest.raises(LogBroken):
        log_proofs.entries_about(tx.session, str(uuid.uuid4()), sqlite_sample.at)
