"""A real browser that complains, gateways with pages, and a real OpenID provider.

A window costs four times what the page in it costs, so that one is used again for the next visit of its kind: emptied in between, and
only if nothing was wrong with it. Its own origin's styles and scripts stay loaded. ``unused=True`` asks for one that nobody had before.

Everything here lasts for one file of tests at most: as long as Playwright runs, asyncio takes its loop for a running one in this
thread, and tests elsewhere start loops of their own.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.acceptance.process import Served
from tests.browser.oidc import OidcProvider
from tests.browser.watching import Watch
from tests.conftest import ROOT

WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "desk": (1440, 900)}
# For tests that walk a path: `@everywhere` gives them `width` and `javascript`. The short form walks at each width, and both with
# JavaScript and without; the long one all six ways.
_SHORT = {("phone", False), ("tablet", True), ("desk", False)}
everywhere = pytest.mark.parametrize(
    ("width", "javascript"),
    [
        pytest.param(width, on, id=f"{width}-{'js' if on else 'nojs'}", marks=() if (width, on) in _SHORT else pytest.mark.long)
        for width in WIDTHS
        for on in (True, False)
    ],
)
# For what is looked at on each page by itself: the phone is where things stick out, the other two are for the long form.
at_each_width = pytest.mark.parametrize(
    "width", [pytest.param(width, marks=() if width == "phone" else pytest.mark.long) for width in WIDTHS]
)
_MILLISECONDS = 15_000
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--renderer-process-limit=1",  # half as many processes: none is kept in reserve
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",  # a foreign request is seen and goes nowhere
)


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium; skips, visibly, where it is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (make install)")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (on Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(_QUIET))
        yield browser
        browser.close()


class Window:
    """One browser context with a page in it: its width, its language, and whether scripts run."""

    def __init__(self, browser, width: str, javascript: bool, language: str) -> None:
        across, down = WIDTHS[width]
        self._context = browser.new_context(
            viewport={"width": across, "height": down},
            is_mobile=width != "desk",
            has_touch=width != "desk",
            java_script_enabled=javascript,
            locale=language,
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(_MILLISECONDS)
        self._watch = Watch(self._context)
        self.page = self._context.new_page()
        self._devtools = self._context.new_cdp_session(self.page)

    def open(self, url: str, also: tuple[str, ...], session: str | None) -> None:
        """Go there, signed in where there is a session."""
        self._origin = "/".join(url.split("/", 3)[:3])
        self._watch.origins = {self._origin, *also}
        if session is not None:
            self._context.add_cookies([{"name": "imgate", "value": session, "url": self._origin}])
        self.page.goto(url)

    def faults(self) -> list[str]:
        """Take what the browser complained of."""
        for page in self._context.pages:
            page.title()  # the browser answers in order, so that everything before has been said
        return self._watch.take()

    def empty(self) -> None:
        """Leave the page for one that has nothing on it, and forget what a site can keep: storage, cookies, where one has been."""
        self.page.goto(f"{self._origin}/healthz")  # not about:blank, for which there would be a new process
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self._context.clear_cookies()
        self._devtools.send("Page.resetNavigationHistory")

    def close(self) -> None:
        """Close it for good."""
        self._context.close()


class Visits:
    """Opens pages, each in a window of its own. ``idle`` has those that can be used again, by kind."""

    def __init__(self, browser, idle: dict[tuple, list[Window]]) -> None:
        self._browser = browser
        self._idle = idle
        self._opened: list[tuple[tuple | None, Window]] = []
        self._faulty: set[Window] = set()

    def __call__(
        self,
        url: str,
        width: str = "desk",
        *,
        javascript: bool = True,
        language: str = "de-DE",
        also: tuple[str, ...] = (),
        session: str | None = None,
        unused: bool = False,
    ):
        """Open this address and give the page, signed in where there is a session.

        Besides its own origin only those in ``also`` may be asked for anything. A window is used again only if it was at one origin and
        if this test does not want it ``unused``: for what it adds to the page itself, and for what a first visit is about.
        """
        kind = (width, javascript, language)
        again = not (also or unused)
        found = self._idle.get(kind) if again else None
        window = found.pop() if found else Window(self._browser, *kind)
        self._opened.append((kind if again else None, window))
        window.open(url, also, session)
        return window.page

    def faults(self) -> list[str]:
        """Take what the browser complained of since the last call; a test that takes nothing fails for anything."""
        found: list[str] = []
        for _, window in self._opened:
            faults = window.faults()
            if faults:
                self._faulty.add(window)
            found += faults
        return found

    def end(self) -> None:
        """Put away everything that was opened, and fail for what nobody has taken."""
        faults = self.faults()
        for kind, window in self._opened:
            if kind is None or window in self._faulty:
                window.close()
            else:
                window.empty()
                faults += window.faults()
                self._idle.setdefault(kind, []).append(window)
        assert faults == []


@pytest.fixture(scope="module")
def windows(chromium):
    """The windows that are put away after a test, by kind."""
    return {}


@pytest.fixture
def visit(chromium, windows):
    """``visit(url, width, javascript=…, language=…, also=…, session=…)`` opens a page; the test fails for what the browser complains of."""
    visits = Visits(chromium, windows)
    yield visits
    visits.end()


def picture(page, folder: Path, name: str) -> Path:
    """Save what is seen, under this name and how wide it is."""
    size = (page.viewport_size["width"], page.viewport_size["height"])
    width = next(width for width, known in WIDTHS.items() if known == size)
    target = folder / f"{name}-{width}.png"
    page.screenshot(path=target, full_page=True, animations="disabled", caret="hide")
    return target


@pytest.fixture
def look():
    """``look(page, name)`` saves what is seen into docs/pages, with IMGATE_SCREENSHOTS=1; else nobody would look at it."""
    is_kept = os.environ.get("IMGATE_SCREENSHOTS") == "1"

    def look(page, name: str) -> None:
        if is_kept:
            picture(page, ROOT / "docs" / "pages", name)

    return look


@pytest.fixture(scope="module")
def served_pages(tmp_path_factory):
    """``served_pages(config)`` starts a gateway with this imgate.toml, on ``localhost``, because passkeys need a host name.

    With ``start=False`` its address is known and it does not run yet.
    """
    made: list[Served] = []

    def serve(config: str, *options: str, start: bool = True) -> Served:
        served = Served(tmp_path_factory.mktemp("pages"), config)
        served.url = f"http://localhost:{served.port}"
        made.append(served)
        if start:
            served.start(*options)
        return served

    yield serve
    for served in made:
        served.stop()


@pytest.fixture(scope="module")
def oidc_provider():
    """``oidc_provider()`` gives an OpenID provider; its issuer is known, and ``start(redirect_uri)`` starts it."""
    made: list[OidcProvider] = []

    def make(**options) -> OidcProvider:
        made.append(OidcProvider(**options))
        return made[-1]

    yield make
    for provider in made:
        provider.stop()
