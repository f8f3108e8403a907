"""Proving the log: every entry is what was written, in its place, and there once; every declaration is as the log last saw it.

Pure: rows and the key are handed in. What cannot be seen without a checkpoint kept elsewhere is that the last entries were cut off,
or that database and key together were used to write another history; the report says so.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from imgate.audit.entry import AuditEntry, entry_mac, leaf_hash, place_mac
from imgate.audit.tree import Checkpoint, Tree


class Flaw(StrEnum):
    """What can be wrong."""

    ENTRY_WRONG = "entry_wrong"  # content, id, hash or MAC do not belong together
    PLACE_WRONG = "place_wrong"  # the entry was not given this place
    PLACE_MISSING = "place_missing"  # a place between the first and the last is empty
    PLACE_DOUBLED = "place_doubled"  # a place is taken twice
    ENTRY_DOUBLED = "entry_doubled"  # the same entry stands in two rows
    UNPLACED = "unplaced"  # written, but the sequencer has not been there: no fault in itself
    CHECKPOINT_MISMATCH = "checkpoint_mismatch"  # the log up to the checkpoint is another one, or shorter
    HEAD_OLDER = "head_older"  # a declaration's row is older than the log: an earlier one was put back
    HEAD_UNLOGGED = "head_unlogged"  # a declaration's row is newer than the log
    HEAD_MISSING = "head_missing"  # a declaration that the log knows is not there
    HEAD_UNREADABLE = "head_unreadable"  # a declaration's row does not match its MAC


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, at one place or one declaration."""

    flaw: Flaw
    place: int | None = None
    entry: str | None = None
    declaration: str | None = None


@dataclass(slots=True)
class Report:
    """What was found. ``sound`` means nothing but entries that still wait for their place."""

    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint = field(default_factory=lambda: Tree().checkpoint)
    compared_with: Checkpoint | None = None
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Tell whether the log proves itself, as far as it can."""
        return all(finding.flaw is Flaw.UNPLACED for finding in self.findings)

    @property
    def caveat(self) -> str | None:
        """Say what this verification could not see; None where a checkpoint was compared."""
        if self.compared_with is not None:
            return None
        return "no checkpoint was compared: entries cut off at the end cannot be seen (keep `imgate audit checkpoint` elsewhere)"


def verify_log(key: bytes, rows: Iterable[AuditEntry], kept: Checkpoint | None = None) -> Report:
    """Verify a whole log, its rows in any order; ``kept`` is a checkpoint that was kept elsewhere."""
    report = Report(compared_with=kept)
    placed: dict[int, bytes] = {}
    seen: set[str] = set()
    for row in rows:
        report.entries += 1
        if not _genuine(key, row, report):
            report.findings.append(Finding(Flaw.ENTRY_WRONG, row.place, row.id))
        if row.id in seen:
            report.findings.append(Finding(Flaw.ENTRY_DOUBLED, row.place, row.id))
        seen.add(row.id)
        if row.place is None:
            report.findings.append(Finding(Flaw.UNPLACED, None, row.id))
            continue
        if row.place < 0 or row.place_mac is None or not hmac.compare_digest(place_mac(key, row.place, row.id, row.leaf), row.place_mac):
            report.findings.append(Finding(Flaw.PLACE_WRONG, row.place, row.id))
        if row.place in placed:
            report.findings.append(Finding(Flaw.PLACE_DOUBLED, row.place, row.id))
        placed[row.place] = row.leaf
    _verify_places(report, placed, kept)
    return report


def verify_heads(report: Report, heads: Mapping[str, int | None]) -> None:
    """Compare the declarations' versions (None: does not match its MAC) with what the log says; adds to the report."""
    for declaration, version in heads.items():
        logged = report.versions.get(declaration, 0)
        if version is None:
            report.findings.append(Finding(Flaw.HEAD_UNREADABLE, declaration=declaration))
        elif version != logged:
            flaw = Flaw.HEAD_OLDER if version < logged else Flaw.HEAD_UNLOGGED
            report.findings.append(Finding(flaw, declaration=declaration))
    report.findings += [Finding(Flaw.HEAD_MISSING, declaration=known) for known in report.versions if known not in heads]


def _genuine(key: bytes, row: AuditEntry, report: Report) -> bool:
    """Check one entry by itself; note the declaration's version that it speaks of."""
    if leaf_hash(row.content) != row.leaf or not hmac.compare_digest(entry_mac(key, row.leaf), row.mac):
        return False
    said = json.loads(row.content)
    if said["id"] != row.id:
        return False
    declaration, version = said["fields"].get("declaration"), said["fields"].get("version")
    if declaration is not None and version is not None:
        report.versions[declaration] = max(report.versions.get(declaration, 0), version)
    return True


def _verify_places(report: Report, placed: Mapping[int, bytes], kept: Checkpoint | None) -> None:
    tree = Tree()
    matched = kept is None or (kept.size == 0 and kept.root == tree.root)
    for place in range(max(placed, default=-1) + 1):
        if place not in placed:
            report.findings.append(Finding(Flaw.PLACE_MISSING, place))
            continue
        tree.add(placed[place])
        if kept is not None and tree.size == kept.size:
            matched = tree.root == kept.root
    if not matched:
        report.findings.append(Finding(Flaw.CHECKPOINT_MISMATCH))
    report.checkpoint = tree.checkpoint
