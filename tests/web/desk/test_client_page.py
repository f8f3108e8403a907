"""The block about a client's own page: made when the client wishes it, opened with a number that is shown once, locked in one click."""

import re

import pytest

from imgate.exchange.client_page import TRIES, code_on_copy, in_groups, open_page, state_of_page
from imgate.storage.audit_pages import audit_page
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CLIENT
from tests.web.desk.opening import opened

NUMBER = re.compile(r"\b\d{4} \d{4}\b")
ACTS = ("make", "number", "lock", "renew")


@pytest.fixture
def declaration(pages):
    return pages.declare("language.level")


def case(browser):
    return browser.get(opened(browser))


def made(browser):
    return case(browser).send("Seite anlegen")


def given(browser):
    """Have a number given; what stands on the page is the number."""
    page = case(browser).send("Neue Nummer geben")
    return NUMBER.search(page.text)[0].replace(" ", "")


def test_there_is_no_page_before_somebody_makes_one(pages, declaration):
    text = case(pages.manager()).text
    assert "Zugang zur eigenen Seite" in text
    assert state_of_page(pages.corridor, CLIENT) is None


def test_it_is_made_in_one_click_and_the_code_stands_on_copies_not_on_the_screen(pages, declaration):
    page = made(pages.manager())
    code = code_on_copy(pages.corridor, declaration)
    assert "Der Code steht jetzt auf jeder neuen Kopie." in page.text
    assert code not in page.answer.text
    assert in_groups(code) not in page.answer.text


def test_for_somebody_without_a_declaration_there_is_nothing_to_make(pages):
    page = case(pages.manager())
    assert "Eine eigene Seite gibt es erst, wenn es eine Erklärung gibt." in page.text
    assert "Seite anlegen" not in page.text


def test_the_number_is_shown_once_and_opens_the_page(pages, declaration):
    browser = pages.manager()
    made(browser)
    page = case(browser).send("Neue Nummer geben")
    number = NUMBER.search(page.text)[0]
    assert page.headers["cache-control"] == "no-store"
    assert "steht nur jetzt hier" in page.text
    assert open_page(pages.corridor, code_on_copy(pages.corridor, declaration), number)
    assert NUMBER.search(case(browser).text) is None
    assert "Die Nummer gilt bis 01.04.2026" in case(browser).text


def test_another_number_is_another(pages, declaration):
    browser = pages.manager()
    made(browser)
    first, second = given(browser), given(browser)
    assert first != second
    assert open_page(pages.corridor, code_on_copy(pages.corridor, declaration), first) is None


def test_a_number_whose_time_is_over_is_none(pages, declaration):
    browser = pages.manager()
    made(browser)
    given(browser)
    pages.later(days=31)
    assert "Zurzeit gilt keine Nummer." in case(pages.manager()).text


def test_five_wrong_numbers_are_told_and_another_number_unlocks(pages, declaration):
    browser = pages.manager()
    made(browser)
    wrong = f"{(int(given(browser)) + 1) % 10**8:08}"
    for _ in range(TRIES):
        open_page(pages.corridor, code_on_copy(pages.corridor, declaration), wrong)
    assert "nach fünf falschen Nummern gesperrt" in case(browser).text
    given(browser)
    assert "gesperrt" not in case(browser).text


def test_locking_takes_the_number_away(pages, declaration):
    browser = pages.manager()
    made(browser)
    number = given(browser)
    page = case(browser).send("Seite sperren")
    assert "Die Seite ist gesperrt." in page.text
    assert "Zurzeit gilt keine Nummer." in page.text
    assert open_page(pages.corridor, code_on_copy(pages.corridor, declaration), number) is None


def test_another_code_kills_the_copies_that_are_out(pages, declaration):
    browser = pages.manager()
    made(browser)
    before = code_on_copy(pages.corridor, declaration)
    case(browser).send("Neuen Code machen (frühere Kopien öffnen dann nichts mehr)")
    assert code_on_copy(pages.corridor, declaration) != before


def test_the_log_names_who_did_it(pages, declaration):
    browser = pages.manager()
    made(browser)
    given(browser)
    vera = pages.user(UserRole.INTEGRATION_MANAGER).id
    entries = {entry.event: entry.actor for entry in audit_page(pages.gateway.store, None, 50).entries}
    assert entries["client_page_made"] == entries["client_page_factor"] == vera


@pytest.mark.parametrize("act", ["number", "lock", "renew"])
def test_without_a_page_there_is_nothing_to_do(pages, declaration, act):
    browser = pages.manager()
    assert browser.post(f"{opened(browser)}/own-page/{act}").status == 404


@pytest.mark.parametrize("act", ACTS)
def test_a_client_who_was_not_opened_in_this_session_is_not_there(pages, declaration, act):
    other = opened(pages.manager())
    pages.later(minutes=1)
    assert pages.manager().post(f"{other}/own-page/{act}").status == 404
    assert state_of_page(pages.corridor, CLIENT) is None


@pytest.mark.parametrize("role", [UserRole.LIAISON, UserRole.OFFICE])
@pytest.mark.parametrize("act", ACTS)
def test_no_other_role_gives_access_to_a_clients_page(pages, declaration, role, act):
    path = opened(pages.manager())
    assert pages.visit(role).post(f"{path}/own-page/{act}").status == 403
    assert state_of_page(pages.corridor, CLIENT) is None


@pytest.mark.parametrize("act", ACTS)
def test_nobody_who_is_not_signed_in_does(pages, declaration, act):
    path = opened(pages.manager())
    assert pages.stranger().post(f"{path}/own-page/{act}").path == "/pages/sign-in"
    assert state_of_page(pages.corridor, CLIENT) is None


@pytest.mark.parametrize("act", ACTS)
def test_no_other_site_does(pages, declaration, act):
    browser = pages.manager()
    path = opened(browser)
    assert browser.post(f"{path}/own-page/{act}", headers={"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("act", ACTS)
def test_a_link_does_nothing(pages, declaration, act):
    browser = pages.manager()
    assert browser.get(f"{opened(browser)}/own-page/{act}").status == 405
