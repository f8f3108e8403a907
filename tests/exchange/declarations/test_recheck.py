"""Stored evidence can be examined again: it says what would hold today, and changes nothing but the audit log."""

import json

import pytest

from imgate.exchange.declarations import register
from imgate.exchange.declarations.recheck import recheck
from imgate.exchange.refusals import Refused
from imgate.storage.proof import verify_store
from imgate.vocabulary.words import EvidenceLevel
from tests.exchange.declarations.examining import PDF, examined_by, refused, sign, taken


def checked(world, declaration, evidence=None):
    return recheck(world.corridor, "operator", declaration, evidence)


def test_what_is_not_there_can_not_be_checked(world):
    with pytest.raises(Refused, match="not_found"):
        checked(world, "00000000-0000-4000-8000-000000000000")
    declaration = world.declare("language.level")
    with pytest.raises(Refused, match="not_found"):
        checked(world, declaration, "00000000-0000-4000-8000-000000000000")


def test_another_declarations_evidence_is_not_found(world):
    ours, theirs = world.declare("language.level"), world.declare("language.level", client="K-2")
    piece = register.show(world.corridor, theirs)["evidence"][0]["id"]
    with pytest.raises(Refused, match="not_found"):
        checked(world, ours, piece)


def test_what_does_not_match_its_seal_is_not_checked(world):
    declaration = world.declare("language.level")
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declaration_heads SET mac = zeroblob(32)")
    with pytest.raises(Refused, match="declaration_unreadable"):
        checked(world, declaration)


def test_evidence_that_would_be_refused_today_is_named_and_still_counts(world):
    declaration = world.declare("language.level", signed=False)
    examined_by(world, taken(EvidenceLevel.QUALIFIED))
    sign(world, declaration)
    before = register.show(world.corridor, declaration)
    examiner = examined_by(world, refused("signature_revoked", checks=["x"]))
    world.later(days=30)
    report = checked(world, declaration)
    (piece,) = report["evidence"]
    assert (report["failed"], piece["refused"], piece["level"], piece["report"]) == (1, "signature_revoked", "qualified", {"checks": ["x"]})
    assert "level_today" not in piece
    assert [(content, at) for _, content, _, at in examiner.asked] == [(PDF, world.now)]
    assert register.show(world.corridor, declaration) == before


def test_evidence_that_holds_says_what_it_would_count_for_today(world):
    declaration = world.declare("language.level", signed=False)
    examined_by(world, taken(EvidenceLevel.QUALIFIED), taken(EvidenceLevel.WRITTEN))
    sign(world, declaration)
    report = checked(world, declaration)
    (piece,) = report["evidence"]
    assert (report["failed"], piece["level"], piece["level_today"]) == (0, "qualified", "written")


@pytest.mark.parametrize("sql", ["UPDATE evidence SET content = zeroblob(60)", "UPDATE evidence SET content = NULL"])
def test_bytes_that_are_not_those_recorded_fail(world, sql):
    declaration = world.declare("language.level")
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute(sql)
    (piece,) = checked(world, declaration)["evidence"]
    assert piece["refused"] == "evidence_changed"


@pytest.mark.parametrize(
    ("spoil", "known"),
    [
        ("DELETE FROM evidence WHERE position = 2", False),
        ("UPDATE evidence SET detail = zeroblob(60) WHERE position = 2", False),
        ("UPDATE evidence SET detail = 5 WHERE position = 2", False),
        ("UPDATE evidence SET content = 5 WHERE position = 2", True),
        ("UPDATE evidence SET id = 'another' WHERE position = 2", False),
    ],
)
def test_evidence_that_is_gone_or_does_not_open_fails_whether_all_is_checked_or_it_alone(world, spoil, known):
    declaration = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    sign(world, declaration, "paper_scan")
    sign(world, declaration, "drawn", role="guardian")
    first, second = (piece["id"] for piece in register.show(world.corridor, declaration)["evidence"])
    with world.corridor.store.transaction() as tx:
        assert tx.session.driver.execute(spoil).rowcount == 1
    report = checked(world, declaration)
    assert report["evidence"][0]["level_today"] == "written"
    assert report["failed"] == len(report["evidence"]) - 1 > 0
    (piece,) = checked(world, declaration, second)["evidence"]
    assert (piece["refused"], "kind" in piece) == ("evidence_changed", known)
    assert checked(world, declaration, first)["failed"] == 0


def test_evidence_that_was_moved_here_or_away_fails_in_both_places(world):
    ours, theirs = world.declare("language.level"), world.declare("language.level")
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE evidence SET declaration = ? WHERE declaration = ?", (ours, theirs))
    assert (checked(world, ours)["failed"], checked(world, theirs)["failed"]) == (1, 1)
    assert len(checked(world, ours)["evidence"]) == 2


def test_what_is_checked_need_not_be_readable_otherwise(world):
    declaration = world.declare("language.level")
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declarations SET content = zeroblob(60)")
    assert checked(world, declaration)["failed"] == 0


def test_evidence_that_no_gateway_examines_is_compared_by_its_digest(world):
    declaration = world.declare("contact_persons.jobcenter", signed=False, signers_required=["client", "guardian"])
    sign(world, declaration, "paper_scan")
    sign(world, declaration, "oral_record", role="guardian")
    report = checked(world, declaration)
    assert [(piece["kind"], piece["level_today"]) for piece in report["evidence"]] == [
        ("paper_scan", "written"),
        ("oral_record", "recorded"),
    ]
    assert report["failed"] == 0


def test_one_piece_can_be_checked_alone(world):
    declaration = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    sign(world, declaration, "paper_scan")
    sign(world, declaration, "drawn", role="guardian")
    piece = register.show(world.corridor, declaration)["evidence"][1]["id"]
    assert [one["id"] for one in checked(world, declaration, piece)["evidence"]] == [piece]


def test_an_assertion_is_judged_by_the_moment_it_was_handed_in(world):
    declaration = world.declare("language.level", signed=False)
    examiner = examined_by(world, taken())
    handed_in = world.now
    sign(world, declaration, "eid")
    world.later(days=300)
    checked(world, declaration)
    assert [at for _, _, _, at in examiner.asked] == [handed_in, handed_in]


def test_it_is_on_the_audit_log_and_the_log_still_fits_the_declarations(world):
    declaration = world.declare("language.level")
    checked(world, declaration)
    with world.corridor.store.reading() as tx:
        told = [json.loads(entry.content) for entry in tx.audit_log.entries() if b"declaration_rechecked" in entry.content]
    (entry,) = told
    assert (entry["actor"], entry["fields"]["pieces"], entry["fields"]["failed"]) == ("operator", 1, 0)
    assert verify_store(world.corridor.store).findings == []
