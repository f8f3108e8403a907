"""A cohort: whoever comes alone goes at once, whoever comes meanwhile goes with the others, and nobody is ever left waiting."""

import asyncio

import pytest

from imgate.exchange.cohort import Cohort


def test_alone_one_enters_at_once():
    async def story():
        cohort = Cohort()
        async with cohort:
            return "inside"

    assert asyncio.run(asyncio.wait_for(story(), 1)) == "inside"


def test_those_who_come_meanwhile_take_each_step_together():
    steps = []

    async def go(cohort, name):
        async with cohort:
            steps.append((name, "first"))
            await cohort.step()
            steps.append((name, "second"))

    async def story():
        cohort = Cohort()
        await asyncio.gather(*(go(cohort, name) for name in "abc"))

    asyncio.run(asyncio.wait_for(story(), 1))
    assert steps == [("a", "first"), ("a", "second"), ("b", "first"), ("c", "first"), ("b", "second"), ("c", "second")]


def test_one_that_fails_lets_the_others_in():
    async def fail(cohort):
        async with cohort:
            await cohort.step()
            raise LookupError

    async def go(cohort):
        async with cohort:
            return "inside"

    async def story():
        cohort = Cohort()
        return await asyncio.gather(fail(cohort), go(cohort), return_exceptions=True)

    failed, entered = asyncio.run(asyncio.wait_for(story(), 1))
    assert isinstance(failed, LookupError)
    assert entered == "inside"


@pytest.mark.parametrize("steps", range(4))
def test_one_that_is_given_up_at_any_moment_keeps_nobody_waiting(steps):
    async def hold(cohort):
        async with cohort:
            await cohort.step()

    async def story():
        cohort = Cohort()
        first = asyncio.create_task(hold(cohort))
        given_up = asyncio.create_task(hold(cohort))
        for _ in range(steps):
            await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(first, given_up, return_exceptions=True)
        await hold(cohort)
        return "inside"

    assert asyncio.run(asyncio.wait_for(story(), 1)) == "inside"
