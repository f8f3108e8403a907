"""What the inbox weighs on its way to a browser, however much waits. How long it takes is `make bench`'s to say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import WIDTHS
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER, World
from tests.web.liaison.waiting import LEVEL, many

WITHOUT_FONTS = 100_000


@pytest.fixture(scope="module")
def office(served_pages):
    """A gateway at which 10,000 messages wait for the Jobcenter, and none for the Ausländerbehörde; with sessions of both."""
    served = served_pages(CONFIG, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        world, now = World(opened), datetime.now(UTC)
        world.now = now
        world.link()
        world.declare("language.level", valid_until=str(now.date() + timedelta(days=90)))
        with ThreadPoolExecutor(1) as beside:  # Playwright has a loop in this thread
            many(world, 10_000, beside.submit(world.send, LEVEL).result()["id"])
        people, tokens = opened.store.people, {}
        for partner in (JOBCENTER, ABH):
            user, _ = people.users.add(UserRole.LIAISON, partner, "Lea Leitner", partner, None, now, "operator")
            tokens[partner] = people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
        yield served, tokens


class Weighed:
    """What a page transfers, as the browser counts it: headers and compressed content, by kind."""

    def __init__(self, page):
        self.kinds, self.bytes, self._waiting = {}, {}, {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _received(self, event):
        self.kinds[event["requestId"]] = event["type"]

    def _finished(self, event):
        self.bytes[event["requestId"]] = event["encodedDataLength"]

    def take(self):
        """Give the bytes of each kind since the last call."""
        found = {}
        for request, length in self.bytes.items():
            found.setdefault(self.kinds[request], []).append(length)
        self.kinds, self.bytes = {}, {}
        return found


@pytest.fixture
def inbox(office, visit):
    """Open the inbox of a partner's liaison in a new browser; give the page and what it transfers."""
    served, tokens = office

    def opened(partner, width="desk"):
        page = visit(f"{served.url}/healthz", width, unused=True)  # has nothing of ours yet
        page.context.add_cookies([{"name": "imgate", "value": tokens[partner], "url": served.url}])
        weighed = Weighed(page)
        page.goto(f"{served.url}/pages/inbox", wait_until="networkidle")
        return page, weighed

    return opened


def without_fonts(taken):
    return sum(sum(lengths) for kind, lengths in taken.items() if kind != "Font")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("partner", "lines"), [(JOBCENTER, 25), (ABH, 0)])
def test_the_inbox_weighs_less_than_100_kb_without_fonts(inbox, width, partner, lines):
    page, weighed = inbox(partner, width)
    taken = weighed.take()
    assert page.locator("main h2").count() == lines
    assert (
        {"Document", "Stylesheet"} <= taken.keys() <= {"Document", "Stylesheet", "Script", "Font", "Other"}
    )  # the icon that a browser looks for, in vain
    assert 5_000 < without_fonts(taken) < WITHOUT_FONTS
    print(width, lines, taken)  # noqa: T201  # the figures, for who looks


def test_what_was_loaded_once_is_not_loaded_again(inbox):
    page, weighed = inbox(JOBCENTER)
    first = without_fonts(weighed.take())
    page.locator("a[rel=next]").click()
    page.wait_for_load_state("networkidle")
    again = weighed.take()
    assert sum(again.get("Stylesheet", [0])) == 0
    assert without_fonts(again) < first / 2


def test_the_page_can_be_read_while_the_fonts_are_on_their_way(inbox):
    """They are swapped in when they are there: nothing waits for them, and nothing that is read weighs more because of them."""
    page, _ = inbox(JOBCENTER)
    displays = page.evaluate("[...document.fonts].map((font) => font.display)")
    assert set(displays) <= {"swap", "fallback", "optional"}
