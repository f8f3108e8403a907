"""What an adapter's author says of each rule, in ``[quality]`` of adapter.toml:

[quality]
passes_the_kit = "done"
mutation_tested = "todo"
tested_against_the_partner = { exempt = "No housing office offers a test system." }
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from imgate.adapters.quality.scale import RULES, Rule

# A reason shorter than this says nothing that the next reader could judge.
_WORDS_OF_A_REASON = 5


class Word(StrEnum):
    """What can be said of a rule."""

    DONE = "done"
    TODO = "todo"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; the reason belongs to an exemption."""

    word: Word
    reason: str | None = None


class AnswerInvalid(Exception):
    """The plugin's author must act. The sentence names the rule."""


def read_answers(quality: Mapping[str, object]) -> tuple[dict[str, Answer], list[str]]:
    """Read the table: the answers that can be used, and a sentence for every rule that is unknown, unanswered or wrongly answered."""
    if not quality:
        return {}, [f"[quality] is missing from adapter.toml; it answers each of the {len(RULES)} rules of the scale."]
    answers: dict[str, Answer] = {}
    problems = []
    for name in quality.keys() - RULES.keys():
        near = get_close_matches(name, RULES, n=1)
        meant = f"; did you mean `{near[0]}`?" if near else "."
        problems.append(f"[quality] answers {name}, which is no rule{meant}")
    for name, rule in RULES.items():
        if name not in quality:
            problems.append(f'[quality] does not answer {name}; "todo" is an answer too.')
            continue
        try:
            answers[name] = _answer(rule, quality[name])
        except AnswerInvalid as invalid:
            problems.append(str(invalid))
    return answers, sorted(problems)


def _answer(rule: Rule, said: object) -> Answer:
    match said:
        case "done":
            return Answer(Word.DONE)
        case "todo":
            return Answer(Word.TODO)
        case {"exempt": str(reason), **further} if not further:
            if not rule.may_be_exempt:
                raise AnswerInvalid(f"[quality] {rule.name} belongs to {rule.tier}, of which no adapter is exempt.")
            if len(reason.split()) < _WORDS_OF_A_REASON:
                raise AnswerInvalid(f"[quality] {rule.name} is exempt for a reason of fewer than {_WORDS_OF_A_REASON} words.")
            return Answer(Word.EXEMPT, reason)
        case _:
            raise AnswerInvalid(f'[quality] {rule.name} must be "done", "todo" or {{ exempt = "a reason" }}.')
