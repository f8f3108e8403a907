"""How good an adapter is: each rule with the author's answer and the machine's finding, and the tier that is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imgate.adapters.quality.answers import Answer, Word, read_answers
from imgate.adapters.quality.findings import Finding, Found
from imgate.adapters.quality.scale import RULES, Rule, Tier


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule. ``finding`` is None where only a person can tell; ``counts`` says whether the tier may be reached with it."""

    rule: Rule
    answer: Answer | None
    finding: Finding | None

    @property
    def counts(self) -> bool:
        """Whether the rule is kept, or has no meaning here."""
        match self.answer:
            case Answer(word=Word.EXEMPT):
                return True
            case Answer(word=Word.DONE):
                return self.finding is None or self.finding.found is Found.KEPT
            case _:
                return False

    @property
    def problem(self) -> str | None:
        """Say where the author's word and the machine's finding differ."""
        if self.answer is None or self.answer.word is not Word.DONE or self.finding is None or self.finding.found is Found.KEPT:
            return None
        seen = "but" if self.finding.found is Found.BROKEN else "which could not be seen:"
        return f'[quality] {self.rule.name} is answered "done", {seen} {self.finding.sentence}.'


@dataclass(frozen=True, slots=True)
class Judgement:
    """One adapter on the scale."""

    rules: Sequence[Judged]
    problems: Sequence[str]

    @property
    def level(self) -> Tier | None:
        """Give the highest tier of which, and of those before it, every rule counts."""
        reached = None
        for tier in Tier:
            if not all(judged.counts for judged in self.rules if judged.rule.tier is tier):
                return reached
            reached = tier
        return reached

    @property
    def exempt(self) -> int:
        """Count the rules that the level reached without being kept: their reasons are for the reader to judge."""
        tiers = list(Tier)[: list(Tier).index(self.level) + 1] if self.level is not None else []
        return sum(judged.answer is not None and judged.answer.word is Word.EXEMPT for judged in self.rules if judged.rule.tier in tiers)


def judge(quality: Mapping[str, object], findings: Mapping[str, Finding]) -> Judgement:
    """Compare the author's answers with what was found."""
    answers, problems = read_answers(quality)
    rules = [Judged(rule, answers.get(name), findings.get(name)) for name, rule in RULES.items()]
    return Judgement(rules, [*problems, *(judged.problem for judged in rules if judged.problem is not None)])
