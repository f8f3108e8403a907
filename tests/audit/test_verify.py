"""Whatever is changed, removed, inserted or swapped in a log of 10,000 entries is found, and named."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from imgate.audit.entry import AuditEntry, entry_of, place_mac
from imgate.audit.events import Event, EventName
from imgate.audit.tree import Checkpoint
from imgate.audit.verify import Finding, Flaw, verify_heads, verify_log

KEY = b"k" * 32
SIZE = 10_000
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# In CI some places, each by itself; in the long form every place, each tenth at once, and exactly those must be named.
SOME = sorted({0, 1, SIZE // 2, SIZE - 2, SIZE - 1, *range(331, SIZE, 3200)})
GROUPS = [range(first, SIZE, 10) for first in range(10)] if os.environ.get("IMGATE_LONG") else [range(place, place + 1) for place in SOME]


def written(key, place, name=EventName.LINK_SET, **fields):
    entry = entry_of(key, Event(name, AT, "caller", "subject", {"partner": "jobcenter"} | fields))
    return replace(entry, place=place, place_mac=place_mac(key, place, entry.id, entry.leaf))


@pytest.fixture(scope="module")
def log():
    return [written(KEY, place) for place in range(SIZE)]


def found(rows, kept=None):
    return verify_log(KEY, rows, kept).findings


def changed(log, group, change):
    """Put what ``change`` gives for a row in the place of each row of the group."""
    return (new for place, row in enumerate(log) for new in (change(row) if place in group else (row,)))


def test_an_untouched_log_is_sound(log):
    report = verify_log(KEY, log)
    assert report.sound
    assert report.findings == []
    assert report.checkpoint.size == SIZE
    assert verify_log(KEY, log, report.checkpoint).sound
    assert verify_log(KEY, reversed(log)).sound


def test_an_empty_log_is_sound():
    assert verify_log(KEY, []).sound


def changed_content(row):
    return replace(row, content=row.content.replace(b"jobcenter", b"jobcentre"))


def changed_consistently_without_the_key(row):
    return replace(written(b"x" * 32, row.place), id=row.id)


CHANGES = {
    "content": changed_content,
    "leaf": lambda row: replace(row, leaf=b"x" * 32),
    "mac": lambda row: replace(row, mac=b"x" * 32),
    "id": lambda row: replace(row, id="f" * 32),
    "place_mac": lambda row: replace(row, place_mac=b"x" * 32),
    "no_place_mac": lambda row: replace(row, place_mac=None),
    "forged": changed_consistently_without_the_key,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_each_changed_entry_is_named(log, kind):
    for group in GROUPS:
        findings = found(changed(log, group, lambda row: (CHANGES[kind](row),)))
        assert {finding.place for finding in findings} == set(group)


def test_each_removed_entry_is_named_but_the_last_one_which_needs_a_checkpoint(log):
    kept = verify_log(KEY, log).checkpoint
    for group in GROUPS:
        removed = list(changed(log, group, lambda row: ()))
        assert found(removed) == [Finding(Flaw.PLACE_MISSING, place) for place in group if place != SIZE - 1]
        assert Finding(Flaw.CHECKPOINT_MISMATCH) in found(removed, kept)


def test_each_inserted_entry_is_named(log):
    elsewhere = written(KEY, SIZE + 7)
    for group in GROUPS:
        findings = found(changed(log, group, lambda row: (row, replace(elsewhere, id=f"{row.place:032x}", place=row.place))))
        assert {finding.place for finding in findings if finding.flaw is Flaw.PLACE_DOUBLED} == set(group)
        assert {finding.place for finding in findings if finding.flaw is Flaw.PLACE_WRONG} == set(group)


def test_each_doubled_entry_is_named(log):
    for group in GROUPS:
        findings = found(changed(log, group, lambda row: (row, row)))
        assert {finding.place for finding in findings if finding.flaw is Flaw.ENTRY_DOUBLED} == set(group)
        assert {finding.place for finding in findings if finding.flaw is Flaw.PLACE_DOUBLED} == set(group)


@pytest.mark.parametrize("with_their_macs", [False, True])
def test_each_pair_of_swapped_entries_is_named(log, with_their_macs):
    for group in GROUPS:
        pairs = [place for place in group if place != SIZE - 1]
        partner = {place: place + 1 for place in pairs} | {place + 1: place for place in pairs}

        def swap(row, partner=partner):
            other = log[partner[row.place]]
            return (replace(other, place=row.place, place_mac=row.place_mac if with_their_macs else other.place_mac),)

        findings = found(changed(log, partner, swap))
        assert {finding.place for finding in findings if finding.flaw is Flaw.PLACE_WRONG} == set(partner)


def test_another_history_of_the_same_length_needs_a_checkpoint(log):
    kept = verify_log(KEY, log[:100]).checkpoint
    other = [written(KEY, place) for place in range(100)]
    assert found(other) == []
    assert [finding.flaw for finding in found(other, kept)] == [Flaw.CHECKPOINT_MISMATCH]
    assert [finding.flaw for finding in found(log[:50], kept)] == [Flaw.CHECKPOINT_MISMATCH]
    assert found(log[:200], kept) == []
    assert found(log[:200], Checkpoint(0, verify_log(KEY, []).checkpoint.root)) == []


def test_entries_without_a_place_are_named_and_no_fault(log):
    waiting = replace(written(KEY, 0), place=None, place_mac=None)
    report = verify_log(KEY, [*log[:10], waiting])
    assert report.findings == [Finding(Flaw.UNPLACED, None, waiting.id)]
    assert report.sound


def test_a_place_below_the_first_is_wrong(log):
    assert Flaw.PLACE_WRONG in {finding.flaw for finding in found([*log[:3], replace(written(KEY, 3), place=-1)])}


def heads_of(*versions):
    fields = {"declaration": "0d3b5e8a-8f3f-4a0c-9c55-6a1d1f2c7b11"}
    rows = [written(KEY, place, EventName.DECLARATION_PAUSED, version=version, **fields) for place, version in enumerate(versions)]
    return fields["declaration"], verify_log(KEY, rows)


@pytest.mark.parametrize(
    ("head", "flaw"), [(3, None), (2, Flaw.HEAD_OLDER), (4, Flaw.HEAD_UNLOGGED), (None, Flaw.HEAD_UNREADABLE), ("gone", Flaw.HEAD_MISSING)]
)
def test_declarations_are_compared_with_the_log(head, flaw):
    declaration, report = heads_of(1, 3, 2)
    verify_heads(report, {} if head == "gone" else {declaration: head})
    assert report.findings == ([] if flaw is None else [Finding(flaw, declaration=declaration)])


def test_a_declaration_that_the_log_does_not_know_is_named():
    report = verify_log(KEY, [])
    verify_heads(report, {"x": 1})
    assert report.findings == [Finding(Flaw.HEAD_UNLOGGED, declaration="x")]


def test_a_forged_entry_vouches_for_no_declaration():
    declaration, report = heads_of(1)
    forged = written(b"x" * 32, 1, EventName.DECLARATION_PAUSED, version=2, declaration=declaration)
    report = verify_log(KEY, [forged])
    assert report.versions == {}


def test_rows_show_no_content_in_their_repr(log):
    assert isinstance(log[0], AuditEntry)
    assert "jobcenter" not in repr(log[0])
