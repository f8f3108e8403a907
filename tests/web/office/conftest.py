"""A partner that is handed its messages, and messages to it that fail."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from imgate.exchange.delivery import deliver_to
from imgate.http.app import create_app
from imgate.plugin_api import NotDelivered
from imgate.web.app import create_pages
from tests.exchange.conftest import JOBCENTER, ScriptedTransport


class Failing:
    """Pages whose Jobcenter is handed its messages, by a way that the test scripts."""

    def __init__(self, pages):
        self.pages = pages
        self.transport = ScriptedTransport()
        pages.by(self.transport)
        pages.gateway = dataclasses.replace(pages.gateway, corridor=pages.corridor)
        pages.app = create_app(pages.gateway, pages=create_pages(pages.gateway))

    def deliver(self):
        return asyncio.run(deliver_to(self.pages.corridor, self.pages.corridor.partners[JOBCENTER]))

    def send(self, record=None, **more):
        """Send a message that one declaration permits, and give its id."""
        return self.pages.send(record or {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}, **more)["id"]

    def fail(self, exchange=None, why="connection_broken"):
        """Have what waits given up, and give the id."""
        exchange = exchange or self.send()
        self.pages.now += self.pages.corridor.give_up_after + timedelta(minutes=1)
        self.transport.outcomes.append(NotDelivered(why))
        self.deliver()
        assert self.pages.shown(exchange)["state"] == "failed"
        return exchange


@pytest.fixture
def failing(pages):
    """The pages with a declaration and a link, and a partner that is handed its messages."""
    pages.declare("language.level")
    pages.link()
    return Failing(pages)
