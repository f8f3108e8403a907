"""The liaison's inbox with 10,000 waiting messages, against the same page of a partner for whom none waits.

Both partners are in one gateway, `imgate serve` as it is; the messages were sent by the corridor, about 10,000 clients, each with a
declaration of its own. They are updates: they carry what changed, and no whole record. Two looks are measured: the first page again and
again, and the list walked forward, where each page is seen for the first time and everything on it goes on record as handed out, which is
the most that a page can cost. Where Chromium and playwright are at hand, first paint is measured so, each time in a browser that has
nothing of ours yet. What a page weighs is what the server sends for it and for everything that it loads, fonts apart, headers counted,
compressed as for a browser.
"""

import contextlib
import http.client
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from benchmarks import people
from benchmarks.gateway import Office, ceiling, closed
from benchmarks.populated import populate, send_all
from benchmarks.stored_rows import one
from benchmarks.table import Goal, Row, check, interleaved, median_ratio, note, promise
from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole

INBOX = "/pages/inbox"
_NOBODYS = "jobcenter-ohne-post"
_ON_A_PAGE = 25
_WITHOUT_FONTS_KB = 100
_COOKIE = "imgate"
_LINE = re.compile(rb'<h2[^>]*><a[^>]*href="/pages/inbox/')
_NEXT = re.compile(rb'rel="next" href="([^"]+)"')
_LOADED = re.compile(rb'(?:<link rel="stylesheet" href|<script src)="([^"]+)"')
_PAINTED = """new Promise((painted) => new PerformanceObserver((list) => {
  const first = list.getEntriesByName("first-contentful-paint")[0];
  if (first) painted(first.startTime);
}).observe({type: "paint", buffered: true}))"""


def measure(*, quick: bool = False) -> list[Row]:
    """Fill a gateway, measure it, and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="imgate-bench-pages-"))
    try:
        return inboxes(folder, *((1_000, 10, 3) if quick else (10_000, 40, 9)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def inboxes(folder: Path, messages: int, rounds: int, paints: int) -> list[Row]:
    """Look at both inboxes in turn, by HTTP and then with a browser."""
    office = Office.configured(folder, closed(ceiling()))
    with (folder / "imgate.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[partners.{_NOBODYS}]\nadapter = "jobcenter"\nname = "Jobcenter ohne Post"\n')
    begun = time.perf_counter()
    populate(office, messages, [sorted(ceiling())], one)
    send_all(office, (f"K-{number}" for number in range(messages)), sections=("language",))
    took = time.perf_counter() - begun
    full, empty = _signed_in(office)
    with office.serving(), contextlib.ExitStack() as opened:
        lots, none = (opened.enter_context(_visiting(office.port, token)) for token in (full, empty))
        check(none.lines() == 0, "something waits for the partner for whom nothing should")
        walk = Walk(lots)
        walked, alone = interleaved(min(rounds, messages // _ON_A_PAGE - paints - 2), walk, lambda: none.timed(INBOX))
        seen, again = interleaved(rounds, lambda: lots.timed(INBOX), lambda: none.timed(INBOX))
        check(lots.lines() == _ON_A_PAGE, "another number of messages is shown than a page holds")
        weight = lots.weight() / 1000
        painted = _painted(f"http://127.0.0.1:{office.port}", paints, walk, empty)
    return [
        promise(
            f"pages: the inbox, {messages:,} messages waiting (reference: none)",
            statistics.median(seen),
            "ms",
            statistics.median(again),
            median_ratio(seen, again),
            Goal("at most", 5),
        ),
        note(
            "  each page for the first time, everything on it put on record (as above)",
            statistics.median(walked),
            "ms",
            statistics.median(alone),
            median_ratio(walked, alone),
        ),
        promise(
            "  its weight with all that it loads, without fonts (reference: the goal)",
            weight,
            "kB",
            _WITHOUT_FONTS_KB,
            weight / _WITHOUT_FONTS_KB,
            Goal("at most", 1),
        ),
        *painted,
        note(f"  making and sending {messages:,} messages", took, "s"),
    ]


def _signed_in(office: Office) -> tuple[str, str]:
    """Sign a liaison of each partner in; give the tokens of their sessions."""
    with open_gateway(load_settings(office.folder / "imgate.toml"), make_keys=False) as gateway:
        now, kept = datetime.now(UTC), gateway.store.people
        tokens = []
        for partner in (people.PARTNER, _NOBODYS):
            user, _ = kept.users.add(UserRole.LIAISON, partner, "Lea Leitner", partner, None, now, "bench")
            tokens.append(kept.sessions.begin(user.id, None, now, now + timedelta(hours=10), confirmed=True))
    return tokens[0], tokens[1]


@dataclass(frozen=True, slots=True)
class Visit:
    """One liaison's browser, as far as it matters here: one connection, a cookie, and compressed answers."""

    connection: http.client.HTTPConnection
    token: str = field(repr=False)

    def get(self, path: str) -> tuple[bytes, int]:
        """Give what a page says, and what it weighs on its way with its headers."""
        headers = {"Cookie": f"{_COOKIE}={self.token}", "Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        check(answer.status == http.HTTPStatus.OK, f"{path.partition('?')[0]} answers {answer.status}")
        return content, len(content) + len(str(answer.headers).encode())

    def timed(self, path: str) -> float:
        """Give the milliseconds that a page takes."""
        begun = time.perf_counter_ns()
        self.get(path)
        return (time.perf_counter_ns() - begun) / 1e6

    def lines(self) -> int:
        """Count the messages on the first page."""
        return len(_LINE.findall(self.get(INBOX)[0]))

    def weight(self) -> int:
        """Give the bytes of the first page and of every style sheet and script that it names."""
        content, bytes_sent = self.get(INBOX)
        return bytes_sent + sum(self.get(unescape(path.decode()))[1] for path in _LOADED.findall(content))


@contextlib.contextmanager
def _visiting(port: int, token: str) -> Iterator[Visit]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        yield Visit(connection, token)


class Walk:
    """Goes on from page to page; each was seen by nobody before. Called, it gives the milliseconds of the next one."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.path = visit, INBOX

    def __call__(self) -> float:
        begun = time.perf_counter_ns()
        content, _ = self.visit.get(self.path)
        taken = (time.perf_counter_ns() - begun) / 1e6
        self.go_on(content)
        return taken

    def go_on(self, content: bytes) -> None:
        """Find out where the list goes on."""
        check(len(_LINE.findall(content)) == _ON_A_PAGE, "a page on the way is not full")
        following = _NEXT.search(content)
        check(following is not None, "the list ends too soon")
        self.path = unescape(following.group(1).decode())  # type: ignore[union-attr]  # checked


def _painted(url: str, rounds: int, walk: Walk, empty: str) -> list[Row]:
    """Measure the first paint of both inboxes in Chromium; nothing where it or playwright is missing."""
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        return []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"])

        def painted(token: str, path: str) -> tuple[float, bytes]:
            with contextlib.closing(browser.new_context()) as context:
                context.add_cookies([{"name": _COOKIE, "value": token, "url": url}])
                page = context.new_page()
                answer = page.goto(f"{url}{path}")
                check(answer is not None and answer.ok, "the browser was shown another page")
                return float(page.evaluate(_PAINTED)), answer.body()  # type: ignore[union-attr]  # checked

        def further() -> float:
            milliseconds, content = painted(walk.visit.token, walk.path)
            walk.go_on(content)
            return milliseconds

        sides = (further, lambda: painted(empty, INBOX)[0])
        for side in sides:
            side()
        full, none = interleaved(rounds, *sides)
        browser.close()
    return [
        promise(
            "  first paint in Chromium of a page that nobody has seen (as above)",
            statistics.median(full),
            "ms",
            statistics.median(none),
            median_ratio(full, none),
            Goal("at most", 5),
        )
    ]
