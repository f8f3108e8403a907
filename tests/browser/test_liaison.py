"""The liaison has a browser and nothing else: from the inbox to a message and to an answer, on each width, with and without JavaScript."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import at_each_width, everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER, World
from tests.web.liaison.waiting import many

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {
        "status": {"code": "1", "since": "2024-05-02"},
        "work_permission": {"code": "03"},
    },
    "appointments": {"upcoming": [{"at": "2027-04-01T07:00:00Z", "with": "Fr. Kälberer", "subject": "Anerkennung", "place": "Backnang"}]},
    "housing": {"situation": {"kind": "shared_accommodation"}},
}
SCOPES = ("language.level", "residence.status", "residence.work_permission", "appointments.upcoming", "housing.situation")
# Waits by itself: Playwright's own waiting makes code of text, which the policy of the pages forbids.
_FIRST_PAINT = """new Promise((painted) => new PerformanceObserver((list) => {
  const first = list.getEntriesByName("first-contentful-paint")[0];
  if (first) painted(first.startTime);
}).observe({type: "paint", buffered: true}))"""
LANGUAGES = {"de": "de-DE", "en": "en-GB"}


class Office:
    """What the case system does meanwhile: it sends, and takes back."""

    def __init__(self, served, opened):
        self.served, self.people = served, opened.store.people
        self.world = World(opened)

    def send(self):
        """Have a message wait about somebody new; give the partner's reference and the declaration."""
        world, client = self.world, f"K-{new_id()[-12:]}"
        world.now = datetime.now(UTC)
        reference = f"355A{new_id()[-6:].upper()}"
        world.link(reference, client=client)
        today = world.now.date()
        term = {"valid_from": str(today - timedelta(days=30)), "valid_until": str(today + timedelta(days=90))}
        declaration = world.declare(*SCOPES, client=client, **term)
        with ThreadPoolExecutor(1) as beside:  # Playwright has a loop in this thread
            assert beside.submit(world.send, RECORD, client=client).result()["state"] == "queued"
        return reference, declaration

    def revoke(self, declaration):
        self.world.now = datetime.now(UTC) + timedelta(seconds=1)
        self.world.revoke(declaration)


@pytest.fixture(scope="module")
def office(served_pages):
    """A gateway with pages, and what its database is opened with beside it."""
    served = served_pages(CONFIG, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        yield Office(served, opened)


@pytest.fixture
def liaison(office, visit):
    """Open a page as the liaison of the Jobcenter."""
    now = datetime.now(UTC)

    def open_page(path="/pages/inbox", width="desk", partner=JOBCENTER, login="lea", **options):
        people = office.people
        user = people.users.by_login(login) or people.users.add(UserRole.LIAISON, partner, "Lea Leitner", login, None, now, "operator")[0]
        token = people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{office.served.url}{path}", width, session=token, **options)

    return open_page


def open_item(page, reference):
    page.goto(f"{page.url.partition('/pages')[0]}/pages/inbox?order=newest")
    page.locator("main h2 a", has_text=reference).click()


def press(page, text):
    page.locator("main button", has_text=text).last.click()


def text_of(page):
    return page.locator("main").inner_text()


@everywhere
def test_from_the_inbox_to_a_message_to_paper_to_an_answer(office, liaison, look, width, javascript):
    reference, _ = office.send()
    page = liaison(width=width, javascript=javascript)
    if javascript:
        look(page, "liaison-inbox")
    open_item(page, reference)
    assert "Aufenthaltserlaubnis" in text_of(page)
    assert "Warum sehe ich das?" in text_of(page)
    address = page.url
    if javascript:
        look(page, "liaison-message")
    page.locator("a", has_text="Druckansicht").click()
    assert page.locator("[data-print]").is_visible() is javascript
    if javascript:
        look(page, "liaison-print")
    page.goto(address)
    with page.expect_download() as download:
        page.locator("a", has_text="Als PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.locator("summary").click()
    page.locator("input[value='work.status']").check()
    press(page, "Anfragen")
    assert "Angefragt: Arbeit zurzeit" in text_of(page)
    press(page, "Erhalt bestätigen")
    assert "Bestätigt." in text_of(page)
    assert reference not in text_of(page)


@everywhere
def test_what_is_not_for_me_is_given_back(office, liaison, width, javascript):
    reference, _ = office.send()
    page = liaison(width=width, javascript=javascript)
    open_item(page, reference)
    press(page, "Zurückgeben")
    assert "Bitte wählen Sie einen der beiden Gründe." in text_of(page)
    page.locator("input[value='not_for_me']").check()
    press(page, "Zurückgeben")
    assert "Zurückgegeben." in text_of(page)


@everywhere
def test_the_end_of_use_is_confirmed_by_one_button(office, liaison, look, width, javascript):
    reference, declaration = office.send()
    page = liaison(width=width, javascript=javascript)
    open_item(page, reference)
    press(page, "Erhalt bestätigen")
    office.revoke(declaration)
    open_item(page, reference)
    assert page.locator("h1").inner_text() == "Nutzung beenden"
    if javascript:
        look(page, "liaison-end-of-use")
    press(page, "Nutzung ist beendet")
    assert "Ihre Antwort ist eingetragen." in text_of(page)


@everywhere
def test_a_search_finds_by_the_own_reference_and_leaves_it_out_of_the_address(office, liaison, look, width, javascript):
    reference, _ = office.send()
    page = liaison("/pages/search", width=width, javascript=javascript)
    page.locator("#reference").fill(reference)
    press(page, "Suchen")
    if javascript:
        look(page, "liaison-search")
    assert page.url.endswith("/pages/search")
    assert page.locator("main h2 a", has_text=reference).count() == 1
    page.locator("#reference").fill("NIEMAND")
    press(page, "Suchen")
    assert "Dazu wartet nichts, das Sie lesen dürfen." in text_of(page)


def _inbox(office, page):
    office.send()
    page.goto(f"{office.served.url}/pages/inbox")


def _message(office, page):
    open_item(page, office.send()[0])


def _print(office, page):
    _message(office, page)
    page.goto(f"{page.url}/print")


def _refused(office, page):
    _message(office, page)
    page.locator("button[type=submit]", has_text="Give back" if _is_english(page) else "Zurückgeben").click()


def _notice(office, page):
    reference, declaration = office.send()
    open_item(page, reference)
    office.revoke(declaration)
    open_item(page, reference)


def _notice_refused(office, page):
    _notice(office, page)
    page.locator("input[value='kept_under_statute']").check()
    page.locator("main form").last.locator("button").click()


def _notice_print(office, page):
    _notice(office, page)
    page.goto(f"{page.url}/print")


def _search(office, page):
    page.goto(f"{office.served.url}/pages/search")


def _found(office, page):
    reference, _ = office.send()
    _search(office, page)
    page.locator("#reference").fill(reference)
    page.locator("main form button").first.click()


def _not_there(office, page):
    page.goto(f"{office.served.url}/pages/inbox/{new_id()}")


def _is_english(page):
    return page.locator("html").get_attribute("lang") == "en"


PAGES = {
    each.__name__.strip("_"): each
    for each in (_inbox, _message, _print, _refused, _notice, _notice_refused, _notice_print, _search, _found)
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_either_language_and_the_keyboard_alone_reaches_everything(office, liaison, name, language):
    page = liaison(language=LANGUAGES[language])
    PAGES[name](office, page)
    assert page.locator("html").get_attribute("lang") == language
    assert axe(page) == []
    if language == "de":
        assert keyboard_reach(page) == []


@at_each_width
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_at_any_width_or_zoom(office, liaison, name, width):
    page = liaison(width=width)
    PAGES[name](office, page)
    assert sideways(page) == []
    assert zoom200(page) == []


def test_with_ten_thousand_messages_the_inbox_is_painted_in_less_than_five_times_the_empty_ones_time(office, liaison):
    office.send()
    with office.world.corridor.store.reading() as tx:
        (exchange,) = tx.session.driver.execute("SELECT exchange FROM outbox WHERE handed_out_at IS NULL LIMIT 1").fetchone()
    many(office.world, 10_000, exchange)

    def painted(partner, login):
        page = liaison(partner=partner, login=login)
        times = []
        for _ in range(7):
            page.reload()
            times.append(page.evaluate(_FIRST_PAINT))
        assert len(page.content()) < 100_000
        return page.locator("main h2").count(), statistics.median(times)

    (none, empty), (shown, full) = painted(ABH, "abh"), painted(JOBCENTER, "lea")
    assert (none, shown) == (0, 25)
    assert full < 5 * empty


def test_a_printed_message_has_nothing_to_press(office, liaison):
    page = liaison(unused=True)
    _print(office, page)
    page.emulate_media(media="print")
    assert page.locator("button:visible, nav:visible, main a:visible").count() == 0
    assert "Vertrauliche Mitteilung" in text_of(page)
