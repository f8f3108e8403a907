"""What a proved bundle covers of a message that came with it. Pure.

The sender's gateway has decided by the declaration before it sent; this looks at the client's own words again, on the receiver's side.
It can only say no: whether anything is taken is decided by the receiver's own declarations.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from imgate.consent.bundle import Bundle
from imgate.consent.bundle_report import Check, failed, passed
from imgate.consent.head import WHOLE, day_begins, day_ends
from imgate.vocabulary.words import Clause, DeclarationState, DeclaredDirection

_TOWARDS_US = frozenset({DeclaredDirection.TO_PARTNER.value, DeclaredDirection.BOTH.value})
_CLAUSES = frozenset(clause.value for clause in Clause)
# Two clocks, and one that was set back in between: by more than a day nobody is mistaken who means it well.
_CLOCKS = timedelta(days=1)
# A digest's beginning that nobody hits by chance (64 bits), for who types it off the paper.
_CODE_MIN = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bundle is asked about: who received it (all names that this unit goes by), what for, and when."""

    recipients: Collection[str]
    purpose: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a bundle covers. ``client`` is the sender's own reference; it is compared with that of other bundles, and kept nowhere."""

    digest: str
    client: object = field(repr=False)
    scopes: frozenset[str]
    checks: tuple[Check, ...]

    def is_of(self, reference: str) -> bool:
        """Tell whether this is the handover code of the declaration: its digest, or the beginning of it, as the client's copy shows it."""
        code = "".join(reference.split()).lower()
        return len(code) >= _CODE_MIN and self.digest.startswith(code)


def coverage(bundle: Bundle, asked: Asked) -> Coverage:
    """Say what this bundle covers; no scope where anything of it is about something else. Only for one that ``prove`` gave."""
    content: Mapping[str, object] = bundle["declaration"]["content"]
    checks = (
        _check("recipient", _word(content, "recipient") in asked.recipients, "It was declared towards this unit."),
        _check("clauses", _words(content, "clauses") >= _CLAUSES, "It releases confidentiality, and consents."),
        _check("direction", _word(content, "direction") in _TOWARDS_US, "It allows the sender to pass something on."),
        _check("purpose", asked.purpose in _words(content, "purposes"), "It was declared for what the message is for."),
        _check("state", bundle["life"]["state"] is DeclarationState.ACTIVE, "It was active when the bundle was made."),
        _check("term", _in_term(bundle, content, asked.at), "It had begun then, and has not ended since."),
    )
    gone = {line["scope"] for line in bundle["life"]["revocations"]}
    holds = WHOLE not in gone and not any(check.outcome == "failed" for check in checks)
    scopes = frozenset(bundle["declaration"]["content"]["scopes"]) - gone if holds else frozenset[str]()
    return Coverage(bundle["declaration"]["digest"], content.get("client"), scopes, checks)


def _check(name: str, holds: bool, sentence: str) -> Check:
    return passed(name, sentence) if holds else failed(name, f"Not so: {sentence}")


def _word(content: Mapping[str, object], name: str) -> str | None:
    word = content.get(name)
    return word if isinstance(word, str) else None


def _words(content: Mapping[str, object], name: str) -> frozenset[str]:
    listed = content.get(name)
    return frozenset(word for word in listed if isinstance(word, str)) if isinstance(listed, list) else frozenset()


def _in_term(bundle: Bundle, content: Mapping[str, object], at: datetime) -> bool:
    """Compare the term with the moments of making and of arrival; what happened after the making is in no honest bundle."""
    try:
        zone = ZoneInfo(bundle["gateway"]["timezone"])
        opens_at = day_begins(_word(content, "valid_from") or "", zone)
        closes_at = day_ends(bundle["declaration"]["content"]["valid_until"], zone)
    except (KeyError, ValueError, OSError):  # no date, or a zone that this machine does not know
        return False
    made_at = datetime.fromisoformat(bundle["made_at"])
    happened = max((datetime.fromisoformat(line["at"]) for line in bundle["history"]), default=made_at)
    return opens_at <= made_at < closes_at and at < closes_at and happened - _CLOCKS <= made_at <= at + _CLOCKS
