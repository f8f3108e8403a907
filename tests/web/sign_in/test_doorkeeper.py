"""A crowd of strangers holds up nobody whom we know, and does not queue without end."""

import threading

import anyio
import pytest

from imgate.exchange.refusals import Refused
from imgate.web.sign_in.doorkeeper import Queue
from tests.web.sign_in.conftest import PASSWORD, doorkeeper_of, send


def crowded(monkeypatch, queue):
    """As if twenty waited."""
    monkeypatch.setattr(queue, "_here", 22)


def test_two_at_once_twenty_wait_and_whoever_comes_then_is_sent_away():
    done, refused, go = [], [], threading.Event()

    async def crowd():
        queue = Queue()

        async def one():
            try:
                done.append(await queue.run(lambda: go.wait(5)))
            except Refused as refusal:
                refused.append((refusal.status, refusal.code))
                if len(refused) == 3:
                    go.set()

        async with anyio.create_task_group() as tasks:
            for _ in range(25):
                tasks.start_soon(one)
        await queue.run(lambda: None)  # there is room again

    anyio.run(crowd)
    assert refused == [(503, "busy")] * 3
    assert done == [True] * 22


def test_a_sign_in_behind_a_crowd_is_asked_to_come_again(pages, person, monkeypatch):
    known = person()
    crowded(monkeypatch, doorkeeper_of(pages).strangers)
    answer = known.sign_in()
    assert answer.status == 503
    assert "Gerade ist viel zu tun." in answer.text
    assert PASSWORD not in answer.answer.text


def test_a_crowd_at_the_sign_in_holds_up_no_confirmation(pages, person, monkeypatch):
    known = person()
    browser = known.sign_in()._browser
    crowded(monkeypatch, doorkeeper_of(pages).strangers)
    pages.later(minutes=1)
    page = browser.get("/pages/confirm")
    assert send(page, "Bestätigen", password=PASSWORD, code=known.code()).status == 303


@pytest.mark.parametrize("crowd", ["strangers", "known"])
def test_each_crowd_waits_by_itself(pages, crowd):
    doorkeeper = doorkeeper_of(pages)
    assert doorkeeper.strangers is not doorkeeper.known
    assert getattr(doorkeeper, crowd)._limiter.total_tokens == 2
