"""Every reason of contract §4, each brought about by the one flaw that it is named for, and the order in which they are given."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from imgate.consent import life
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel
from tests.consent.specimen import (
    AT,
    EVERYTHING,
    ID,
    NAME,
    OTHER,
    PARTNER,
    SCOPE,
    SECOND,
    THIRD,
    answer,
    decision,
    declaration,
    draft,
    partner,
    policy,
    signed,
    verified,
)

BEFORE = AT - timedelta(days=30)


def test_an_ordinary_question_about_an_ordinary_declaration_is_permitted():
    """The specimen is good: whatever the tests below change is what they deny for."""
    assert answer(declaration()) == ID


# One flaw of a declaration for each step of B, in the order of the steps. The datum comes from another partner, which is allowed.
FLAWS = {
    Reason.NOT_SIGNED: lambda head: replace(head, levels=()),
    Reason.REVOKED: lambda head: life.revoke(head, None, BEFORE),
    Reason.PAUSED: lambda head: life.pause(head, BEFORE),
    Reason.NOT_YET_VALID: lambda head: replace(head, valid_from="2026-06-02"),
    Reason.EXPIRED: lambda head: replace(head, valid_until="2026-05-31"),
    Reason.RECIPIENT_CHANGED: lambda head: replace(head, recipient="Jobcenter Stuttgart"),
    Reason.CLAUSE_MISSING: lambda head: replace(head, clauses=head.clauses[:1]),
    Reason.DIRECTION_NOT_COVERED: lambda head: replace(head, direction="from_partner"),
    Reason.PURPOSE_NOT_COVERED: lambda head: replace(head, purposes=("housing",)),
    Reason.SCOPE_NOT_COVERED: lambda head: replace(head, scopes=("residence.status",)),
    Reason.EVIDENCE_TOO_WEAK: lambda head: replace(head, levels=tuple((at, "recorded") for at, _ in head.levels)),
    Reason.ONWARD_TRANSFER_NOT_COVERED: lambda head: replace(head, onward_from=()),
}


def flawed(*flaws, id_=ID):
    """Give the specimen with these flaws."""
    head = signed(id_=id_, onward_from=[OTHER])
    for flaw in flaws:
        head = FLAWS[flaw](head)
    return verified(head)


@pytest.mark.parametrize("reason", FLAWS)
def test_each_flaw_is_denied_under_its_own_name(reason):
    """One flaw, one reason; without it the same question is permitted."""
    assert answer(flawed(reason), provenance={SCOPE: OTHER}) is reason
    assert answer(flawed(), provenance={SCOPE: OTHER}) == ID


@pytest.mark.parametrize(("first", "second"), list(combinations(FLAWS, 2)))
def test_of_two_flaws_of_one_declaration_the_earlier_step_is_named(first, second):
    """The first that fails is its reason, in whatever order the flaws came about."""
    assert answer(flawed(first, second), provenance={SCOPE: OTHER}) is first
    assert answer(flawed(second, first), provenance={SCOPE: OTHER}) is first


@pytest.mark.parametrize(("nearer", "further"), list(combinations(FLAWS, 2)))
def test_of_two_declarations_the_one_that_got_furthest_gives_the_reason(nearer, further):
    """In whatever order they are handed over."""
    one, other = flawed(nearer), flawed(further, id_=SECOND)
    assert answer(one, other, provenance={SCOPE: OTHER}) is further
    assert answer(other, one, provenance={SCOPE: OTHER}) is further


def test_evidence_too_weak_for_what_this_partner_needs():
    """A configuration that raises the level is heeded; one that would lower it is not."""
    raised = partner(levels={Sensitivity.CONFIDENTIAL: EvidenceLevel.QUALIFIED})
    assert answer(declaration(), of=raised) is Reason.EVIDENCE_TOO_WEAK
    lowered = partner(levels=dict.fromkeys(Sensitivity, EvidenceLevel.RECORDED))
    assert answer(verified(signed(level=EvidenceLevel.RECORDED)), of=lowered) is Reason.EVIDENCE_TOO_WEAK


def test_the_flaws_are_the_steps_of_the_contract_in_its_order():
    """No step without a test: the reasons are those of A, no declaration at all, B, and minimising."""
    assert list(FLAWS) == list(Reason)[4:16]


@pytest.mark.parametrize("scope", ["language", "language.*", "*", "language.level.cefr", "Language.level", " language.level", "", "x.y"])
def test_unknown_scope(scope):
    """What is not in the catalogue is denied, whatever a declaration says: no wildcard, no prefix, no other case."""
    assert answer(declaration(scopes=[scope]), scope=scope) is Reason.UNKNOWN_SCOPE


@pytest.mark.parametrize("scope", ["identifiers.azr_number", "asylum.grounds", "health.constraints"])
def test_scope_closed(scope):
    """A closed scope stays closed even for who signed for it by name; only its own name in ``open`` opens it."""
    paper = declaration(scopes=[scope])
    assert answer(paper, scope=scope) is Reason.SCOPE_CLOSED
    assert answer(paper, scope=scope, of=partner(open=frozenset(EVERYTHING - {scope}))) is Reason.SCOPE_CLOSED
    assert answer(paper, scope=scope, of=partner(open=frozenset({scope}))) == ID


def test_beyond_partner_ceiling_is_told_per_direction():
    """A place in the messages of one direction is none in those of the other."""
    one_way = partner(ceiling={Direction.TO_PARTNER: frozenset({SCOPE}), Direction.FROM_PARTNER: frozenset()})
    assert answer(declaration(), of=one_way) == ID
    assert answer(declaration(), of=one_way, direction="from_partner") is Reason.BEYOND_PARTNER_CEILING


def test_a_direction_without_a_ceiling_has_an_empty_one():
    """What was not configured does not borrow the other direction's ceiling."""
    one_way = partner(ceiling={Direction.TO_PARTNER: EVERYTHING})
    assert answer(declaration(), of=one_way, direction="from_partner") is Reason.BEYOND_PARTNER_CEILING


def test_closed_comes_before_the_ceiling_and_unknown_before_closed():
    """The order of A."""
    nothing = partner(ceiling={})
    assert answer(declaration(), scope="asylum.grounds", of=nothing) is Reason.SCOPE_CLOSED
    assert answer(declaration(), scope="asylum.ground", of=nothing) is Reason.UNKNOWN_SCOPE


def test_an_answer_has_every_scope_that_was_asked_about_once_and_in_that_order():
    """Whatever becomes of it."""
    asked = ("x.y", SCOPE, "asylum.grounds", "plan.goals")
    found = decision(declaration(), scopes=asked)
    assert found.scopes == asked
    assert sorted([*found.permitted, *found.denied]) == sorted(asked)
    assert tuple(found.permitted) == (SCOPE,)


def test_no_declaration():
    """Silence is no consent."""
    assert answer() is Reason.NO_DECLARATION


def test_a_declaration_for_another_partner_is_none():
    """Even where the partners have one name and the store hands over the wrong row."""
    assert answer(declaration(partner=OTHER)) is Reason.NO_DECLARATION


def test_a_scope_itself_denied_is_denied_for_that_even_without_a_declaration():
    """A comes before B."""
    assert answer(scope="asylum.grounds") is Reason.SCOPE_CLOSED


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"direction": ""}, Reason.DIRECTION_NOT_COVERED),
        ({"direction": "both"}, Reason.DIRECTION_NOT_COVERED),
        ({"direction": "TO_PARTNER"}, Reason.DIRECTION_NOT_COVERED),
        ({"purpose": None}, Reason.PURPOSE_NOT_COVERED),
        ({"purpose": ""}, Reason.PURPOSE_NOT_COVERED),
        ({"purpose": "labour"}, Reason.PURPOSE_NOT_COVERED),
        ({"provenance": {SCOPE: "nobody-knows"}}, Reason.ONWARD_TRANSFER_NOT_COVERED),
        ({"provenance": {SCOPE: ""}}, Reason.ONWARD_TRANSFER_NOT_COVERED),
        ({"provenance": {SCOPE: "SELF"}}, Reason.ONWARD_TRANSFER_NOT_COVERED),
    ],
)
def test_unknown_words_fall_at_their_own_step(asked, reason):
    """Contract §5: an unknown direction or purpose falls at B's own step; an unknown origin is denied."""
    assert answer(declaration(onward_from=["nobody-knows", ""]), **asked) is reason


def test_a_purpose_that_nobody_knows_is_not_covered_even_if_it_was_signed():
    """Unknown input is a denial, also when a declaration repeats it."""
    assert answer(declaration(purposes=["everything"]), purpose="everything") is Reason.PURPOSE_NOT_COVERED


def test_an_unconfigured_partner_has_an_empty_ceiling():
    """Even if it once was configured and a client signed for it."""
    stranger = policy().partner("gone")
    assert (stranger.name, stranger.ceiling, stranger.open) == ("", {}, frozenset())
    assert answer(declaration(partner="gone"), of=stranger) is Reason.BEYOND_PARTNER_CEILING
    assert answer(declaration(partner="gone", recipient=""), of=stranger, direction="") is Reason.BEYOND_PARTNER_CEILING
    assert answer(scope="x.y", of=stranger) is Reason.UNKNOWN_SCOPE


@pytest.mark.parametrize("origin", ["self", PARTNER])
def test_the_clients_own_word_and_the_partners_own_data_are_no_onward_transfer(origin):
    """What came from this very partner goes back to it without another permission."""
    assert answer(declaration(), provenance={SCOPE: origin}) == ID


def test_what_came_from_another_partner_passes_where_it_is_named():
    """And only from the one that is named."""
    paper = declaration(onward_from=[OTHER])
    assert answer(paper, provenance={SCOPE: OTHER}) == ID
    assert answer(paper, provenance={SCOPE: "third"}, of=partner(partners={PARTNER, OTHER, "third"})) is Reason.ONWARD_TRANSFER_NOT_COVERED


def test_a_partner_that_is_no_longer_configured_is_unknown():
    """Also where the declaration names it."""
    paper = declaration(onward_from=[OTHER])
    assert answer(paper, provenance={SCOPE: OTHER}, of=partner(partners={PARTNER})) is Reason.ONWARD_TRANSFER_NOT_COVERED


def test_from_a_partner_the_origin_is_the_partner_itself():
    """Whatever else the provenance says."""
    assert answer(declaration(), direction="from_partner", provenance={SCOPE: OTHER}) == ID


def test_a_renamed_partner_is_the_same_only_where_the_configuration_says_so():
    """``formerly`` names the name that was signed for, in full."""
    renamed = partner(name="Jobcenter Rems-Murr")
    assert answer(declaration(), of=renamed) is Reason.RECIPIENT_CHANGED
    assert answer(declaration(), of=replace(renamed, formerly=frozenset({NAME[:-1], NAME.lower()}))) is Reason.RECIPIENT_CHANGED
    assert answer(declaration(), of=replace(renamed, formerly=frozenset({NAME}))) == ID


@pytest.mark.parametrize(("level", "passes"), [("recorded", {"internal"}), ("written", {"internal", "confidential", "special"})])
def test_evidence_needed_by_sensitivity(level, passes):
    """A note of what was said is enough for contact persons and courses, and for nothing else."""
    scopes = {"internal": "contact_persons.jobcenter", "confidential": "language.level", "special": "notes.counselling"}
    paper = verified(signed(level=EvidenceLevel(level), scopes=list(scopes.values())))
    permitted = decision(paper, scopes=tuple(scopes.values())).permitted
    assert permitted.keys() == {scopes[sensitivity] for sensitivity in passes}


def test_of_several_that_pass_the_first_to_end_is_named_then_the_lowest_id():
    """All that pass are told beside it, in any order of asking."""
    late, early, tied = (
        declaration(id_=ID),
        declaration(id_=THIRD, valid_until="2026-11-30"),
        declaration(id_=SECOND, valid_until="2026-11-30"),
    )
    found = decision(late, early, tied)
    assert found.named == (SECOND,)
    assert {paper.id for paper in found.passing[SCOPE]} == {ID, SECOND, THIRD}


def test_a_draft_beside_a_good_declaration_does_no_harm():
    """At least one has to pass all of B, not each."""
    assert answer(verified(draft(id_=SECOND)), declaration(), verified(life.revoke(signed(id_=THIRD), None, BEFORE))) == ID
