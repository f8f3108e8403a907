"""Sessions: whose they are, what the cookie is, when they end, and that nobody can have one made for somebody else."""

import argon2.profiles
import pytest

from imgate.vocabulary.words import UserRole
from imgate.web.sign_in import passwords
from tests.exchange.conftest import CONFIG
from tests.web.sign_in.conftest import Person, is_signed_in


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "RFC_9106_LOW_MEMORY", argon2.profiles.CHEAPEST)


@pytest.fixture
def vera(pages):
    return Person(pages, UserRole.INTEGRATION_MANAGER, "vera", "Vera Beispiel")


def cookies(answer):
    return answer.headers.get_list("set-cookie")


@pytest.mark.parametrize("planted", ["x", "0" * 43, "planted-by-somebody-else-in-this-browser-000"])
def test_a_token_that_somebody_planted_is_never_adopted(pages, vera, planted):
    browser = pages.stranger()
    browser.http.cookies.set("imgate", planted, domain="127.0.0.1")
    answer = vera.sign_in(browser)
    assert not cookies(answer)[0].startswith(f"imgate={planted};")
    thief = pages.stranger()
    thief.http.cookies.set("imgate", planted)
    assert not is_signed_in(thief)


def test_a_running_session_that_somebody_planted_is_dead_afterwards(pages, vera):
    mallory = Person(pages, UserRole.OFFICE, "mallory", "Mallory Amt")
    theirs = mallory.sign_in()._browser
    token = theirs.http.cookies["imgate"]
    browser = pages.stranger()
    page = browser.get("/pages/sign-in")  # the form was open before the token was planted
    browser.http.cookies.set("imgate", token, domain="127.0.0.1", path="/")
    page.send("Anmelden", login="vera", password="vier Wolken über Backnang", code=vera.code())
    assert not is_signed_in(theirs)
    thief = pages.stranger()
    thief.http.cookies.set("imgate", token)
    assert not is_signed_in(thief)


def test_each_sign_in_has_a_token_of_its_own(pages, vera):
    first = cookies(vera.sign_in())
    pages.later(minutes=1)
    assert first != cookies(vera.sign_in())


def test_a_session_ends_when_nobody_uses_it(pages, vera):
    browser = vera.sign_in()._browser
    pages.later(minutes=29)
    assert is_signed_in(browser)
    pages.later(minutes=29)
    assert is_signed_in(browser)
    pages.later(minutes=30)
    assert not is_signed_in(browser)


def test_a_session_ends_after_ten_hours_however_much_it_is_used(pages, vera):
    browser = vera.sign_in()._browser
    for _ in range(23):
        pages.later(minutes=26)
        assert is_signed_in(browser)
    pages.later(minutes=2)
    assert not is_signed_in(browser)


def test_whoever_is_revoked_is_out_with_the_next_click(pages, vera):
    browser = vera.sign_in()._browser
    assert is_signed_in(browser)
    vera.people.users.revoke(vera.id, pages.now, "operator")
    assert not is_signed_in(browser)
    assert browser.get("/pages/account", follow=False).status == 303
    assert browser.post("/pages/account/language", {"language": "en"}, follow=False).headers["location"] == "/pages/sign-in"


def test_a_session_carries_no_role_of_its_own(pages, vera):
    browser = vera.sign_in()._browser
    for path in ("/pages/account", "/pages/confirm"):
        assert browser.get(path).status == 200
    assert browser.get("/pages/office").status in {403, 404}
    assert browser.get("/pages/inbox").status in {403, 404}


@pytest.mark.parametrize("pair", ["imgate=a; imgate=b", "imgate=", "imgate", "IMGATE=x", "imgate==", "imgate=\x01"])
def test_an_odd_cookie_is_nobody(pages, pair):
    answer = pages.stranger().get("/pages", follow=False, headers={"Cookie": pair.encode()})
    assert answer.headers["location"].startswith("/pages/sign-in")


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(pages, vera):
    (cookie,) = [each for each in cookies(vera.sign_in()) if each.startswith("imgate=")]
    assert [part.strip().lower() for part in cookie.split(";")[1:]] == ["httponly", "path=/", "samesite=lax"]


def test_a_session_that_was_signed_out_is_dead_for_whoever_kept_its_token(pages, vera):
    browser = vera.sign_in()._browser
    token = browser.http.cookies["imgate"]
    answer = browser.post("/pages/sign-out", follow=False)
    assert answer.headers["clear-site-data"] == '"cache"'
    again = pages.stranger()
    again.http.cookies.set("imgate", token)
    assert not is_signed_in(again)


@pytest.mark.parametrize("role", UserRole)
@pytest.mark.parametrize("path", ["/pages/confirm/passkey/begin", "/pages/confirm/passkey", "/pages/account/passkeys/begin"])
def test_what_belongs_to_a_session_asks_for_one(pages, role, path):
    answer = pages.stranger().post(path, {}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/sign-in")


class TestByHttps:
    """What changes where the gateway is reached by https, as it is."""

    @pytest.fixture
    def config(self):
        return CONFIG.replace("[database]", 'url = "https://imgate.example"\n\n[database]')

    def test_the_cookie_is_bound_to_this_host_and_to_https(self, pages, vera):
        (cookie,) = [each for each in cookies(vera.sign_in()) if "imgate=" in each]
        name, *flags = (part.strip() for part in cookie.split(";"))
        assert name.startswith("__Host-imgate=")
        assert [flag.lower() for flag in flags] == ["httponly", "path=/", "samesite=lax", "secure"]

    def test_a_cookie_without_the_prefix_is_nobody(self, pages, vera):
        token = vera.sign_in()._browser.http.cookies["__Host-imgate"]
        other = pages.stranger()
        other.http.cookies.set("imgate", token)
        assert not is_signed_in(other)

    @pytest.mark.parametrize("path", ["/pages/sign-in/passkey/begin"])
    def test_what_waits_between_two_steps_is_bound_as_well(self, pages, path):
        (cookie,) = cookies(pages.stranger().post(path, {}, follow=False))
        assert cookie.startswith("__Host-imgate-passkey=")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "domain" not in cookie.lower()

    def test_browsers_are_told_to_come_by_https_only(self, pages):
        assert pages.stranger().get("/pages/sign-in").headers["strict-transport-security"] == "max-age=31536000"
