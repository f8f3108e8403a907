"""A client whose page the office has made, and browsers on it."""

from datetime import timedelta

import pytest

from imgate.exchange.client_page import code_on_copy, give_number, make_page
from tests.exchange.conftest import CLIENT

OTHER = "K-2026-2202"


class Own:
    """One client's page: the declaration it began with, the code on its copy, and the number that holds now."""

    def __init__(self, pages, client=CLIENT, *scopes, **changes):
        self.pages, self.client = pages, client
        self.declaration = pages.declare(*(scopes or ("contact_persons.jobcenter", "language.level")), client=client, **changes)
        make_page(pages.corridor, "manager", client)
        self.renumber()

    def renumber(self, hours=720):
        self.number = give_number(self.pages.corridor, "manager", self.client, timedelta(hours=hours))
        return self.number

    @property
    def code(self):
        return code_on_copy(self.pages.corridor, self.declaration)

    def wrong(self):
        """Give a number that is not the one."""
        return f"{(int(self.number) + 1) % 10**8:08}"

    def tried(self, code=None, number=None, browser=None, lang="de"):
        """Fill in the form of the page's entrance."""
        browser = browser or self.pages.stranger()
        entrance = browser.get(f"/pages/client?lang={lang}" if lang else "/pages/client")
        action = entrance.tree.xpath("//main//form/@action")[0]
        return browser.post(action, {"code": self.code if code is None else code, "number": self.number if number is None else number})

    def browser(self, lang="de"):
        """Give a browser that has the page open."""
        browser = self.pages.stranger()
        assert self.tried(browser=browser, lang=lang).status == 200
        return browser


@pytest.fixture
def own(pages):
    return Own(pages)


@pytest.fixture
def other(pages):
    """Somebody else's page on the same gateway."""
    return Own(pages, OTHER)
