"""Premise by premise: what is told is what was decided, for every question, and each premise fails under its own name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import event, given, settings

from imgate.consent import life
from imgate.consent.judge import decide
from imgate.consent.premises import UNKNOWN_ORIGIN, Premise, Turned, Walk, turned, walk
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.sensitivity import Sensitivity
from imgate.vocabulary.words import Direction, EvidenceLevel
from tests.consent.brute_force import PREMISES, objection_to_paper, objection_to_scope
from tests.consent.specimen import (
    AT,
    EVERYTHING,
    ID,
    OTHER,
    PARTNER,
    SCOPE,
    SECOND,
    THIRD,
    declaration,
    draft,
    partner,
    question,
    signed,
    verified,
)
from tests.consent.test_judge_against_brute_force import MANY, cases
from tests.consent.test_reasons import FLAWS, flawed
from tests.consent.worlds import NO_SCOPES, SCOPES, declarations_of, policy_of, question_of

A = [Reason.UNKNOWN_SCOPE, Reason.SCOPE_CLOSED, Reason.BEYOND_PARTNER_CEILING]
B = list(FLAWS)
AFTER = AT + timedelta(days=1)


def walked(*declarations, scope=SCOPE, of=None, **asked) -> Walk:
    """Walk through the ordinary question with these changes."""
    (found,) = walk(of or partner(), declarations, question((scope,), **asked))
    return found


def failing(found: Walk) -> list[Reason]:
    """Name every premise that does not hold."""
    return [
        premise.reason for premises in (found.itself, *(one.premises for one in found.under)) for premise in premises if not premise.holds
    ]


def facts(found: Walk, reason: Reason, number=0):
    """Give the facts of one premise of B."""
    return next(premise for premise in found.under[number].premises if premise.reason is reason).facts


@MANY
@given(cases())
def test_what_follows_from_the_premises_is_what_the_judge_decides(case):
    """The heart of it: permit or deny, the reason, the declaration that is named, and all that pass, for every scope that is asked."""
    world, papers, asked = case
    policy, declarations = policy_of(world), declarations_of(world, papers)
    asked_about = question_of(asked, asked.scope, *SCOPES, *NO_SCOPES)
    decision = decide(policy, declarations, asked_about)
    walks = walk(policy, declarations, asked_about)
    event(walks[0].reason or "permitted")
    assert [found.scope for found in walks] == list(decision.scopes)
    assert {found.scope: found.reason for found in walks if found.reason is not None} == decision.denied
    passing = {scope: tuple(d.id for d in found) for scope, found in decision.passing.items()}
    assert {found.scope: found.passing for found in walks if found.reason is None} == passing
    assert {found.scope: found.passing[0] for found in walks if found.passing} == {s: d.id for s, d in decision.permitted.items()}


@settings(MANY, max_examples=MANY.max_examples // 2)
@given(cases())
def test_every_single_premise_is_the_contracts_own(case):
    """Also those behind the first that fails: each holds or not as contract §4, read aloud, says by itself."""
    world, papers, asked = case
    (found,) = walk(policy_of(world), declarations_of(world, papers), question_of(asked))
    assert _first(found.itself) == objection_to_scope(world, asked)
    if asked.scope not in SCOPES:
        assert (len(found.itself), found.under) == (1, ())
        return
    mine = {paper.id: paper for paper in papers if paper.readable and paper.content["partner"] == world.partner}
    assert {one.declaration for one in found.under} == mine.keys()
    for one in found.under:
        paper = mine[one.declaration]
        said = [(p.reason.value, p.holds) for p in one.premises]
        expected = [(name, not fails(world, papers, paper, asked)) for name, fails in PREMISES]
        # Of a partner that is not configured nobody knows what evidence it asks for, or which others there are.
        compared = len(PREMISES) if world.partner in world.partners else len(PREMISES) - 2
        assert (said[:compared], len(said)) == (expected[:compared], len(PREMISES))
        if compared == len(PREMISES):
            assert one.objection == objection_to_paper(world, papers, paper, asked)


def _first(premises):
    return next((premise.reason.value for premise in premises if not premise.holds), None)


@settings(MANY, max_examples=MANY.max_examples // 4)  # each looks at two cases
@given(cases(), cases())
def test_two_different_answers_differ_in_a_premise(one, other):
    """Whoever is told that the answer changed is told by what."""
    (world, papers, asked), (later_world, later_papers, later) = one, other
    (before,) = walk(policy_of(world), declarations_of(world, papers), question_of(asked, SCOPE_OF_BOTH))
    (after,) = walk(policy_of(later_world), declarations_of(later_world, later_papers), question_of(later, SCOPE_OF_BOTH))
    if (before.reason, before.passing) != (after.reason, after.passing):
        assert turned(before, after)
    assert turned(before, before) == ()


SCOPE_OF_BOTH = "language.level"


def test_of_an_ordinary_question_every_premise_holds():
    found = walked(declaration())
    assert [premise.reason for premise in found.itself] == A
    assert [premise.reason for premise in found.under[0].premises] == B
    assert (failing(found), found.reason, found.passing) == ([], None, (ID,))


@pytest.mark.parametrize("reason", FLAWS)
def test_each_flaw_fails_the_one_premise_that_it_is_named_for(reason):
    """And no other, but that what nobody signed has no level of evidence either."""
    found = walked(flawed(reason), provenance={SCOPE: OTHER})
    assert failing(found) == ([reason, Reason.EVIDENCE_TOO_WEAK] if reason is Reason.NOT_SIGNED else [reason])
    assert (found.reason, found.passing) == (reason, ())


def test_every_flaw_is_told_and_not_only_the_first():
    flaws = [reason for reason in FLAWS if reason is not Reason.NOT_SIGNED and reason is not Reason.NOT_YET_VALID]
    found = walked(flawed(*flaws), provenance={SCOPE: OTHER})
    assert (failing(found), found.reason) == (flaws, Reason.REVOKED)


@pytest.mark.parametrize("scope", ["language", "language.*", "*", "language.levels", ""])
def test_about_a_scope_in_no_catalogue_nothing_else_is_asked(scope):
    found = walked(declaration(scopes=[scope]), scope=scope)
    assert found == Walk(scope, (Premise(Reason.UNKNOWN_SCOPE, False, {"catalogue": "1"}),), ())
    assert (found.reason, found.passing) == (Reason.UNKNOWN_SCOPE, ())


def test_a_closed_scope_fails_though_its_declaration_passes():
    """A declaration that holds in all of B lets nothing through that A denies."""
    found = walked(declaration(scopes=["health.constraints"]), scope="health.constraints")
    assert (found.under[0].objection, found.reason, found.passing) == (None, Reason.SCOPE_CLOSED, ())
    assert found.itself[1].facts == {"closed_in_catalogue": "yes", "opened_for_partner": "no", "sensitivity": "special"}
    opened = walked(
        declaration(scopes=["health.constraints"]), scope="health.constraints", of=partner(open=frozenset({"health.constraints"}))
    )
    assert (opened.reason, opened.itself[1].facts["opened_for_partner"]) == (None, "yes")


def test_beyond_the_ceiling_of_this_direction():
    one_way = partner(ceiling={Direction.TO_PARTNER: EVERYTHING, Direction.FROM_PARTNER: frozenset()})
    found = walked(declaration(), of=one_way, direction="from_partner")
    assert (found.reason, found.itself[2].facts) == (Reason.BEYOND_PARTNER_CEILING, {"direction": "from_partner"})


def test_of_an_unconfigured_partner_it_is_said():
    gone = partner(ceiling={}, name="", partners=frozenset({OTHER}))
    found = walked(declaration(), of=gone)
    assert found.reason is Reason.BEYOND_PARTNER_CEILING
    assert found.itself[2].facts == {"direction": "to_partner", "partner": "not_configured"}
    assert failing(found) == [Reason.BEYOND_PARTNER_CEILING, Reason.RECIPIENT_CHANGED]


def test_without_any_declaration_there_is_none():
    assert walked().reason is Reason.NO_DECLARATION
    assert walked(declaration(partner=OTHER)).under == ()


def test_the_reason_is_that_of_the_declaration_that_got_furthest():
    found = walked(flawed(Reason.PAUSED), flawed(Reason.SCOPE_NOT_COVERED, id_=SECOND), provenance={SCOPE: OTHER})
    assert ([one.objection for one in found.under], found.reason) == ([Reason.PAUSED, Reason.SCOPE_NOT_COVERED], Reason.SCOPE_NOT_COVERED)


def test_of_several_that_pass_the_first_is_the_one_that_is_named():
    later, sooner = declaration(id_=ID), declaration(id_=SECOND, valid_until="2026-11-30")
    assert walked(later, sooner).passing == (SECOND, ID)


def test_of_an_ordinary_question_only_the_facts_are_told_that_there_are():
    found = walked(declaration())
    assert [premise.facts for premise in found.itself] == [
        {"catalogue": "1"},
        {"closed_in_catalogue": "no", "sensitivity": found.itself[1].facts["sensitivity"]},
        {"direction": "to_partner"},
    ]
    assert [facts(found, reason).keys() for reason in B] == [
        {"complete_at"},
        set(),
        set(),
        {"begins_at"},
        {"last_day", "ends_at"},
        {"signed_for", "configured"},
        set(),
        {"covers"},
        {"covers"},
        set(),
        {"needed", "reached"},
        {"origin"},
    ]


def test_a_direction_that_is_none_is_not_repeated():
    assert walked(declaration(), direction="to Fatima Beispiel").itself[2].facts == {}


def test_it_begins_with_its_first_moment_and_has_ended_with_its_last():
    paper = declaration()
    opens, closes, tick = paper.opens_at, paper.closes_at, timedelta(microseconds=1)
    for at, reason in ((opens, None), (opens - tick, Reason.NOT_YET_VALID), (closes - tick, None), (closes, Reason.EXPIRED)):
        # It was signed later than it begins: that is another premise.
        assert [why for why in failing(walked(paper, at=at)) if why in (Reason.NOT_YET_VALID, Reason.EXPIRED)] == (
            [reason] if reason else []
        )


def test_a_pause_that_is_over_says_since_when():
    over = verified(life.resume(life.pause(signed(), AT), AFTER))
    assert facts(walked(over, at=AFTER), Reason.PAUSED) == {"last_begun_at": AT, "last_ended_at": AFTER}


def test_facts_name_what_a_premise_rests_on():
    """Dates, levels and ids: what can be looked up, and nothing about a person."""
    head = life.pause(life.revoke(signed(), ["residence.status"], AT), AFTER)
    found = walked(verified(head), scope="residence.status", at=AT, other_time=True)
    assert found.reason is Reason.REVOKED
    assert facts(found, Reason.NOT_SIGNED).keys() == {"complete_at"}
    assert facts(found, Reason.REVOKED) == {"scope_revoked_at": AT}
    assert facts(found, Reason.PAUSED) == {"last_begun_at": AFTER}
    assert facts(found, Reason.EXPIRED)["last_day"] == "2026-12-31"
    assert facts(found, Reason.EVIDENCE_TOO_WEAK) == {"needed": "written", "reached": "written"}
    assert facts(found, Reason.ONWARD_TRANSFER_NOT_COVERED) == {"origin": "self"}


def test_what_came_later_is_told_though_the_premise_held_then():
    """A date that lies after the question's explains why today's answer is another one."""
    paper = verified(life.revoke(signed(), None, AFTER))
    then = walked(paper, other_time=True)
    assert (then.reason, facts(then, Reason.REVOKED)) == (None, {"revoked_at": AFTER})
    assert walked(paper).reason is Reason.REVOKED


def test_a_successor_is_named_only_once_it_has_taken_effect():
    old = verified(life.supersede(signed(), SECOND))
    unsigned, successor = verified(draft(SECOND, supersedes=ID)), declaration(id_=SECOND, supersedes=ID)
    assert facts(walked(old, unsigned), Reason.REVOKED) == {}
    found = walked(old, successor)
    assert facts(found, Reason.REVOKED) == {"superseded_by": (SECOND,)}
    assert found.passing == (SECOND,)


def test_a_successor_that_nobody_can_read_is_named_as_in_force():
    old = verified(life.supersede(life.supersede(signed(), SECOND), THIRD))
    found = walked(old, verified(draft(SECOND, supersedes=ID)))
    assert (found.reason, facts(found, Reason.REVOKED)) == (Reason.REVOKED, {"superseded_by": (THIRD,)})


@pytest.mark.parametrize("origin", ["nobody-knows", "", UNKNOWN_ORIGIN, "Fatima Beispiel"])
def test_an_origin_that_no_partner_has_is_not_repeated(origin):
    """Whoever asks could write a name in its place."""
    found = walked(declaration(onward_from=[origin, OTHER]), provenance={SCOPE: origin})
    assert found.reason is Reason.ONWARD_TRANSFER_NOT_COVERED
    assert facts(found, Reason.ONWARD_TRANSFER_NOT_COVERED)["origin"] == UNKNOWN_ORIGIN


@pytest.mark.parametrize("origin", ["self", PARTNER])
def test_the_clients_own_word_and_the_partners_own_datum_need_no_permission_to_be_passed_on(origin):
    found = walked(declaration(), provenance={SCOPE: origin})
    assert (found.reason, facts(found, Reason.ONWARD_TRANSFER_NOT_COVERED)) == (None, {"origin": origin})


def test_a_datum_from_a_partner_is_that_partners_whatever_is_said():
    found = walked(declaration(), direction="from_partner", provenance={SCOPE: OTHER})
    assert (found.reason, facts(found, Reason.ONWARD_TRANSFER_NOT_COVERED)["origin"]) == (None, PARTNER)


def test_what_turned_is_the_premise_as_it_is_later():
    paper = declaration()
    before, after = walked(paper), walked(paper, at=AT + timedelta(days=365))
    (change,) = turned(before, after)
    assert (change.declaration, change.premise.reason, change.premise.holds) == (ID, Reason.EXPIRED, False)
    (back,) = turned(after, before)
    assert (back.premise.reason, back.premise.holds) == (Reason.EXPIRED, True)


def test_what_turned_in_the_scope_itself_is_of_no_declaration():
    shut = partner(ceiling={})
    assert turned(walked(), walked(of=shut)) == (Turned(None, walked(of=shut).itself[2]),)


def test_of_a_scope_that_a_catalogue_learned_only_what_stands_in_its_way_is_told():
    """What was never asked about it before has not turned, unless it fails."""
    scope = "health.constraints"
    before, after = Walk(scope, (Premise(Reason.UNKNOWN_SCOPE, False, {}),), ()), walked(scope=scope)
    assert [(change.premise.reason, change.premise.holds) for change in turned(before, after)] == [
        (Reason.UNKNOWN_SCOPE, True),
        (Reason.SCOPE_CLOSED, False),
    ]


def test_a_declaration_that_only_one_of_them_knows_is_named():
    none, one = walked(), walked(declaration())
    assert turned(none, one) == (Turned(ID, Premise(Reason.NO_DECLARATION, True, {})),)
    assert turned(one, none) == (Turned(ID, Premise(Reason.NO_DECLARATION, False, {})),)


def test_higher_evidence_that_a_partner_asks_for_is_told_with_both_levels():
    strict = partner(levels=dict.fromkeys(Sensitivity, EvidenceLevel.QUALIFIED))
    found = walked(declaration(), of=strict)
    assert facts(found, Reason.EVIDENCE_TOO_WEAK) == {"needed": "qualified", "reached": "written"}
    assert facts(walked(verified(draft())), Reason.EVIDENCE_TOO_WEAK) == {"needed": "written"}


def test_no_fact_says_who_anybody_is():
    """The names of facts are these; a further one is to be thought about here."""
    head = life.pause(life.revoke(life.revoke(signed(onward_from=[OTHER]), [SCOPE], AT), None, AT), AT)
    (one,) = walked(
        verified(replace(head, superseded_by=(SECOND,), clauses=())), of=partner(formerly=frozenset({"X"})), provenance={SCOPE: OTHER}
    ).under
    assert {name for premise in one.premises for name in premise.facts} == {
        *("complete_at", "revoked_at", "scope_revoked_at", "superseded_by", "last_begun_at", "begins_at", "last_day", "ends_at"),
        *("signed_for", "configured", "formerly", "missing", "covers", "needed", "reached", "origin", "allowed_from"),
    }
