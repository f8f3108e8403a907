"""What stands before every page, tried on every route that there is: other sites, frames, scripts, and ways that lead away."""

import re
from urllib.parse import quote

import argon2.profiles
import pytest
from fastapi.routing import APIRoute

from imgate.vocabulary.words import UserRole
from imgate.web.paths import local_path
from imgate.web.rendering import has_kern, static_url
from imgate.web.sign_in import passwords
from tests.web.liaison.waiting import waiting
from tests.web.sign_in.conftest import Person

ID = "00000000-0000-0000-0000-000000000000"
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "https://evil.example/pages",
    "http:/pages",
    "/pages//evil.example",
    "/pages/../../evil",
    "/pages/..",
    "/pages/%2e%2e/x",
    "/pages@evil.example",
    "/pages:80@evil.example",
    "@evil.example",
    ".evil.example",
    "/pagesevil",
    "/v1/clients",
    "/pages?next=//evil.example",
    "/pages#x",
    "/pages/x?y=z",
    "/pages\n//evil.example",
    "/pages/\r\nSet-Cookie: x=y",
    "\t/pages",
    "/pages\x00",
    "/pages/é",
    "/pages/" + "x" * 300,
    "javascript:alert(1)",
    "data:text/html,x",
    "%2f%2fevil.example",
    "pages",
]


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "RFC_9106_LOW_MEMORY", argon2.profiles.CHEAPEST)


def routes(pages):
    """Every path of the pages with its methods, ids filled in."""
    found = []
    for route in _flat(pages.app._pages._app.routes):
        path = re.sub(r"\{[^}]+\}", ID, route.path)
        found += [(method, path) for method in sorted(route.methods - {"HEAD"})]
    return found


def _flat(routes):
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _flat(getattr(route, "routes", ()) or getattr(getattr(route, "original_router", None), "routes", ()))


def ask(browser, method, path, **headers):
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.http.request(method, path, headers=said)


def test_the_routes_of_every_room_are_looked_at(pages):
    paths = {path for _, path in routes(pages)}
    assert {"/pages", "/pages/sign-in", "/pages/account", "/pages/sign-out", "/pages/confirm/passkey"} <= paths
    assert len(paths) > 15


def visitors(pages):
    return [pages.stranger(), *(pages.visit(role) for role in UserRole)]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "OWN"},
        {"Sec_Fetch_Site": "", "Origin": "OWN"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "OWN.evil.example"},
        {"Origin": "OWN:1"},
        {"Origin": "https://OWNHOST"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "same-origin, cross-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {"Referer": "OWN/pages"},
    ],
    ids=str,
)
def test_no_other_site_can_have_a_browser_change_anything(pages, said):
    own = pages.gateway.url
    said = {name: value.replace("OWNHOST", own.partition("//")[2]).replace("OWN", own) for name, value in said.items()}
    posts = [(method, path) for method, path in routes(pages) if method != "GET"]
    assert len(posts) > 8
    for browser in (pages.stranger(), pages.manager()):
        for method, path in posts:
            answer = ask(browser, method, path, Content_Type="text/plain", **said)
            assert (answer.status_code, answer.text) == (403, "Diese Anfrage kommt von einer anderen Seite.\n"), (method, path)
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/json", ""])
def test_a_form_is_sent_as_forms_are_or_not_taken(pages, kind):
    for path in ("/pages/sign-in", "/pages/enrol", "/pages/language"):
        answer = ask(pages.stranger(), "POST", path, Sec_Fetch_Site="same-origin", Content_Type=kind)
        assert answer.status_code == 415


@pytest.mark.parametrize("said", [{"Sec_Fetch_Site": "same-origin"}, {"Origin": "OWN"}, {"Sec_Fetch_Site": "same-origin", "Origin": "OWN"}])
def test_a_form_of_ours_comes_through(pages, said):
    said = {name: value.replace("OWN", pages.gateway.url) for name, value in said.items()}
    assert ask(pages.stranger(), "POST", "/pages/sign-out", **said).status_code == 303


@pytest.mark.parametrize("dest", ["iframe", "frame", "embed", "object", "fencedframe"])
@pytest.mark.parametrize("site", ["same-origin", "cross-site", "none"])
def test_no_page_is_given_into_a_frame(pages, dest, site):
    for method, path in routes(pages):
        if method == "GET":
            answer = ask(pages.manager(), "GET", path, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest=dest)
            assert answer.status_code == 403, path


@pytest.mark.parametrize("mode", ["no-cors", "cors", "same-origin", "websocket", ""])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_loads_nothing_from_here(pages, site, mode):
    for method, path in routes(pages):
        if method == "GET":
            answer = ask(pages.manager(), "GET", path, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest="image")
            assert answer.status_code == 403, path


def test_a_link_on_another_site_may_lead_here(pages):
    answer = ask(
        pages.stranger(), "GET", "/pages/sign-in", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document"
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("said", [{"Sec_Purpose": "prefetch"}, {"Sec_Purpose": "prefetch;prerender"}, {"Purpose": "Prefetch"}], ids=str)
@pytest.mark.parametrize("site", ["cross-site", "same-origin", "none"])
def test_nothing_is_given_out_before_somebody_wants_to_see_it(pages, said, site):
    waiting(pages)
    browser, before = pages.liaison(), pages.disclosures()
    for method, path in routes(pages):
        if method == "GET":
            answer = ask(browser, method, path, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document", **said)
            assert (answer.status_code, answer.text) == (503, "Diese Seite wird nicht im Voraus geladen.\n"), path
    assert pages.disclosures() == before


def check_headers(answer, where):
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'", where
    assert policy["frame-ancestors"] == "'none'", where
    assert policy["base-uri"] == "'none'", where
    assert policy["form-action"] == "'self'", where
    assert policy["script-src"] == "'self'", where
    assert policy["style-src"] == "'self'", where
    assert answer.headers["x-frame-options"] == "DENY", where
    assert answer.headers["x-content-type-options"] == "nosniff", where
    assert answer.headers["referrer-policy"] == "same-origin", where
    assert answer.headers["cross-origin-opener-policy"] == "same-origin", where
    assert answer.headers["cross-origin-resource-policy"] == "same-origin", where
    assert answer.headers["x-robots-tag"] == "noindex, nofollow", where
    if "/static/" not in where[1] or answer.status_code != 200:
        assert answer.headers["cache-control"] == "no-store", where
    for name in answer.headers:
        assert not name.startswith("access-control-"), where


def test_every_answer_of_every_route_can_be_framed_nowhere_and_runs_nothing_foreign(pages):
    for browser in visitors(pages):
        for method, path in routes(pages):
            answer = ask(browser, method, path, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="navigate")
            check_headers(answer, (method, path))
            assert answer.status_code < 500, (method, path, answer.status_code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/pages/gibt-es-nicht"),
        ("GET", "/pages/"),
        ("GET", "/pages/%00"),
        ("GET", "/pages/sign-in/"),
        ("PUT", "/pages/sign-in"),
        ("DELETE", "/pages/account"),
        ("OPTIONS", "/pages/sign-in"),
        ("HEAD", "/pages/sign-in"),
        ("TRACE", "/pages/sign-in"),
        ("GET", "/pages/static/000000000000/imgate.css"),
    ],
)
def test_errors_have_the_same_headers(pages, method, path):
    answer = ask(pages.stranger(), method, path, Sec_Fetch_Site="same-origin", Origin=pages.gateway.url)
    check_headers(answer, (method, path))


def test_static_files_have_the_same_headers(pages):
    page = pages.stranger().get("/pages/sign-in")
    files = [*page.tree.xpath("//link/@href"), *page.tree.xpath("//script/@src")]
    assert any(file.endswith("passkey.js") for file in files)
    for file in files:
        answer = ask(pages.stranger(), "GET", file, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="no-cors")
        assert answer.status_code == 200
        check_headers(answer, ("GET", file))


def test_fonts_are_found_where_their_style_sheet_looks_for_them(pages):
    if not has_kern():
        pytest.skip("the KERN design system is not bundled (make install, with npm)")
    browser, sheet = pages.stranger(), static_url("kern/fonts.css")
    fonts = re.findall(r'url\("([^"]+)"\)', browser.get(sheet).text)
    assert fonts
    for font in fonts:
        assert browser.get(f"{sheet.rpartition('/')[0]}/{font}").headers["content-type"] == "font/woff2"
        assert browser.get(f"/pages/static/000000000000/kern/{font}").status == 404


def test_no_page_that_can_be_reached_has_a_script_or_a_style_in_it(pages):
    for browser in visitors(pages):
        for method, path in routes(pages):
            if method != "GET":
                continue
            page = browser.get(path)
            if page.tree is not None:
                found = page.tree.xpath("//script[not(@src)]|//style|//*[@style]|//*[starts-with(name(@*), 'on')]|//iframe|//base")
                assert not found, path
                assert all(src.startswith("/pages/static/") for src in page.tree.xpath("//@src")), path
                assert all(form.get("action", "").startswith("/pages") for form in page.tree.xpath("//form[@action]")), path


@pytest.mark.parametrize("way", ELSEWHERE)
def test_nothing_but_a_page_of_ours_is_a_way_back(way):
    assert local_path(way) is None


@pytest.mark.parametrize("way", ["/pages", "/pages/clients", f"/pages/inbox/{ID}"])
def test_a_page_of_ours_is_a_way_back(way):
    assert local_path(way) == way


# A form's field has no blanks at its ends: what is left of this one is a page of ours.
@pytest.mark.parametrize("way", sorted({*ELSEWHERE, quote("//evil.example", safe="")} - {"\t/pages"}))
def test_no_form_leads_away_after_it_was_sent(pages, way):
    vera = Person(pages, UserRole.INTEGRATION_MANAGER, "vera", "Vera Beispiel")
    browser = pages.stranger()
    form = {"login": "vera", "password": "vier Wolken über Backnang", "code": vera.code(), "next": way}
    assert browser.post("/pages/sign-in", form, follow=False).headers["location"] == "/pages/desk"
    assert browser.post("/pages/language", {"language": "en", "next": way}, follow=False).headers["location"] == "/pages"
    pages.later(minutes=1)
    form["code"] = vera.code()
    assert browser.post("/pages/confirm", form, follow=False).headers["location"] == "/pages/desk"


@pytest.mark.parametrize("way", ELSEWHERE)
@pytest.mark.parametrize("path", ["/pages/sign-in", "/pages/confirm"])
def test_no_page_repeats_a_way_that_leads_away(pages, way, path):
    browser = pages.manager() if path.endswith("confirm") else pages.stranger()
    page = browser.get(path, params={"next": way})
    assert page.status == 200
    assert "evil" not in page.answer.text
    assert "alert(1)" not in page.answer.text


def test_the_address_in_a_host_header_is_never_used(pages):
    for host in ("evil.example", "evil.example:80", "x@evil.example"):
        answer = pages.stranger().http.get("/pages", headers={"Host": host, "X-Forwarded-Host": host})
        assert answer.headers["location"] == "/pages/sign-in?next=/pages"
        assert "evil" not in pages.stranger().http.get("/pages/sign-in", headers={"Host": host, "X-Forwarded-Host": host}).text
