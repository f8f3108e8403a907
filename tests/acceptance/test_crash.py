"""kill -9 at every step: nothing is lost, nothing is done twice, nothing leaves after a revocation, and nothing is stuck."""

import random

import pytest

from tests.acceptance.crash import hooks, settle
from tests.acceptance.crash.children import QUICK
from tests.acceptance.crash.control import see_that_it_sees
from tests.acceptance.crash.facts import Facts
from tests.acceptance.crash.judge import judge
from tests.acceptance.crash.partner import PushedTo
from tests.acceptance.crash.points import POINTS, Database, kills_wanted
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
        facts = Facts(scene, world)
        judge(world, facts)
        see_that_it_sees(facts)
    assert scene.partner.forged == 0
    wanted = kills_wanted(scene.database, kills)
    assert [f"{name}: {done.kills.get(name, 0)}" for name, count in wanted.items() if done.kills.get(name, 0) < count] == []
    return done


def test_every_step_is_there():
    for place in (*(point.place for point in POINTS), *QUICK):
        hooks.find(place)
    assert len({point.name for point in POINTS}) == len(POINTS)


def test_a_step_that_is_not_there_fails():
    with pytest.raises(LookupError):
        hooks.find("imgate.exchange.outbound:no_such_step")


def test_a_kill_at_any_step_loses_and_doubles_nothing(scene):
    play(scene, kills=1, seconds=300)


@pytest.mark.long
def test_a_thousand_kills_lose_and_double_nothing(scene):
    """At least 20 at each step that there is, on both databases together. Short form: one at each step of each database."""
    assert play(scene, kills=20, seconds=420).total >= 1000
