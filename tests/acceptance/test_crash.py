"""kill -9 at every step: nothing is lost, nothing is done twice, nothing leaves after a revocation, and nothing is stuck."""

import random

import pytest

from tests.acceptance.crash import hooks, settle
from tests.acceptance.crash.facts import Facts
from tests.acceptance.crash.judge import judge
from tests.acceptance.crash.partner import PushedTo
from tests.acceptance.crash.points import POINTS, Database, points_on
from tests.acceptance.crash.world import Scene


@pytest.fixture(params=[Database.SQLITE, pytest.param(Database.POSTGRESQL, marks=pytest.mark.postgres)], ids=str)
def scene(request, tmp_path):
    url = "sqlite:///imgate.db" if request.param is Database.SQLITE else request.getfixturevalue("postgres")()
    with PushedTo() as partner:
        yield Scene(tmp_path, request.param, url, partner)


def play(scene, kills, seconds):
    seed = random.randrange(2**32)  # noqa: S311  # chooses where to kill
    print(f"seed {seed}")  # noqa: T201  # shown where it fails
    done = scene.kill_all_over(seed=seed, kills=kills, seconds=seconds)
    print(f"{done.total} kills in {done.seconds:.0f} s, {done.by_chance} of them at no step")  # noqa: T201
    assert done.broken == [], scene.stderr
    settle.settle(scene)
    with scene.opened() as world:
        judge(world, Facts(scene, world))
    assert scene.partner.forged == 0
    kills_at = {point.name: done.kills.get(point.name, 0) for point in points_on(scene.database)}
    assert [f"{name}: {count}" for name, count in kills_at.items() if count < kills] == []
    return done


def test_every_step_is_there():
    for point in POINTS:
        hooks.find(point.place)
    assert len({point.name for point in POINTS}) == len(POINTS)


def test_a_kill_at_any_step_loses_and_doubles_nothing(scene):
    play(scene, kills=1, seconds=45)


@pytest.mark.long
def test_a_thousand_kills_lose_and_double_nothing(scene):
    """Short form: one at each step."""
    play(scene, kills=20, seconds=420)
