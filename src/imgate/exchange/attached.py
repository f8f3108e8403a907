"""Attached: what a partner put into its message beside the data, and what of the data it proves (``requires_bundle``).

Looked at by the worker, offline and before anything is decided: the sender was answered long ago. What is found out narrows what is
taken and never widens it, and of the files themselves nothing is kept.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imgate.consent.bundle_checks import prove
from imgate.consent.bundle_coverage import Asked, Coverage, coverage
from imgate.consent.bundle_report import Check, Outcome
from imgate.exchange.context import Corridor, Partner
from imgate.exchange.stored import PersonReport
from imgate.plugin_api import Attachment, Reading
from imgate.vocabulary.reasons import Unproved
from imgate.vocabulary.words import AttachmentKind

FILES_MAX = 20
FILE_MAX = 1024 * 1024
_WORST_FIRST = (Outcome.FAILED, Outcome.NOT_CHECKED, Outcome.PASSED)
# Names that a gateway gives. Any other is the sender's own words, and might be somebody's name.
_OUR_NAME = re.compile(r"declaration-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json|appointments\.ics").fullmatch


@dataclass(frozen=True, slots=True)
class Attached:
    """What was found: a line for each file, the problems that are the files' own, and what is proved if it has to be.

    ``lacking`` is why what is not proved is not. Only ``examine`` makes it.
    """

    shown: tuple[Mapping[str, object], ...]
    problems: tuple[Mapping[str, object], ...]
    required: bool
    lacking: Unproved
    held: tuple[Coverage, ...]

    def unproved(self, reference: str, scopes: Iterable[str]) -> dict[str, Unproved]:
        """Name of one person's scopes those that nothing proves, with the reason; none where nothing has to be proved.

        A bundle is this person's if the reference is its handover code; of the same client there may be more in the message.
        """
        if not self.required:
            return {}
        clients = [one.client for one in self.held if one.is_of(reference)]
        covered = frozenset[str]().union(*(one.scopes for one in self.held if one.client in clients))
        return {scope: self.lacking for scope in scopes if scope not in covered}


def examine(corridor: Corridor, partner: Partner, reading: Reading, purpose: str | None, at: datetime) -> Attached:
    """Check what is attached to a message that was read. Raises nothing for what is wrong with it."""
    names = frozenset({corridor.policy.gateway, *(corridor.policy.units or ())})
    asked = Asked(names, purpose, at)
    found = [_examined(corridor, partner, attachment, asked) for attachment in reading.attachments[:FILES_MAX]]
    problems: list[Mapping[str, object]] = [{"code": one.problem} for one in found if one.problem is not None]
    if len(reading.attachments) > FILES_MAX:
        problems.append({"code": "attachments_too_many"})
    held = tuple(one.held for one in found if one.held is not None)
    has_bundle = any(attachment.kind == AttachmentKind.DECLARATION_BUNDLE for attachment in reading.attachments)
    if partner.requires_bundle and not has_bundle:
        problems.append({"code": Unproved.BUNDLE_MISSING.value})
    lacking = Unproved.BUNDLE_DOES_NOT_COVER if held else Unproved.BUNDLE_INVALID if has_bundle else Unproved.BUNDLE_MISSING
    return Attached(tuple(one.shown for one in found), tuple(problems), partner.requires_bundle, lacking, held)


def uncovered(people: Iterable[PersonReport]) -> tuple[Mapping[str, object], ...]:
    """Say once for the message that something of somebody was not covered by bundles that hold."""
    reasons = {reason for person in people for _, reason in person.withheld}
    code = Unproved.BUNDLE_DOES_NOT_COVER.value
    return ({"code": code},) if code in reasons else ()


@dataclass(frozen=True, slots=True)
class _Examined:
    """One file, as it is shown; ``held`` where it is a bundle that holds."""

    shown: Mapping[str, object]
    problem: str | None = None
    held: Coverage | None = None


def _examined(corridor: Corridor, partner: Partner, attachment: Attachment, asked: Asked) -> _Examined:
    name = attachment.name if _OUR_NAME(attachment.name) else "?"
    shown: dict[str, Any] = {"kind": attachment.kind, "name": name, "sha256": hashlib.sha256(attachment.content).hexdigest()}
    if len(attachment.content) > FILE_MAX:
        return _Examined(shown, "attachment_too_large")
    if attachment.kind != AttachmentKind.DECLARATION_BUNDLE:
        return _Examined(shown)
    report, bundle = prove(attachment.content, corridor.statements.read, corridor.statements.profiles, partner.bundle_keys)
    if bundle is None:
        invalid = Unproved.BUNDLE_INVALID.value if report.failed or partner.requires_bundle else None
        return _Examined(shown | {"checks": _lines(report.checks), "holds": False}, invalid)
    covers = coverage(bundle, asked)
    known = [scope for scope in corridor.policy.catalogue.scopes if scope in covers.scopes]
    told = {"checks": _lines((*report.checks, *covers.checks)), "holds": True, "scopes": known, "declaration_digest": covers.digest}
    return _Examined(shown | told, None, covers)


def _lines(checks: Iterable[Check]) -> list[dict[str, str]]:
    """Write each check once; of the many pieces of evidence one line, with the worst outcome."""
    worst: dict[str, Outcome] = {}
    for check in checks:
        name = check.name.partition(" ")[0]
        worst[name] = min(worst.get(name, check.outcome), check.outcome, key=_WORST_FIRST.index)
    return [{"name": name, "outcome": outcome.value} for name, outcome in worst.items()]


def without(record: Mapping[str, Mapping[str, object]], scopes: Iterable[str]) -> Mapping[str, Mapping[str, object]]:
    """Give a record without these scopes."""
    out = frozenset(scopes)
    if not out:
        return record
    kept = {section: {item: value for item, value in items.items() if f"{section}.{item}" not in out} for section, items in record.items()}
    return {section: items for section, items in kept.items() if items}
