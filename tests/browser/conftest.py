"""A real browser that complains, gateways with pages, and a real OpenID provider.

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


class Visits:
    """Opens pages, each in a browser context of its own: no cookies, nothing cached."""

    def __init__(self, browser) -> None:
        self._browser = browser
        self._opened: list[tuple[object, Watch]] = []

    def __call__(
        self,
        url: str,
        width: str = "desk",
        *,
        javascript: bool = True,
        language: str = "de-DE",
        also: tuple[str, ...] = (),
        session: str | None = None,
    ):
        """Open this address and give the page, signed in where there is a session.

        Besides its own origin only those in ``also`` may be asked for anything.
        """
        across, down = WIDTHS[width]
        context = self._browser.new_context(
            viewport={"width": across, "height": down},
            is_mobile=width != "desk",
            has_touch=width != "desk",
            java_script_enabled=javascript,
            locale=language,
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(_MILLISECONDS)
        self._opened.append((context, Watch(context, ["/".join(url.split("/", 3)[:3]), *also])))
        if session is not None:
            context.add_cookies([{"name": "imgate", "value": session, "url": "/".join(url.split("/", 3)[:3])}])
        page = context.new_page()
        page.goto(url)
        return page

    def faults(self) -> list[str]:
        """Take what the browser complained of since the last call; a test that takes nothing fails for anything."""
        found: list[str] = []
        for context, watch in self._opened:
            for page in context.pages:
                page.title()  # the browser answers in order, so that everything before has been said
            found += watch.faults
            watch.faults.clear()
        return found

    def end(self) -> None:
        """Close everything that was opened, and fail for what nobody has taken."""
        faults = self.faults()
        for context, _ in self._opened:
            context.close()
        assert faults == []


@pytest.fixture
def visit(chromium):
    """``visit(url, width, javascript=…, language=…, also=…, session=…)`` opens a page; the test fails for what the browser complains of."""
    visits = Visits(chromium)
    yield visits
    visits.end()


@pytest.fixture
def look(tmp_path):
    """``look(page, name)`` saves what is seen: with IMGATE_SCREENSHOTS=1 into docs/pages, to be kept, else into a temporary folder."""
    folder = ROOT / "docs" / "pages" if os.environ.get("IMGATE_SCREENSHOTS") == "1" else tmp_path

    def look(page, name: str) -> Path:
        size = (page.viewport_size["width"], page.viewport_size["height"])
        width = next(width for width, known in WIDTHS.items() if known == size)
        target = folder / f"{name}-{width}.png"
        page.screenshot(path=target, full_page=True, animations="disabled", caret="hide")
        return target

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
