"""The way in and out, and what every page has in common."""

import pytest

from imgate.vocabulary.words import UserRole


def test_a_stranger_is_led_to_the_sign_in_and_from_there_back(pages):
    answer = pages.stranger().get("/pages", follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/sign-in?next=/pages")


def test_a_stranger_who_sends_a_form_is_led_to_the_sign_in_without_a_way_back(pages):
    answer = pages.stranger().post("/pages/inbox/00000000-0000-0000-0000-000000000000/ack", follow=False)
    assert answer.status in {303, 404}
    assert "next" not in answer.headers.get("location", "")


@pytest.mark.parametrize("role", UserRole)
def test_each_role_begins_on_its_own_page(pages, role):
    answer = pages.visit(role).get("/pages", follow=False)
    start = {"liaison": "/pages/inbox", "integration-manager": "/pages/desk", "office": "/pages/office"}[role]
    assert (answer.status, answer.headers["location"]) == (303, start)


def test_an_unknown_address_is_a_page_that_says_so_and_nothing_of_what_was_asked(pages):
    answer = pages.manager().get("/pages/gibt-es-nicht-Krankheit")
    assert answer.status == 404
    assert answer.title == "Das hat nicht geklappt"
    assert "Krankheit" not in answer.answer.text.replace('value="/pages/gibt-es-nicht-Krankheit"', "")


def test_whoever_signs_out_is_signed_out_in_the_database_too(pages):
    browser = pages.manager()
    token = browser.http.cookies["imgate"]
    browser.post("/pages/sign-out", follow=False)
    again = pages.stranger()
    again.http.cookies.set("imgate", token)
    assert again.get("/pages", follow=False).headers["location"].startswith("/pages/sign-in")


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "é", "a" * 5000])
def test_a_cookie_that_is_no_session_is_nobody(pages, token):
    browser = pages.stranger()
    answer = browser.get("/pages", follow=False, headers={"Cookie": f"imgate={token}".encode()})
    assert answer.headers["location"].startswith("/pages/sign-in")


def test_a_liaison_whose_partner_is_configured_no_more_is_nobody(pages):
    answer = pages.visit(UserRole.LIAISON, partner="jobcenter-stuttgart", login="fremd").get("/pages", follow=False)
    assert answer.headers["location"].startswith("/pages/sign-in")


def test_the_house_speaks_german_unless_the_browser_or_the_person_says_english(pages):
    browser = pages.manager()
    assert browser.get("/pages/x").tree.get("lang") == "de"
    assert browser.get("/pages/x", headers={"Accept-Language": "fr, en;q=0.8, de;q=0.5"}).tree.get("lang") == "en"
    browser.post("/pages/language", {"language": "en", "next": "/pages/desk"}, follow=False)
    english = browser.get("/pages/x")
    assert (english.tree.get("lang"), english.title) == ("en", "That did not work")


def test_a_language_that_the_house_does_not_speak_is_not_kept(pages):
    answer = pages.stranger().post("/pages/language", {"language": 'xx"><script>', "next": "/pages"}, follow=False)
    assert "set-cookie" not in answer.headers


def test_a_static_file_is_kept_for_good_under_the_address_that_its_content_gives_it(pages):
    browser = pages.stranger()
    page = browser.get("/pages/x")
    (style,) = [href for href in page.tree.xpath("//link/@href") if href.endswith("imgate.css")]
    answer = browser.get(style)
    assert (answer.status, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "000000000000/imgate.css",
        "x/../../app.py",
        "x/%2e%2e/app.py",
        "x/app.py",
        "x/",
        "x/kern/../imgate.css",
        "x//etc/passwd.css",
        "x/nirgends.css",
    ],
)
def test_nothing_else_is_a_static_file(pages, path):
    assert pages.stranger().get(f"/pages/static/{path}").status == 404
