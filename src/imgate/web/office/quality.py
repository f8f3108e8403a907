"""How good an adapter is, as far as a running gateway can tell: its author's answers, and what can be seen without running its tests.

`imgate plugin check` runs the package's tests as well; they are foreign code, and no page runs them.
"""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from imgate.adapters.quality.findings import Found, look
from imgate.adapters.quality.judged import Judged, judge
from imgate.adapters.quality.package import KitRun, see_package
from imgate.adapters.quality.scale import Tier
from imgate.adapters.registered import RegisteredAdapter
from imgate.adapters.registry import ADAPTER_GROUP

_NOT_RUN = KitRun("the package's tests are run by `imgate plugin check`")


@dataclass(frozen=True, slots=True)
class SeenQuality:
    """One adapter on the scale. ``unseen`` are the rules for which its tests are needed: there the author's word counts by itself."""

    adapter: RegisteredAdapter
    level: Tier | None
    rules: tuple[Judged, ...]
    unseen: frozenset[str]


def quality_of(adapter: RegisteredAdapter) -> SeenQuality | None:
    """Look at one adapter; None where its package tells nothing about itself."""
    point = _entry_point(adapter.id)
    if point is None or point.dist is None:
        return None
    findings = look(see_package(adapter, point.dist, None, _NOT_RUN))
    unseen = frozenset(rule for rule, finding in findings.items() if finding.found is Found.UNSEEN)
    judged = judge(adapter.manifest.quality, {rule: finding for rule, finding in findings.items() if rule not in unseen})
    return SeenQuality(adapter, judged.level, tuple(judged.rules), unseen)


def _entry_point(adapter: str) -> EntryPoint | None:
    return next((point for point in entry_points(group=ADAPTER_GROUP) if point.name == adapter), None)
