"""An export is verified with nothing but checkpoints: whatever is changed, removed, inserted, swapped, cut off or replayed is found."""

import io
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import pytest

from imgate.audit.verify import Checkpoint, Flaw, NotProven, lines_of, verify_export
from tests.audit.written import KEY, LOG, Signer, checkpoint_line, checkpoint_of, head_line, line_of, note_of, written

SIZE = 10_000
SMALL = 150


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of all entries as they are, the same one place further, and those of entries that were never written."""

    lines: list[bytes]
    further: list[bytes]
    other: bytes
    kept: Checkpoint

    @classmethod
    def of(cls, size):
        entries = [written(KEY, place) for place in range(size)]
        lines = [line_of(place, entry) for place, entry in enumerate(entries)]
        further = [line_of(place + 1, entry) for place, entry in enumerate(entries)]
        other = line_of(0, written(KEY, 0)).partition(b',"leaf":')[2]
        return cls(lines, further, other, checkpoint_of([entry.leaf for entry in entries]))

    def forged(self, place):
        """A line that is as it should be, of another entry."""
        return b'{"place":%d,"leaf":%b' % (place, self.other)


def changed(export, place):
    """A byte of the entry itself."""
    line = export.lines[place]
    return [*export.lines[:place], line.replace(b'"jobcenter"', b'"jobcentre"'), *export.lines[place + 1 :]]


def rewritten(export, place):
    """Another entry, with its own hash."""
    return [*export.lines[:place], export.forged(place), *export.lines[place + 1 :]]


def removed(export, place):
    return export.lines[:place] + export.lines[place + 1 :]


def inserted(export, place):
    """Another entry, and everything behind it one place further."""
    return [*export.lines[:place], export.forged(place), *export.further[place:]]


def swapped(export, place):
    """Two entries have changed places, and all of it is as if it had always been so."""
    first = (place or 1) - 1
    line = export.lines[first + 1].replace(b"%d" % (first + 1), b"%d" % first, 1)
    return [*export.lines[:first], line, export.further[first], *export.lines[first + 2 :]]


def truncated(export, place):
    return export.lines[:place]


def replayed(export, place):
    """An entry once more, at the end, where no checkpoint reaches."""
    return [*export.lines, export.lines[place].replace(b"%d" % place, b"%d" % len(export.lines), 1)]


MISMATCH = Flaw.CHECKPOINT_MISMATCH
# What is done, and which flaws are found; True: with the place.
DONE = {
    changed: {(Flaw.ENTRY_WRONG, True), (MISMATCH, False)},
    rewritten: {(MISMATCH, False)},
    removed: {(Flaw.PLACE_MISSING, True), (MISMATCH, False)},
    inserted: {(MISMATCH, False)},
    swapped: {(MISMATCH, False)},
    truncated: {(MISMATCH, False)},
    replayed: {(Flaw.ENTRY_DOUBLED, False)},
}


def verified(lines, kept):
    return verify_export([head_line(), *lines], LOG.public, [kept])


def found(export, do, place):
    """Tell whether it is found, and as what it should be; a removed last entry is not missed, but the checkpoint is."""
    report = verified(do(export, place), export.kept)
    named = {(finding.flaw, finding.place == place) for finding in report.findings}
    return named == (DONE[do] if (do, place) != (removed, len(export.lines) - 1) else {(MISMATCH, False)}) and not report.sound


@pytest.fixture(scope="module")
def small():
    return Export.of(SMALL)


@pytest.fixture(scope="module")
def export():
    return Export.of(SIZE)


def test_an_untouched_export_is_sound(export):
    report = verified(export.lines, export.kept)
    assert (report.sound, report.findings, report.entries, report.proven) == (True, [], SIZE, SIZE)
    assert report.checkpoint == export.kept
    assert report.caveat is None


@pytest.mark.parametrize("do", DONE, ids=lambda do: do.__name__)
def test_in_a_small_log_whatever_is_done_to_any_entry_is_found(small, do):
    assert [place for place in range(SMALL) if not found(small, do, place)] == []


@pytest.mark.parametrize("do", DONE, ids=lambda do: do.__name__)
def test_in_a_log_of_10_000_whatever_is_done_to_some_entries_is_found(export, do):
    assert [place for place in (0, 1, 255, 256, 4096, SIZE - 2, SIZE - 1) if not found(export, do, place)] == []


_export: Export


def _take(export):
    global _export  # each process of the pool is given the log once
    _export = export


def _not_found(do, places):
    return [place for place in places if not found(_export, do, place)]


@pytest.mark.long  # in the short form every place of a small log, and some of one of 10,000
def test_in_a_log_of_10_000_whatever_is_done_to_any_entry_is_found(export):
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_take, initargs=(export,)) as pool:
        parts = [(do, range(first, first + 250)) for do in DONE for first in range(0, SIZE, 250)]
        missed = list(pool.map(_not_found, *zip(*parts, strict=True)))
    assert missed == [[]] * len(parts)


@pytest.mark.long  # in the short form in a log of 10,000
def test_in_a_log_of_a_million_whatever_is_done_to_some_entries_is_found():
    million = Export.of(1_000_000)
    assert verified(million.lines, million.kept).sound
    missed = [(do.__name__, place) for do in DONE for place in (0, 524_287, 524_288, 777_777, 999_999) if not found(million, do, place)]
    assert missed == []


def test_each_byte_of_a_line_that_is_changed_is_found(small):
    line = small.lines[7]
    for position in range(len(line)):
        lines = [*small.lines[:7], line[:position] + bytes([line[position] ^ 1]) + line[position + 1 :], *small.lines[8:]]
        assert not verified(lines, small.kept).sound, position


def test_lines_in_another_order_are_named_and_nothing_else(small):
    report = verified([*small.lines[:5], small.lines[6], small.lines[5], *small.lines[7:]], small.kept)
    assert [(finding.flaw, finding.place, finding.line) for finding in report.findings] == [(Flaw.OUT_OF_ORDER, 5, 8)]


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b'{"place":-1,"leaf":"","entry":{}}\n',
        b'{"checkpoint":1}\n',
        b'{"checkpoint": "x"}\n',
        b'{"checkpoint":"x","more":1}\n',
        b"\xff\n",
    ],
)
def test_lines_of_another_kind_are_found(small, line):
    report = verified([*small.lines, line], small.kept)
    assert {finding.flaw for finding in report.findings} <= {Flaw.LINE_WRONG, Flaw.CHECKPOINT_WRONG}
    assert not report.sound


@pytest.mark.parametrize("head", [b"", b"{}\n", head_line().replace(b"/1", b"/2"), head_line().replace(b"winnenden", b"waiblingen")])
def test_an_export_of_another_log_or_form_is_refused(small, head):
    with pytest.raises(NotProven):
        verify_export([head, *small.lines], LOG.public, [small.kept])
    with pytest.raises(NotProven):
        verify_export([head_line(), *small.lines], Signer(secret=b"x" * 32).public, [small.kept])


def with_note(export, note):
    return verify_export([head_line(), *export.lines, checkpoint_line(note)], LOG.public)


def test_an_export_without_any_checkpoint_proves_nothing(small):
    with pytest.raises(NotProven, match="no checkpoint"):
        verify_export([head_line(), *small.lines], LOG.public)


def test_the_checkpoints_in_an_export_count_where_the_log_signed_them(small):
    note = note_of(small.kept.text, LOG.line(small.kept.text))
    assert with_note(small, note).proven == SMALL
    for position in range(len(note)):
        changed_note = note[:position] + bytes([note[position] ^ 1]) + note[position + 1 :]
        if changed_note[position] < 32 or changed_note[position] in b'"\\':
            continue
        lines = [head_line(), *small.lines, checkpoint_line(note), b'{"checkpoint":"%b"}\n' % changed_note.replace(b"\n", b"\\n")]
        report = verify_export(lines, LOG.public)
        assert report.findings, position
        assert report.proven == SMALL


def test_an_export_that_was_cut_with_its_checkpoints_says_that_nothing_from_elsewhere_was_compared(small):
    leaves = [bytes.fromhex(json.loads(line)["leaf"]) for line in small.lines]
    kept = [checkpoint_of(leaves[:size]) for size in (4, 7)]
    lines = [head_line(), *small.lines[:7], checkpoint_line(note_of(kept[1].text, LOG.line(kept[1].text)))]
    alone, with_older = verify_export(lines, LOG.public), verify_export(lines, LOG.public, kept[:1])
    assert (alone.sound, alone.proven, with_older.proven) == (True, 7, 7)
    assert "no checkpoint from elsewhere" in alone.caveat
    assert "the last 3 entries are newer" in with_older.caveat
    assert verify_export(lines, LOG.public, kept).caveat is None


def test_a_line_without_an_end_is_refused_before_it_is_all_read():
    class Endless(io.BytesIO):
        def readline(self, size=-1):
            assert 0 < size <= 1 << 20
            return b"x" * size

    with pytest.raises(NotProven, match="without an end"):
        verify_export(lines_of(Endless()), LOG.public)
    assert list(lines_of(io.BytesIO(b"a\nb"))) == [b"a\n", b"b"]


def test_an_export_that_ends_before_its_checkpoint_is_found(small):
    note = note_of(small.kept.text, LOG.line(small.kept.text))
    report = verify_export([head_line(), *small.lines[:-1], checkpoint_line(note)], LOG.public)
    assert [(finding.flaw, finding.size) for finding in report.findings] == [(MISMATCH, SMALL)]
    assert json.loads(checkpoint_line(note))["checkpoint"].encode() == note
