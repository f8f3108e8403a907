"""Whatever is changed, removed, inserted or swapped in the database's rows is found, and named; ``test_exports`` does so for exports."""

import os

import pytest

from imgate.audit.events import EventName
from imgate.audit.verify import AuditEntry, Checkpoint, Finding, Flaw, Verification, leaf_hash, verify_log
from imgate.storage.proof import compare_heads
from tests.audit.written import KEY, checkpoint_of, written

SIZE = 10_000 if os.environ.get("IMGATE_LONG") else 1_500
# In CI some places of a shorter log, each by itself; in the long form every place, each tenth at once, and exactly those must be named.
SOME = sorted({0, 1, SIZE // 2, SIZE - 2, SIZE - 1, *range(331, SIZE, 800)})
GROUPS = [range(first, SIZE, 10) for first in range(10)] if os.environ.get("IMGATE_LONG") else [range(place, place + 1) for place in SOME]


@pytest.fixture(scope="module")
def log():
    return [written(KEY, place) for place in range(SIZE)]


def found(rows, *kept):
    return verify_log(KEY, rows, kept).findings


def changed(log, group, change):
    """Put what ``change`` gives for a row in the place of each row of the group."""
    return (new for place, row in enumerate(log) for new in (change(row) if place in group else (row,)))


def test_an_untouched_log_is_sound(log):
    report = verify_log(KEY, log)
    assert report.sound
    assert report.findings == []
    assert report.checkpoint.size == SIZE
    assert verify_log(KEY, log, [report.checkpoint]).sound
    assert verify_log(KEY, reversed(log)).sound


def test_an_empty_log_is_sound():
    assert verify_log(KEY, []).sound


def changed_content(row):
    return row._replace(content=row.content.replace(b"jobcenter", b"jobcentre"))


def changed_consistently_without_the_key(row):
    return written(b"x" * 32, row.place)._replace(id=row.id)


CHANGES = {
    "content": changed_content,
    "leaf": lambda row: row._replace(leaf=b"x" * 32),
    "mac": lambda row: row._replace(mac=b"x" * 32),
    "id": lambda row: row._replace(id="f" * 32),
    "place_mac": lambda row: row._replace(place_mac=b"x" * 32),
    "no_place_mac": lambda row: row._replace(place_mac=None),
    "forged": changed_consistently_without_the_key,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_each_changed_entry_is_named(log, kind):
    for group in GROUPS:
        findings = found(changed(log, group, lambda row: (CHANGES[kind](row),)))
        assert {finding.place for finding in findings} == set(group)


def test_each_removed_entry_is_named_but_the_last_one_which_needs_a_checkpoint(log):
    kept = checkpoint_of([row.leaf for row in log])
    for group in GROUPS:
        removed = list(changed(log, group, lambda row: ()))
        assert found(removed) == [Finding(Flaw.PLACE_MISSING, place) for place in group if place != SIZE - 1]
        assert Finding(Flaw.CHECKPOINT_MISMATCH, size=SIZE) in found(removed, kept)


def test_each_inserted_entry_is_named(log):
    elsewhere = written(KEY, SIZE + 7)
    for group in GROUPS:
        findings = found(changed(log, group, lambda row: (row, elsewhere._replace(id=f"{row.place:032x}", place=row.place))))
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
            return (other._replace(place=row.place, place_mac=row.place_mac if with_their_macs else other.place_mac),)

        findings = found(changed(log, partner, swap))
        assert {finding.place for finding in findings if finding.flaw is Flaw.PLACE_WRONG} == set(partner)


def test_another_history_of_the_same_length_needs_a_checkpoint(log):
    kept = checkpoint_of([row.leaf for row in log[:100]])
    other = [written(KEY, place) for place in range(100)]
    assert found(other) == []
    assert found(other, kept) == found(log[:50], kept) == [Finding(Flaw.CHECKPOINT_MISMATCH, size=100)]
    assert found(log[:200], kept) == []
    assert found(log[:200], checkpoint_of([])) == []
    assert found(log[:200], Checkpoint("", 0, b"x" * 32)) == [Finding(Flaw.CHECKPOINT_MISMATCH, size=0)]


def test_of_two_checkpoints_both_must_match_and_the_report_says_how_far_they_reach(log):
    leaves = [row.leaf for row in log[:300]]
    early, late = checkpoint_of(leaves[:100]), checkpoint_of(leaves[:250])
    report = verify_log(KEY, log[:300], [late, early])
    assert (report.sound, report.proven, report.compared_with) == (True, 250, (late, early))
    assert "last 50 entries" in report.caveat
    changed = [*log[:120], written(KEY, 120), *log[121:300]]
    report = verify_log(KEY, changed, [early, late])
    assert report.findings == [Finding(Flaw.CHECKPOINT_MISMATCH, size=250)]
    assert report.proven == 100  # so the entry that is another one stands behind the first hundred
    assert verify_log(KEY, log[:300], [checkpoint_of(leaves)]).caveat is None


def test_below_a_checkpoint_macs_can_be_left_out_and_nothing_that_was_written_can_differ(log):
    kept = checkpoint_of([row.leaf for row in log[:900]])

    def quick(at, **changes):
        verification = Verification(KEY, kept.size)
        verification.take([*log[:at], log[at]._replace(**changes), *log[at + 1 : 1000]])
        return [(finding.flaw, finding.place) for finding in verification.conclude([kept]).findings]

    for place in (0, 899):
        assert quick(place, mac=b"x" * 32) == quick(place, place_mac=b"x" * 32) == []
        assert quick(place, leaf=b"x" * 32) == quick(place, id="f" * 32) == [(Flaw.ENTRY_WRONG, place)]
        forged = written(b"x" * 32, place)
        assert quick(place, **forged._asdict()) == [(Flaw.CHECKPOINT_MISMATCH, None)]
    assert quick(900, mac=b"x" * 32) == [(Flaw.ENTRY_WRONG, 900)]
    assert quick(999, place_mac=b"x" * 32) == [(Flaw.PLACE_WRONG, 999)]


@pytest.mark.parametrize("said", [b"not JSON", b"[" * 5000, b"[1]", b'{"fields":[1]}', b'{"fields":{"declaration":1}}'])
def test_below_a_checkpoint_an_entry_that_cannot_be_read_is_found_and_stops_nothing(log, said):
    named = b'"id":"%b"' % log[5].id.encode()
    content = said[:-1] + b"," + named + b"}" if said.startswith(b"{") else b'"declaration":' + named + said
    kept, forged = checkpoint_of([row.leaf for row in log[:10]]), log[5]._replace(content=content, leaf=leaf_hash(content))
    verification = Verification(KEY, 10)
    verification.take([*log[:5], forged, *log[6:10]])
    assert [finding.flaw for finding in verification.conclude([kept]).findings] == [Flaw.CHECKPOINT_MISMATCH]


@pytest.mark.parametrize("covered", [0, 10])
@pytest.mark.parametrize(
    "wrong",
    [{"content": "text"}, {"content": None}, {"content": 1}, {"id": 5}, {"id": None}, {"leaf": "x"}, {"place": 6.5}, {"place": "6"}],
)
def test_a_row_that_holds_another_type_is_found_and_stops_nothing(log, wrong, covered):
    verification = Verification(KEY, covered)
    verification.take([*log[:6], log[6]._replace(**wrong), *log[7:12]])
    report = verification.conclude([checkpoint_of([row.leaf for row in log[:10]])])
    assert {finding.flaw for finding in report.findings} & {Flaw.ENTRY_WRONG, Flaw.PLACE_WRONG}
    assert {finding.place for finding in report.findings} <= {6, -1, None}


def test_of_a_long_gap_the_first_thousand_are_named(log):
    far = written(KEY, 2**62)
    assert found([*log[:10], far]) == [Finding(Flaw.PLACE_MISSING, place) for place in range(10, 1010)]


def test_an_entry_that_was_written_again_is_named_even_before_it_has_a_place(log):
    again = log[7]._replace(place=None, place_mac=None)
    assert found([*log[:10], again]) == [Finding(Flaw.UNPLACED, None, again.id), Finding(Flaw.ENTRY_DOUBLED, entry=again.id)]


def test_entries_without_a_place_are_named_and_no_fault(log):
    waiting = written(KEY, 0)._replace(place=None, place_mac=None)
    report = verify_log(KEY, [*log[:10], waiting])
    assert report.findings == [Finding(Flaw.UNPLACED, None, waiting.id)]
    assert report.sound


def test_a_place_below_the_first_is_wrong(log):
    assert Flaw.PLACE_WRONG in {finding.flaw for finding in found([*log[:3], written(KEY, 3)._replace(place=-1)])}


def heads_of(*versions):
    fields = {"declaration": "0d3b5e8a-8f3f-4a0c-9c55-6a1d1f2c7b11"}
    rows = [written(KEY, place, EventName.DECLARATION_PAUSED, version=version, **fields) for place, version in enumerate(versions)]
    return fields["declaration"], verify_log(KEY, rows)


@pytest.mark.parametrize(
    ("head", "flaw"), [(3, None), (2, Flaw.HEAD_OLDER), (4, Flaw.HEAD_UNLOGGED), (None, Flaw.HEAD_UNREADABLE), ("gone", Flaw.HEAD_MISSING)]
)
def test_declarations_are_compared_with_the_log(head, flaw):
    declaration, report = heads_of(1, 3, 2)
    compare_heads(report, {} if head == "gone" else {declaration: head})
    assert report.findings == ([] if flaw is None else [Finding(flaw, declaration=declaration)])


def test_a_declaration_that_the_log_does_not_know_is_named():
    report = verify_log(KEY, [])
    compare_heads(report, {"x": 1})
    assert report.findings == [Finding(Flaw.HEAD_UNLOGGED, declaration="x")]


def test_a_forged_entry_vouches_for_no_declaration():
    declaration, report = heads_of(1)
    forged = written(b"x" * 32, 1, EventName.DECLARATION_PAUSED, version=2, declaration=declaration)
    report = verify_log(KEY, [forged])
    assert report.versions == {}


def test_rows_show_no_content_in_their_repr(log):
    assert isinstance(log[0], AuditEntry)
    assert "jobcenter" not in repr(log[0])
