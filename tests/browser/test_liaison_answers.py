"""The liaison answers and wants to be told of news: on each width, with and without JavaScript, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.browser.test_liaison import Office
from tests.exchange.conftest import CONFIG, JOBCENTER
from tests.transports.mailing import post_office

LANGUAGES = {"de": "de-DE", "en": "en-GB"}
APPOINTMENT = "appointments.upcoming"


@pytest.fixture(scope="module")
def post():
    with post_office() as post:
        yield post


@pytest.fixture(scope="module")
def office(served_pages, post):
    """A gateway with pages and a mail server, and what its database is opened with beside it."""
    mail = f'\n[mail]\nhost = "127.0.0.1"\nport = {post.port}\nsender = "imgate@stadt.example.org"\nstarttls = false\n'
    served = served_pages(CONFIG + mail, "--no-worker")
    with open_gateway(load_settings(served.config), make_keys=False) as opened:
        yield Office(served, opened)


@pytest.fixture
def liaison(office, visit):
    """Open a page as a liaison of the Jobcenter."""
    now = datetime.now(UTC)

    def open_page(path="/pages/inbox", width="desk", login="lea", **options):
        users = office.people.users
        user = users.by_login(login) or users.add(UserRole.LIAISON, JOBCENTER, "Lea Leitner", login, None, now, "operator")[0]
        token = office.people.sessions.begin(user.id, None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{office.served.url}{path}", width, session=token, **options)

    return open_page


def open_form(page, office, scope=APPOINTMENT):
    """Go from the inbox to the form of one scope."""
    reference, _ = office.send()
    page.goto(f"{office.served.url}/pages/inbox?order=newest")
    page.locator("main h2 a", has_text=reference).click()
    page.locator("main a[href$='/answer']").click()
    page.locator(f"main a[href$='/answer/{scope}']").click()


def fill_in(page):
    page.locator("[name='value-0-at']").fill("2027-04-01T09:30")
    page.locator("[name='value-0-with']").fill("Fr. Kälberer")
    page.locator("[name='value-0-bring']").fill("Ausweis\nZeugnis")


def send(page, step):
    page.locator(f"main button[name=step][value={step}]").click()


def text_of(page):
    return page.locator("main").inner_text()


def barriers(page):
    return axe(page) + keyboard_reach(page) + sideways(page) + zoom200(page)


@everywhere
def test_an_appointment_is_told_and_a_receipt_comes_back(office, liaison, look, width, javascript):
    page = liaison(width=width, javascript=javascript)
    open_form(page, office)
    if javascript:
        look(page, "liaison-answer")
    fill_in(page)
    send(page, "review")
    assert "01.04.2027, 09:30" in text_of(page)
    assert "Ausweis; Zeugnis" in text_of(page)
    if javascript:
        look(page, "liaison-answer-review")
    send(page, "send")
    assert page.locator("h1").inner_text() == "Angenommen"
    if javascript:
        look(page, "liaison-answered")


@everywhere
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(office, liaison, look, width, javascript):
    page = liaison(width=width, javascript=javascript)
    open_form(page, office, "contact_persons.jobcenter")
    page.locator("[name='value-channels-0-value']").fill("07151 9500")
    page.locator("[name='value-organisation_sign']").fill("412.3")
    send(page, "review")
    assert page.locator("#value-channels-0-kind-error").is_visible()
    assert page.locator("[name='value-organisation_sign']").input_value() == "412.3"
    if javascript:
        look(page, "liaison-answer-wrong")
    page.locator("[name='value-channels-0-kind']").select_option("phone")
    page.locator("[name='value-name-family']").fill("Müßig")
    send(page, "review")
    assert "Telefon" in text_of(page)
    send(page, "change")
    assert page.locator("[name='value-name-family']").input_value() == "Müßig"


@everywhere
def test_notifications_are_chosen_and_tried(office, liaison, look, post, width, javascript):
    before = len(post.mails)
    page = liaison("/pages/notifications", width, login=f"lea-{width}-{str(javascript).lower()}", javascript=javascript)
    page.locator("input[value=at_once]").check()
    page.locator("[name=email]").fill("lea.leitner@jobcenter.example.org")
    page.locator("main button").first.click()
    assert "Gespeichert." in text_of(page)
    if javascript:
        look(page, "liaison-notifications")
    page.locator("form[action$='/trial'] button").click()
    assert "Die Probe ist gesendet." in text_of(page)
    assert len(post.mails) == before + 1


@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier(office, liaison, language, width):
    page = liaison(width=width, language=LANGUAGES[language])
    open_form(page, office, "contact_persons.jobcenter")
    form = page.url
    assert page.locator("html").get_attribute("lang") == language
    assert barriers(page) == []
    page.locator("[name='value-channels-0-value']").fill("1")
    send(page, "review")
    assert barriers(page) == []  # with errors
    page.goto(form.rpartition("/")[0])
    assert barriers(page) == []
    page.goto(form.replace("contact_persons.jobcenter", APPOINTMENT))
    assert barriers(page) == []
    fill_in(page)
    send(page, "review")
    assert barriers(page) == []
    send(page, "send")
    assert barriers(page) == []
    page.goto(f"{office.served.url}/pages/notifications")
    assert barriers(page) == []
