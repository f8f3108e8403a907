"""The worker's clocks: never longer than said, never ended by what fails."""

import asyncio

import pytest

from imgate.bootstrap import work


@pytest.fixture
def pauses(monkeypatch):
    """Do not wait, and keep how long it would have been."""
    waited = []

    async def wait(stop, seconds):
        waited.append(seconds)
        if len(waited) >= 8:
            stop.set()

    monkeypatch.setattr(work, "_wait", wait)
    return waited


def run(step):
    asyncio.run(work._again("test", asyncio.Event(), step))


def test_a_pause_is_never_longer_than_two_seconds_and_never_the_same(pauses):
    async def nothing_to_do():
        return False

    run(nothing_to_do)
    assert all(1.0 <= pause <= 2.0 for pause in pauses)
    assert len(set(pauses)) > 1


def test_while_there_is_more_there_is_no_pause(pauses):
    left = iter([True] * 100 + [False] * 8)

    async def some():
        return next(left)

    run(some)
    assert len(pauses) == 8


def test_a_database_that_is_away_means_longer_pauses_and_a_log_line_without_its_text(pauses, capsys):
    async def fails():
        raise OSError("canary-7d1f")

    run(fails)
    assert pauses[-1] > 30
    assert max(pauses) <= 60
    assert "canary-7d1f" not in capsys.readouterr().err


def test_after_a_failure_the_pauses_are_short_again(pauses):
    outcomes = iter([OSError(), OSError(), OSError(), *[False] * 8])

    async def recovers():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    run(recovers)
    assert pauses[2] > 2.0
    assert all(pause <= 2.0 for pause in pauses[3:])


def test_told_to_stop_it_does_not_begin_anew():
    stop = asyncio.Event()
    done = []

    async def once():
        done.append(1)
        stop.set()
        return True

    asyncio.run(work._again("test", stop, once))
    assert done == [1]
