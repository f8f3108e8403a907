"""The integration manager's day: what is open, what would leave, sending it, what partners sent, and revoking in two clicks."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.ports import ScopeRequest
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import CONFIG, CONTACT, JOBCENTER, World, message

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
WRONG = {"language": {"level": {"cefr": "A2", "evidence": "dtz"}}}
STATUS = {"residence": {"status": {"code": "1", "since": "2024-05-02", "until": "2026-12-15"}}}
MEETING = {"appointments": {"upcoming": [{"at": "2026-12-01T09:15:00+01:00", "with": "Frau Müßig", "bring": ["Ausweis"]}]}}
# Pages that are looked at while they are measured; the others have their picture taken on the way.
_PICTURED = {"/desk": "overview", "/received/intake": "intake", "/send": "send", "mistakes": "mistakes", "/ends-of-use": "end-of-use"}
_PICTURED |= {name: name for name in ("correction", "correction-preview", "corrected")}
PHONE = {"contact": {"phone": "+4917612345678"}}


@pytest.fixture(scope="module")
def gateway(served_pages):
    """A gateway with pages, and a world that plays on its database beside it."""
    served = served_pages(CONFIG, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        world = World(opened)
        world.now = datetime.now(UTC)
        yield served, world


@pytest.fixture
def client(gateway):
    """A client of this test alone, with a declaration that lets two things pass to the Jobcenter."""
    _, world = gateway
    reference = f"K-{new_id()[-12:]}"
    world.link(f"J-{reference}", client=reference)
    allowed = ("language.level", "residence.status", "contact_persons.jobcenter", "appointments.upcoming")
    world.declare(*allowed, client=reference)
    return reference


@pytest.fixture
def desk(gateway, visit):
    """Open a page of the desk as somebody who is signed in."""
    served, world = gateway
    people = world.gateway.store.people

    def open_desk(path="/pages/desk", width="desk", **options):
        now = datetime.now(UTC)
        user = (
            people.users.by_login("vera")
            or people.users.add(UserRole.INTEGRATION_MANAGER, None, "Vera Beispiel", "vera", None, now, "operator")[0]
        )
        token = people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{served.url}{path}", width, session=token, **options)

    return open_desk


def send(world, record, client):
    """Have a client's data sent; in a thread, because Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(world.send, record, client=client).result()["id"]


def post(world, known_as, record):
    """Have the Jobcenter send something, and take it."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(world.post, message(JOBCENTER, known_as, record)).result()
    world.work()


def press(page, where):
    """Click on what leads to another page, and be there."""
    with page.expect_navigation():
        where.click()


def open_case(page, reference):
    """Type a reference; give the address of the case."""
    page.goto(page.url.partition("/pages/")[0] + "/pages/clients")
    page.locator("#reference").fill(reference)
    press(page, page.locator("main form.stack button"))
    return page.url


def hand_in(page, record):
    """Choose partner and purpose, hand in a record, and look at what would leave."""
    press(page, page.locator("a[href$='/send']"))
    page.locator("#partner").select_option(JOBCENTER)
    page.locator("#purpose").select_option("labour_market_integration")
    choose_file(page, record)


def choose_file(page, record):
    """Hand in a record."""
    page.locator("#file").set_input_files({"name": "fall.json", "mimeType": "application/json", "buffer": json.dumps(record).encode()})
    press(page, page.locator("main form.stack button"))


def text(page):
    return page.locator("main").inner_text()


@everywhere
def test_from_the_case_to_what_was_sent(desk, client, look, width, javascript):
    page = desk(width=width, javascript=javascript)
    open_case(page, client)
    hand_in(page, LEVEL | STATUS | PHONE)
    assert "Das würde gesendet" in text(page)
    assert "Telefon: Steht nicht in der Erklärung" in text(page)
    if javascript:
        look(page, "desk-preview")
    press(page, page.get_by_role("button", name="Jetzt senden"))
    assert "/exchanges/" in page.url
    assert "wartet" in text(page)
    if javascript:
        look(page, "desk-sent")


@everywhere
def test_two_clicks_from_the_case_page_revoke_everything(gateway, desk, client, look, width, javascript):
    _, world = gateway
    send(world, LEVEL, client)
    page = desk(width=width, javascript=javascript)
    open_case(page, client)
    if javascript:
        look(page, "desk-case")
    press(page, page.locator("a[href$='/revoke']"))
    assert "Eine Mitteilung wartet noch." in text(page)
    if javascript:
        look(page, "desk-revoke")
    press(page, page.get_by_role("button", name="Alles widerrufen"))
    assert "Eine wartende Mitteilung wurde zurückgezogen." in text(page)
    if javascript:
        look(page, "desk-revoked")


@everywhere
def test_what_a_partner_sent_is_looked_at_and_taken_over(gateway, desk, client, look, width, javascript):
    _, world = gateway
    post(world, f"J-{client}", CONTACT | MEETING)
    page = desk(width=width, javascript=javascript)
    press(page, page.locator("a[href='/pages/received']").first)
    item = page.locator("article", has_text=client)
    assert "Müßig" in item.inner_text()
    if javascript:
        look(page, "desk-received")
    press(page, item.get_by_role("button", name="Übernommen, hier löschen"))
    assert client not in text(page)


@everywhere
def test_a_request_is_declined(gateway, desk, client, look, width, javascript):
    _, world = gateway
    wish(world, client)
    page = desk("/pages/requests", width, javascript=javascript)
    if javascript:
        look(page, "desk-requests")
    press(page, page.locator("article", has_text=client).get_by_role("button", name="Ablehnen"))
    assert client not in text(page)


def wish(world, client):
    """Have the Jobcenter's people ask for more."""
    exchange = send(world, LEVEL, client)
    with world.corridor.store.transaction() as tx:
        digest = tx.clients.find(client).digest
        asked = ("work.status", "work.history")
        tx.scope_requests.add(ScopeRequest(new_id(), digest, JOBCENTER, exchange, "labour_market_integration", asked, new_id(), world.now))


@pytest.fixture
def everything(gateway):
    """Give a client of whom there is something on each page; what they are called, their declaration, and the end of another one's use."""
    _, world = gateway
    reference = f"K-{new_id()[-12:]}"
    world.link(f"J-{reference}", client=reference)
    allowed = ("language.level", "contact_persons.jobcenter", "appointments.upcoming")
    declaration = world.declare(*allowed, client=reference, valid_until="2026-12-20")
    ending = world.declare("residence.status", client=reference)
    send(world, STATUS, reference)
    send(world, WRONG, reference)
    world.outbox()
    run = world.revoke(ending)["revocation"]
    wish(world, reference)
    for known_as in (f"J-{reference}", f"X-{reference}"):
        post(world, known_as, CONTACT | MEETING)
    return reference, declaration, run


def every_page(page, everything):
    """Go to each page of this part of the desk; give its name."""
    reference, declaration, run = everything
    start = page.url.partition("/pages/")[0]
    case = open_case(page, reference)
    yield "case"
    exchange = page.locator("section:has(#exchanges) th a").first.get_attribute("href")
    listed = ("/desk", "/desk/waiting", "/desk/ending", "/desk/ends", "/received", "/received/intake", "/requests", f"/ends-of-use/{run}")
    for path in listed:
        page.goto(f"{start}/pages{path}")
        yield path
    for path in (f"{case}/send", f"{case}/links/{JOBCENTER}", f"{case}/declarations/{declaration}/revoke"):
        page.goto(path)
        yield path.removeprefix(case)
    page.goto(f"{case}/declarations/{declaration}/pause")
    yield "pause"
    page.goto(f"{start}{exchange}")
    yield "exchange"
    page.goto(case)
    hand_in(page, LEVEL | PHONE)
    yield "preview"
    page.goto(case)
    hand_in(page, {"language": {"level": {"cefr": "Z9"}}})
    yield "mistakes"
    page.goto(f"{case}/correction")
    yield "correction"
    choose_file(page, LEVEL | STATUS)
    yield "correction-preview"
    press(page, page.locator("main form.actions button"))
    yield "corrected"


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
def test_there_are_no_barriers_on_any_page(desk, everything, look, language):
    """In German, on a desk, the keyboard and the width are looked at on the same walk."""
    page = desk(language=language)
    found = {}
    for name in every_page(page, everything):
        found[name] = axe(page)
        if language == "de-DE":
            found[name] += keyboard_reach(page) + wide(page, name, look)
    assert {name: barriers for name, barriers in found.items() if barriers} == {}
    assert page.locator("html").get_attribute("lang") == language[:2]


@pytest.mark.parametrize("width", ["phone", "tablet"])
def test_nothing_scrolls_sideways_also_at_twice_the_size(desk, everything, look, width):
    page = desk(width=width)
    found = {name: wide(page, name, look) for name in every_page(page, everything)}
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def wide(page, name, look):
    """Have a picture taken of one of every page, if there is to be one; name what sticks out, also at twice the size."""
    pictured = "/ends-of-use" if name.startswith("/ends") else name
    if pictured in _PICTURED:
        look(page, f"desk-{_PICTURED[pictured]}")
    return sideways(page) + zoom200(page)
