"""What the annex of a form asks: what would a declaration permit once everybody has signed it?"""

from dataclasses import replace
from datetime import timedelta

from imgate.consent import life
from imgate.consent.as_if_signed import as_if_signed
from imgate.consent.judge import now
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import EvidenceLevel
from tests.consent.specimen import AT, ID, SECOND, SIGNED, THIRD, answer, draft, partner, signed, verified


def would_be(head, *siblings, at=AT):
    found = [verified(each) for each in (head, *siblings)]
    return as_if_signed(found[0], found, now(at))


def test_a_draft_permits_what_it_asks_for_at_whatever_level_a_partner_wants():
    strict = partner(levels=dict.fromkeys(partner().levels, EvidenceLevel.QUALIFIED))
    assert answer(verified(draft()), of=strict) is Reason.NOT_SIGNED
    assert answer(would_be(draft()), of=strict) == ID


def test_it_counts_from_the_day_on_which_the_term_begins():
    assert would_be(draft()).levels == ((verified(draft()).opens_at, EvidenceLevel.QUALIFIED),)


def test_what_was_never_asked_for_stays_denied():
    assert answer(would_be(draft()), scope="housing.situation") is Reason.SCOPE_NOT_COVERED


def test_what_was_revoked_or_paused_stays_so():
    assert answer(would_be(life.revoke(draft(), ["language.level"], SIGNED))) is Reason.REVOKED
    assert answer(would_be(life.pause(draft(), SIGNED))) is Reason.PAUSED


def test_the_term_stays():
    assert answer(would_be(draft(valid_until="2026-05-31"))) is Reason.EXPIRED
    assert answer(would_be(draft(valid_from="2026-07-01"))) is Reason.NOT_YET_VALID


def test_a_successor_that_nobody_has_signed_replaces_nothing():
    old = life.supersede(signed(), SECOND)
    assert would_be(old, draft(SECOND, supersedes=ID)).superseded_by == ()
    assert answer(would_be(old, draft(SECOND, supersedes=ID))) == ID


def test_a_successor_that_has_taken_effect_stays_one():
    old = life.supersede(signed(), SECOND)
    successor = life.with_evidence(draft(SECOND, supersedes=ID), "e2", "00" * 32, EvidenceLevel.WRITTEN, SIGNED + timedelta(days=1))
    assert would_be(old, successor).superseded_by == (SECOND,)
    assert answer(would_be(old, successor)) is Reason.REVOKED


def test_everything_else_is_as_it_was():
    found = verified(life.supersede(signed(), THIRD))
    left = as_if_signed(found, [found], now(AT))
    assert replace(left, levels=found.levels, superseded_by=found.superseded_by) == found
