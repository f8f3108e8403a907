"""Refusals that the corridor gives as values of its own: each says who must act, with a stable code.

The doors turn them into answers; none carries a field value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request: a stable code and where it is (RFC 6901, known names only).

    ``hint`` says in a sentence what to do about it, where there is more to say than the code does.
    """

    code: str
    pointer: str
    hint: str | None = field(default=None, compare=False)


class Refused(Exception):
    """The caller must act. ``status`` is the HTTP status that fits; ``code`` is documented in the error reference."""

    def __init__(self, status: int, code: str, problems: Sequence[Problem] = (), **details: object) -> None:
        """Refuse with a stable code; ``details`` are ids and scopes that go into the answer as they are."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.problems = tuple(problems)
        self.details = details


def not_found() -> Refused:
    """Refuse because there is no such thing, or not for this caller: the answer is the same."""
    return Refused(404, "not_found")
