"""A tier is reached when every rule of it, and of those before it, is kept or has no meaning; a claim alone reaches nothing."""

import pytest

from imgate.adapters.quality.findings import Finding, Found
from imgate.adapters.quality.judged import judge
from imgate.adapters.quality.scale import RULES, Tier

ALL_DONE = dict.fromkeys(RULES, "done")
KEPT = {name: Finding(Found.KEPT, "as it should be") for name, rule in RULES.items() if rule.looks_at is not None}
EXEMPT = {"exempt": "There is no such thing here at all."}


def test_all_done_and_seen_is_gold():
    judgement = judge(ALL_DONE, KEPT)
    assert (judgement.level, judgement.problems) == (Tier.GOLD, [])


@pytest.mark.parametrize("rule", RULES)
def test_a_todo_keeps_its_tier_away_and_is_no_problem(rule):
    judgement = judge({**ALL_DONE, rule: "todo"}, KEPT)
    below = {Tier.BRONZE: None, Tier.SILVER: Tier.BRONZE, Tier.GOLD: Tier.SILVER}
    assert (judgement.level, judgement.problems) == (below[RULES[rule].tier], [])


@pytest.mark.parametrize("found", [Found.BROKEN, Found.UNSEEN])
@pytest.mark.parametrize("rule", KEPT)
def test_done_counts_only_where_the_machine_saw_it(rule, found):
    judgement = judge(ALL_DONE, {**KEPT, rule: Finding(found, "the reason")})
    assert judgement.level is not Tier.GOLD
    (problem,) = judgement.problems
    assert rule in problem
    assert "the reason" in problem


def test_an_exemption_counts():
    exempt = {name: EXEMPT for name, rule in RULES.items() if rule.tier is not Tier.BRONZE}
    judgement = judge({**ALL_DONE, **exempt}, KEPT)
    assert (judgement.level, judgement.problems) == (Tier.GOLD, [])


def test_exemptions_are_counted_as_far_as_the_level_reaches():
    exempt = dict.fromkeys(("code_lists_named", "nothing_left_out", "mutation_tested"), EXEMPT)
    assert judge(ALL_DONE, KEPT).exempt == 0
    assert judge({**ALL_DONE, **exempt}, KEPT).exempt == 3
    assert judge({**ALL_DONE, **exempt, "translation_measured": "todo"}, KEPT).exempt == 1
    assert judge({**ALL_DONE, **exempt, "passes_the_kit": "todo"}, KEPT).exempt == 0


def test_what_is_not_answered_counts_for_nothing():
    judgement = judge({}, KEPT)
    assert (judgement.level, len(judgement.problems)) == (None, 1)
    judgement = judge({"passes_the_kit": "done"}, KEPT)
    assert (judgement.level, len(judgement.problems)) == (None, len(RULES) - 1)
