"""People who can sign in, with what they sign in with. Passwords are kept at the lowest price here, and refused at once: tests try many."""

import base64
import json

import argon2.profiles
import pyotp
import pytest

from imgate.vocabulary.words import UserRole
from imgate.web.sign_in import entrance, passwords
from tests.exchange.conftest import JOBCENTER

PASSWORD = "vier Wolken über Backnang"
SECRET = b"a secret of an app.."


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "RFC_9106_LOW_MEMORY", argon2.profiles.CHEAPEST)
    monkeypatch.setattr(entrance, "_REFUSED_AFTER", 0.001)


class Person:
    """Somebody who is enrolled with a password and one-time codes."""

    def __init__(self, pages, role, login, name, partner=JOBCENTER):
        self.pages, self.people = pages, pages.gateway.store.people
        partner = partner if role is UserRole.LIAISON else None
        user, code = self.people.users.add(role, partner, name, login, None, pages.now, "operator")
        self.id, self.login, self.name = user.id, login, name
        assert self.people.users.set_password(user.id, passwords.Passwords().kept(PASSWORD), SECRET, pages.now, enrolment=code)

    @property
    def row(self):
        """The user as the database has it now."""
        return self.people.users.get(self.id)

    def code(self, *, steps=0):
        """The code that the app shows now, or some steps of 30 seconds from now."""
        return pyotp.TOTP(base64.b32encode(SECRET).decode()).at(self.pages.now, counter_offset=steps)

    def sign_in(self, browser=None, *, back="", **changes):
        """Fill in the form and send it; the answer is the one to the form."""
        page = (browser or self.pages.stranger()).get(f"/pages/sign-in?next={back}" if back else "/pages/sign-in")
        said = {"login": self.login, "password": PASSWORD, "code": self.code()} | changes
        return send(page, "Anmelden", **said)


def doorkeeper_of(pages):
    """What the pages sign people in with."""
    return pages.app._pages._app.state.doorkeeper


def told(pages, *names):
    """What the audit log says under these names: event, actor, fields."""
    with pages.gateway.store.reading() as tx:
        entries = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return [(entry["event"], entry["actor"], entry["fields"]) for entry in entries if entry["event"] in names]


def is_signed_in(browser):
    """Whether the browser is let in."""
    return not browser.get("/pages", follow=False).headers["location"].startswith("/pages/sign-in")


def send(page, button, **fields):
    """Press a button and give the very answer, without following it."""
    browser = page._browser
    post = browser.post
    try:
        browser.post = lambda *given, **named: post(*given, **named, follow=False)
        return page.send(button, **fields)
    finally:
        browser.post = post


@pytest.fixture
def person(pages):
    """``person(role)`` enrols somebody."""

    def make(role=UserRole.INTEGRATION_MANAGER, login="vera", name="Vera Beispiel", **more):
        return Person(pages, role, login, name, **more)

    return make
