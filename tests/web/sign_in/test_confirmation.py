"""Showing once more that it is they: with what the person has, by the person alone, and with a new token afterwards."""

import pyotp
import pytest

from imgate.storage.users import TRIES
from imgate.vocabulary.words import UserRole
from imgate.web.sign_in.one_time_codes import spelled
from imgate.web.sign_in.passwords import Passwords
from tests.web.sign_in.authenticator import Authenticator, b64, begin, post
from tests.web.sign_in.conftest import PASSWORD, is_signed_in, send, told

PASSKEY = "/pages/confirm/passkey"


@pytest.fixture
def device(pages):
    return Authenticator(pages.gateway.url, "127.0.0.1")


@pytest.fixture
def later(pages, person, device):
    """Vera with password and passkey, whose proof is half an hour old."""
    known = person()
    browser = known.sign_in()._browser
    post(browser, "/pages/account/passkeys", {"credential": device.create(begin(browser, "/pages/account/passkeys/begin"))})
    for _ in range(2):
        pages.later(minutes=14)
        browser.get("/pages/account")
    known.browser = browser
    return known


def is_confirmed(browser):
    return post(browser, "/pages/account/passkeys/begin").status_code == 200


def confirm(known, **changes):
    page = known.browser.get("/pages/confirm?next=/pages/account")
    return send(page, "Bestätigen", **({"password": PASSWORD, "code": known.code()} | changes))


def test_a_fresh_sign_in_needs_no_confirmation(person):
    assert is_confirmed(person().sign_in()._browser)


def test_password_and_code_confirm_and_lead_back(later):
    assert not is_confirmed(later.browser)
    answer = confirm(later)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/account")
    assert is_confirmed(later.browser)
    assert told(later.pages, "user_confirmed")[0][1] == later.id


def test_a_passkey_confirms_and_leads_back(later, device):
    credential = device.get(begin(later.browser, f"{PASSKEY}/begin"))
    answer = post(later.browser, PASSKEY, {"credential": credential, "next": "/pages/account"})
    assert answer.json() == {"to": "/pages/account"}
    assert is_confirmed(later.browser)


def test_only_the_persons_own_passkeys_are_asked_for(later, device):
    asked = begin(later.browser, f"{PASSKEY}/begin")
    assert len(asked["allowCredentials"]) == 1


@pytest.mark.parametrize("way", ["password", "passkey"])
def test_the_token_from_before_is_dead(pages, later, device, way):
    before = later.browser.http.cookies["imgate"]
    if way == "password":
        confirm(later)
    else:
        post(later.browser, PASSKEY, {"credential": device.get(begin(later.browser, f"{PASSKEY}/begin"))})
    old = pages.stranger()
    old.http.cookies.set("imgate", before)
    assert not is_signed_in(old)
    assert is_signed_in(later.browser)


@pytest.mark.parametrize("wrong", [{"password": "falsch"}, {"code": "000000"}, {"password": "", "code": ""}])
def test_a_wrong_proof_confirms_nothing_and_ends_nothing(later, wrong):
    answer = confirm(later, **wrong)
    assert answer.status == 422
    assert "Die Bestätigung hat nicht geklappt." in answer.text
    assert answer.tree.xpath("//form[@action='/pages/confirm']/input[@name='next']/@value") == ["/pages/account"]
    assert not is_confirmed(later.browser)
    assert is_signed_in(later.browser)


def test_a_code_that_signed_in_does_not_confirm(pages, person):
    known = person()
    known.browser = known.sign_in()._browser
    assert confirm(known).status == 422
    pages.later(seconds=30)
    assert confirm(known).status == 303


def test_tries_here_lock_as_tries_at_the_sign_in_do(later):
    for _ in range(TRIES):
        confirm(later, code="")
    assert confirm(later).status == 422
    later.pages.later(minutes=15)
    assert confirm(later).status == 303


def test_a_confirmation_lets_failures_count_anew_and_is_no_second_sign_in(later):
    signed_in = told(later.pages, "user_signed_in")
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert confirm(later, code="").status == 422
        later.pages.later(minutes=1)
        assert confirm(later).status == 303
    assert later.row.failures == 0
    assert told(later.pages, "user_signed_in") == signed_in


def test_a_colleagues_password_and_code_confirm_nothing(pages, person, later):
    otto, secret, password = person(UserRole.OFFICE, "otto", "Otto Amt"), b"another app's secret", "ganz ein anderes Wort"
    otto.people.users.set_password(otto.id, Passwords().kept(password), secret, pages.now)
    code = pyotp.TOTP(spelled(secret)).at(pages.now)
    assert later.browser.post("/pages/confirm", {"login": "otto", "password": password, "code": code}, follow=False).status == 422
    assert otto.sign_in(password=password, code=code).status == 303


def test_a_colleagues_passkey_confirms_nothing(pages, person, later):
    otto, his = person(UserRole.OFFICE, "otto", "Otto Amt"), Authenticator(pages.gateway.url, "127.0.0.1")
    browser = otto.sign_in()._browser
    post(browser, "/pages/account/passkeys", {"credential": his.create(begin(browser, "/pages/account/passkeys/begin"))})
    credential = his.get(begin(later.browser, f"{PASSKEY}/begin"))
    assert post(later.browser, PASSKEY, {"credential": credential}).status_code == 422
    assert not is_confirmed(later.browser)


def test_a_passkey_that_was_asked_for_by_name_need_not_say_whose_it_is(later, device):
    device.handle = None
    assert post(later.browser, PASSKEY, {"credential": device.get(begin(later.browser, f"{PASSKEY}/begin"))}).status_code == 200
    assert is_confirmed(later.browser)


@pytest.mark.parametrize("handle", ["", "AAAA", b64(bytes(16))])
def test_a_passkey_that_says_it_is_somebody_elses_confirms_nothing(later, device, handle):
    credential = device.get(begin(later.browser, f"{PASSKEY}/begin"))
    credential["response"]["userHandle"] = handle
    assert post(later.browser, PASSKEY, {"credential": credential}).status_code == 422
    assert not is_confirmed(later.browser)


def test_a_colleagues_passkey_that_does_not_say_whose_it_is_confirms_nothing(pages, person, later):
    otto, his = person(UserRole.OFFICE, "otto", "Otto Amt"), Authenticator(pages.gateway.url, "127.0.0.1")
    browser = otto.sign_in()._browser
    post(browser, "/pages/account/passkeys", {"credential": his.create(begin(browser, "/pages/account/passkeys/begin"))})
    his.handle = None
    assert post(later.browser, PASSKEY, {"credential": his.get(begin(later.browser, f"{PASSKEY}/begin"))}).status_code == 422
    assert not is_confirmed(later.browser)


@pytest.mark.parametrize("path", ["/pages/confirm", "/pages/account/language", "/pages/account/passkeys/remove"])
def test_forms_about_the_sign_in_are_small(person, path):
    assert person().sign_in()._browser.post(path, {"password": "x" * 70_000}, follow=False).status == 413


def test_an_answer_for_the_sign_in_confirms_nothing(later, device):
    credential = device.get(begin(later.browser, "/pages/sign-in/passkey/begin"))
    assert post(later.browser, PASSKEY, {"credential": credential}).status_code == 422


def test_a_stranger_has_nothing_to_confirm(pages):
    browser = pages.stranger()
    assert browser.get("/pages/confirm", follow=False).headers["location"] == "/pages/sign-in?next=/pages/confirm"
    assert browser.post("/pages/confirm", {"password": PASSWORD, "code": "1"}, follow=False).headers["location"] == "/pages/sign-in"
    assert browser.post(f"{PASSKEY}/begin", {}, follow=False).headers["location"] == "/pages/sign-in"


def test_a_session_that_ended_meanwhile_leads_to_the_sign_in(pages, later):
    page = later.browser.get("/pages/confirm")
    later.people.sessions.end_all(later.id)
    answer = send(page, "Bestätigen", password=PASSWORD, code=later.code())
    assert answer.headers["location"] == "/pages/sign-in"


def test_the_confirmation_holds_for_a_quarter_of_an_hour(pages, later):
    confirm(later)
    pages.later(minutes=15)
    assert is_confirmed(later.browser)
    pages.later(minutes=1)
    assert not is_confirmed(later.browser)


def test_only_the_ways_that_a_person_has_are_shown(pages, later):
    page = later.browser.get("/pages/confirm")
    assert "Mit Passwort und Code" in page.text
    assert "Mit einem Passkey" in page.text
    nothing = pages.visit(UserRole.OFFICE).get("/pages/confirm")
    assert "keine Anmeldung eingerichtet" in nothing.text
    assert not nothing.tree.xpath("//input[@type='password']")
