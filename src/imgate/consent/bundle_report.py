"""What a verification says: numbered checks, each with what became of it, a sentence for people, and the parts that were changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_NAMED_MAX = 20


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``sentence`` is for people, and holds nothing about the client; ``parts`` are those that were changed (RFC 6901)."""

    name: str
    outcome: Outcome
    sentence: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All checks in their order. ``key`` is the thumbprint (RFC 7638) of the key that signed, where a signature holds."""

    checks: tuple[Check, ...]
    key: str | None

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed. Only where there are none does the bundle hold, and then as far as was checked."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAILED)


def passed(name: str, sentence: str) -> Check:
    """Say what was found to be so."""
    return Check(name, Outcome.PASSED, sentence)


def failed(name: str, sentence: str, *parts: str) -> Check:
    """Say what is wrong, and in which parts it lies where that is known."""
    return Check(name, Outcome.FAILED, sentence, parts)


def not_checked(name: str, sentence: str) -> Check:
    """Say what was not looked at, and why."""
    return Check(name, Outcome.NOT_CHECKED, sentence)


def some_of(names: Sequence[str], between: str = ", ") -> str:
    """Name the first of them, and how many more there are: a sentence stays one, whatever stands in the file."""
    more = len(names) - _NAMED_MAX
    return between.join([*names[:_NAMED_MAX], *([f"and {more} more"] if more > 0 else [])])
