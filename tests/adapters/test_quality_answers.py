"""Every rule is answered: done, todo, or exempt with a reason; anything else is told by the rule's name."""

import pytest

from imgate.adapters.quality.answers import Word, read_answers
from imgate.adapters.quality.scale import RULES, Tier

ALL_TODO = dict.fromkeys(RULES, "todo")
REASON = "No housing office offers a test system."


def problems(**changed):
    return read_answers({**ALL_TODO, **changed})[1]


def test_all_answered():
    answers, problems = read_answers({**ALL_TODO, "passes_the_kit": "done", "mutation_tested": {"exempt": REASON}})
    assert problems == []
    assert (answers["passes_the_kit"].word, answers["mutation_tested"].word, answers["mutation_tested"].reason) == (
        Word.DONE,
        Word.EXEMPT,
        REASON,
    )


def test_what_is_not_answered_is_a_problem_for_each_rule():
    answers, problems = read_answers({"passes_the_kit": "done"})
    assert answers.keys() == {"passes_the_kit"}
    assert len(problems) == len(RULES) - 1


def test_no_answers_at_all_are_one_problem():
    assert read_answers({}) == ({}, ["[quality] is missing from adapter.toml; it answers each of the 18 rules of the scale."])


def test_a_rule_that_nobody_knows_is_told_with_the_one_that_may_be_meant():
    assert problems(passes_the_kitt="done") == ["[quality] answers passes_the_kitt, which is no rule; did you mean `passes_the_kit`?"]
    assert problems(colour="done") == ["[quality] answers colour, which is no rule."]


@pytest.mark.parametrize(
    "said",
    ["Done", "", "yes", True, 1, ["done"], {}, {"exempt": 3}, {"exempt": ""}, {"exempt": "no"}, {"exempt": REASON, "until": "2027"}],
)
def test_what_is_no_answer(said):
    (problem,) = problems(mutation_tested=said)
    assert "mutation_tested" in problem
    assert "mutation_tested" not in read_answers({**ALL_TODO, "mutation_tested": said})[0]


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.tier is Tier.BRONZE])
def test_nothing_is_exempt_from_bronze(rule):
    (problem,) = problems(**{rule: {"exempt": REASON}})
    assert "no adapter is exempt" in problem
