"""imgate's own adapters answer every rule of the scale, and the machine finds what they say. The kit itself runs among their tests."""

from importlib.metadata import entry_points

import pytest

from imgate.adapters.quality.findings import look
from imgate.adapters.quality.judged import judge
from imgate.adapters.quality.package import KitRun, see_package, source_of
from imgate.adapters.quality.scale import Tier
from imgate.adapters.registry import ADAPTER_GROUP, load_plugins

REGISTRY = load_plugins()
POINTS = {point.name: point for point in entry_points(group=ADAPTER_GROUP)}


@pytest.mark.parametrize("name", ["auslaenderbehoerde", "jobcenter", "jobkraftwerk", "nachbar"])
def test_the_answers_are_true_and_reach_gold(name):
    distribution = POINTS[name].dist
    package = see_package(REGISTRY.adapters[name], distribution, source_of(distribution) / "tests", KitRun(None, 1))
    judgement = judge(REGISTRY.adapters[name].manifest.quality, look(package))
    assert judgement.problems == []
    assert judgement.level is Tier.GOLD
