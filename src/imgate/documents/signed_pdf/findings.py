"""What an examination found: one line for each numbered check, and what else is worth keeping. A check that fails ends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Check(StrEnum):
    """The checks, in the order they are made; their number is their place."""

    FORM = "form"
    INTEGRITY = "integrity"
    NOTHING_AFTER = "nothing_after"
    COVERAGE = "coverage"
    ALGORITHMS = "algorithms"
    DECLARATION = "declaration"
    TIME_STAMP = "time_stamp"
    TRUST = "trust"
    QUALIFIED = "qualified"
    SIGNER = "signer"


class Refusal(StrEnum):
    """Why evidence is refused, as callers see it."""

    MISSING = "signature_missing"
    INVALID = "signature_invalid"
    CHANGED_AFTER = "signature_changed_after"
    PARTIAL = "signature_partial"
    ALGORITHM_WEAK = "signature_algorithm_weak"
    DECLARATION_DIFFERS = "signature_declaration_differs"
    UNTRUSTED = "signature_untrusted"
    EXPIRED = "signature_expired"
    REVOKED = "signature_revoked"
    REVOCATION_UNKNOWN = "signature_revocation_unknown"
    TIME_STAMP_MISSING = "signature_time_stamp_missing"
    SIGNER_DIFFERS = "signature_signer_differs"
    UNREADABLE = "evidence_unreadable"


class Failed(Exception):
    """A check failed: the evidence is refused. ``why`` is for the report, which is sealed; it never reaches a log."""

    def __init__(self, check: Check, refusal: Refusal, why: str) -> None:
        """Say which check, how callers are told, and why."""
        super().__init__(refusal.value)
        self.check = check
        self.refusal = refusal
        self.why = why


@dataclass(slots=True)
class Findings:
    """Collects what the checks find."""

    _results: dict[Check, dict[str, Any]] = field(default_factory=dict, repr=False)
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)
    refused: Refusal | None = None

    def passed(self, check: Check, found: str) -> None:
        """Note that a check was passed, and by what."""
        self._results[check] = {"result": "passed", "found": found}

    def left_out(self, check: Check, why: str) -> None:
        """Note that a check was not made, or could not be, and that this refuses nothing."""
        self._results[check] = {"result": "not_checked", "found": why}

    def failed(self, failure: Failed) -> None:
        """Note the check that ended the examination."""
        self._results[failure.check] = {"result": "failed", "found": failure.why}
        self.refused = failure.refusal

    def broken(self, error: Exception) -> None:
        """Note that a parser gave up in the check under way: a hostile file reaches places that nobody thought of."""
        under_way = next((check for check in Check if check not in self._results), Check.SIGNER)
        self.failed(Failed(under_way, Refusal.UNREADABLE, f"a parser gave up: {type(error).__name__}"))

    def facts(self, **facts: Any) -> None:
        """Note facts; one that is not known is left out."""
        self._facts |= {name: fact for name, fact in facts.items() if fact is not None}

    def report(self) -> Mapping[str, Any]:
        """Give everything as JSON: each check with its number, also those that were not reached."""
        unreached = {"result": "not_checked", "found": "an earlier check ended the examination"}
        checks = [{"number": number, "check": check.value, **self._results.get(check, unreached)} for number, check in enumerate(Check, 1)]
        return {"checks": checks, **self._facts}
