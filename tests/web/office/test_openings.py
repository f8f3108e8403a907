"""Four eyes: two different people of the office open what the configuration names, and nobody opens anything else."""

import base64

import pytest

from imgate.audit.events import EventName
from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER

PAGE = "/pages/office/openings"
CONFIRM, WITHDRAW = f"{PAGE}/confirm", f"{PAGE}/withdraw"
SCOPE = "health.constraints"
FORM = {"partner": JOBCENTER, "scope": SCOPE}
OPENED = CONFIG.replace('adapter = "jobcenter"\n', f'adapter = "jobcenter"\nopen = ["{SCOPE}"]\n')
SINGLE = OPENED.replace("open = [", "accept_single = true\nopen = [")
SECRET = "Kniegelenk, keine stehende Arbeit"
RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "health": {"constraints": {"text": SECRET}}}


@pytest.fixture
def config():
    return OPENED


@pytest.fixture
def anna(pages):
    return pages.visit(UserRole.OFFICE, login="anna", name="Anna Amt")


@pytest.fixture
def otto(pages):
    return pages.visit(UserRole.OFFICE, login="otto", name="Otto Amt")


def left(pages):
    """Give the bytes that the Jobcenter is handed."""
    return b"".join(base64.b64decode(item["content"]) for item in pages.outbox()).decode()


def test_nothing_leaves_before_the_second_person_confirmed_and_the_page_says_how_it_stands(pages, anna, otto):
    pages.declare("language.level", SCOPE)
    pages.link()
    pages.gateway.openings.refresh()
    page = anna.get(PAGE)
    assert "Jobcenter Rems-Murr, Team 412" in page.text
    assert "Artikel 9 DSGVO" in page.text
    assert "Noch hat niemand bestätigt." in page.text

    page = page.send("Öffnung bestätigen")
    assert "sobald ein zweiter Mensch" in page.text
    assert "wartet auf die zweite Bestätigung" in page.text
    assert "bestätigt von Anna Amt am 02.03.2026, 10:00" in page.text
    assert SCOPE not in pages.send(RECORD)["released"]
    assert SECRET not in left(pages)

    page = otto.get(PAGE).send("Öffnung bestätigen")
    assert "Die Öffnung gilt jetzt" in page.text
    assert page.tree.xpath("//span[contains(@class, 'kern-badge--success')]")
    assert SCOPE in pages.send(RECORD)["released"]
    assert SECRET in left(pages)

    page = anna.get(PAGE).send("Bestätigung zurücknehmen")
    assert "wartet auf die zweite Bestätigung" in page.text
    assert "Anna Amt am" not in page.text
    assert SECRET not in left(pages)


def test_the_same_person_twice_is_one_also_from_another_browser(pages, anna):
    again = pages.visit(UserRole.OFFICE, login="anna", name="Anna Amt")
    anna.post(CONFIRM, FORM)
    assert "wartet auf die zweite Bestätigung" in again.post(CONFIRM, FORM).text
    assert [entry.event for entry in audit_page(pages.gateway.store).entries].count(EventName.OPENING_CONFIRMED) == 1


def test_nobody_takes_back_what_another_confirmed(pages, anna, otto):
    anna.post(CONFIRM, FORM)
    assert "bestätigt von Anna Amt" in otto.post(WITHDRAW, FORM).text


@pytest.mark.parametrize("path", [CONFIRM, WITHDRAW])
@pytest.mark.parametrize(
    "form",
    [
        FORM | {"scope": "asylum.grounds"},
        FORM | {"scope": "language.level"},
        FORM | {"scope": ""},
        FORM | {"partner": ABH},
        FORM | {"partner": "jobcenter-backnang"},
        {"scope": SCOPE},
        {"x": "y"},
    ],
)
def test_what_the_configuration_does_not_name_cannot_be_confirmed(pages, anna, path, form):
    assert anna.post(path, form, follow=False).status == 404
    with pages.gateway.store.reading() as tx:
        assert tx.openings.all() == {}


@pytest.mark.parametrize("config", [SINGLE])
def test_where_the_configuration_is_enough_it_holds_and_asks_for_nobody(pages, anna):
    page = anna.get(PAGE)
    assert "Gilt ohne Bestätigung" in page.text
    assert page.tree.xpath("//main//form") == []
    assert anna.post(CONFIRM, FORM, follow=False).status == 404


@pytest.mark.parametrize("config", [CONFIG])
def test_where_nothing_is_opened_the_page_says_so(anna):
    assert "Die Konfiguration öffnet nichts" in anna.get(PAGE).text


@pytest.mark.parametrize("role", [UserRole.LIAISON, UserRole.INTEGRATION_MANAGER])
def test_no_other_role_looks_or_confirms(pages, role):
    browser = pages.visit(role)
    answers = [browser.get(PAGE, follow=False), browser.post(CONFIRM, FORM, follow=False), browser.post(WITHDRAW, FORM, follow=False)]
    assert {answer.status for answer in answers} == {403}
    with pages.gateway.store.reading() as tx:
        assert tx.openings.all() == {}


@pytest.mark.parametrize("path", [CONFIRM, WITHDRAW])
def test_it_takes_a_fresh_proof_of_who_confirms(pages, path):
    browser = pages.visit(UserRole.OFFICE, confirmed=False)
    answer = browser.post(path, FORM, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/confirm")


@pytest.mark.parametrize("path", [CONFIRM, WITHDRAW])
def test_another_site_confirms_nothing(pages, anna, path):
    answer = anna.post(path, FORM, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://boese.example"}, follow=False)
    assert answer.status == 403


def test_what_a_revoked_colleague_confirmed_is_shown_no_more(pages, anna, otto):
    otto.post(CONFIRM, FORM)
    user = pages.gateway.store.people.users.by_login("otto")
    pages.gateway.store.people.users.revoke(user.id, pages.now, "operator")
    assert "Otto Amt" not in anna.get(PAGE).text
    assert "wartet auf die zweite Bestätigung" in anna.post(CONFIRM, FORM).text


def test_the_page_speaks_english_too(anna):
    page = anna.get(PAGE, headers={"Accept-Language": "en"})
    assert "Confirm opening" in page.text
    assert (page.title, page.tree.get("lang")) == ("Four eyes", "en")
