"""The pages of a real gateway on a clock that the test moves, and browsers of people who are signed in."""

import dataclasses
from datetime import timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.http.app import create_app
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from imgate.web.app import create_pages
from tests.exchange.conftest import CONFIG, JOBCENTER, World
from tests.web.browsing import Browser

LOGINS = {
    UserRole.LIAISON: ("Lea Leitner", "liaison"),
    UserRole.INTEGRATION_MANAGER: ("Vera Beispiel", "manager"),
    UserRole.OFFICE: ("Otto Amt", "office"),
}


class Pages(World):
    """A world with pages: ``visit`` gives the browser of somebody in this role."""

    def __init__(self, gateway):
        super().__init__(gateway)
        self.gateway = dataclasses.replace(gateway, corridor=self.corridor)
        self.app = create_app(self.gateway, pages=create_pages(self.gateway))

    def user(self, role, *, partner=None, name=None, login=None):
        """Give somebody of this role access, or find them by their login."""
        people = self.gateway.store.people
        known = LOGINS[role] if login is None else (name or login, login)
        partner = partner or (JOBCENTER if role is UserRole.LIAISON else None)
        found = people.users.by_login(known[1])
        return found or people.users.add(role, partner, known[0], known[1], None, self.now, "operator")[0]

    def stranger(self):
        """Give the browser of somebody who is not signed in."""
        return Browser(self.app, self.gateway.url)

    def visit(self, role, *, confirmed=True, **user):
        """Give the browser of somebody of this role who is signed in."""
        browser = self.stranger()
        people = self.gateway.store.people
        token = people.sessions.begin(self.user(role, **user).id, None, self.now, self.now + timedelta(hours=10), confirmed=confirmed)
        browser.http.cookies.set("imgate", token)
        return browser

    def liaison(self, partner=JOBCENTER, login="liaison"):
        return self.visit(UserRole.LIAISON, partner=partner, login=login, name="Lea Leitner")

    def manager(self):
        return self.visit(UserRole.INTEGRATION_MANAGER)

    def office(self, login="office"):
        return self.visit(UserRole.OFFICE, login=login, name="Otto Amt")


@pytest.fixture
def config():
    """The configuration; a test module overrides it for another."""
    return CONFIG


@pytest.fixture
def pages(tmp_path, config):
    """The pages of one gateway."""
    file = tmp_path / "imgate.toml"
    file.write_text(config, encoding="utf-8")
    with open_gateway(load_settings(file), make_keys=True) as gateway:
        yield Pages(gateway)
