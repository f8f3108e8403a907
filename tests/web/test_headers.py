"""Every answer of every route carries the same guard, whatever it is: no page runs, loads, frames or keeps anything but what is ours."""

import re
from http.cookies import SimpleCookie
from importlib import resources

import lxml.html
import pytest

from imgate.exchange.context import Corridor
from imgate.http.body import BODY_MAX
from imgate.vocabulary.words import UserRole
from imgate.web import visitors
from imgate.web.rendering import Rendering
from tests.exchange.conftest import CONFIG
from tests.web.matrix import CLIENTS_PAGE, MANAGER, STRANGER, TABLE, VISITORS, form_of, inhabit
from tests.web.test_routes import NOWHERE, ask

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # not no-referrer: browsers would say `Origin: null` with our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# What else an answer may say of itself.
MAY = {
    *("content-security-policy", "cache-control", "content-length", "content-type", "content-disposition", "location", "allow"),
    *("set-cookie", "refresh", "clear-site-data", "vary", "strict-transport-security"),
}
KINDS = (
    *("text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json", "application/pdf", "application/xml", "text/calendar"),
    "application/zip",
)
COOKIE = re.compile(r"(__Host-|__Secure-)?imgate(-clients|-client|-language|-passkey|-enrolment|-openid|-[a-z]+)?")
_FOREIGN = re.compile(r"(?i)(?:https?:)?//[a-z0-9]")


def faults(answer, *, https=False):
    """Name what an answer should not say, or say and does not."""
    headers = answer.headers
    found = [f"{name}: {headers.get(name)}" for name, value in ALWAYS.items() if headers.get(name) != value]
    found += [name for name in headers if name not in MAY | ALWAYS.keys()]
    policy = dict(part.strip().partition(" ")[::2] for part in headers.get("content-security-policy", "").split(";"))
    found += [] if policy == POLICY else [f"policy {policy}"]
    is_static = "/static/" in str(answer.request.url) and answer.status_code == 200
    kept = "public, max-age=31536000, immutable" if is_static else "no-store"
    found += [] if headers.get("cache-control") == kept else [f"cache {headers.get('cache-control')}"]
    kind = headers.get("content-type")
    if answer.content and not is_static and (kind is None or not kind.startswith(KINDS)):
        found.append(f"kind {kind}")
    if answer.status_code in {302, 303, 307} and not re.fullmatch(r"/pages[/a-z0-9._?=&-]*", headers.get("location", "")):
        found.append(f"leads to {headers.get('location')}")
    if https != ("strict-transport-security" in headers):
        found.append("transport")
    return found + [fault for cookie in headers.get_list("set-cookie") for fault in cookie_faults(cookie, https=https)]


def cookie_faults(said, *, https):
    (morsel,) = SimpleCookie(said).values()
    name, found = morsel.key, []
    if not COOKIE.fullmatch(name):
        found.append(f"cookie {name}")
    if not morsel["httponly"] or morsel["samesite"].lower() not in {"lax", "strict"} or morsel["domain"]:
        found.append(f"flags of {name}")
    if https and not morsel["secure"]:
        found.append(f"{name} without Secure")
    if https and "language" not in name and not name.startswith(("__Host-", "__Secure-")):
        found.append(f"{name} without prefix")
    return found


def content_faults(page):
    """Name what of a page would run, look or load otherwise than by our files."""
    found = [
        each.tag for each in page.xpath("//script[not(@src)] | //style | //iframe | //object | //embed | //base | //meta[@http-equiv]")
    ]
    found += [f"{name}={value}" for name, value in _attributes(page) if name == "style" or name.startswith("on")]
    for name, value in _attributes(page):
        if name in {"src", "href", "action", "formaction", "srcset", "data", "poster", "background", "ping", "xlink:href"}:
            found += [] if value.startswith(("/pages", "#", "?")) or value == "" else [f"{name}={value[:60]}"]
    return found


def _attributes(page):
    return [(name.lower(), value) for each in page.iter() if isinstance(each.tag, str) for name, value in each.attrib.items()]


def everything(house, visitor, *, methods=("GET", "POST")):
    """Have every route answer a visitor, with ids that are and ids that are not there; what ends the session comes last."""
    browser = house.browser(visitor)
    routes = sorted(TABLE, key=lambda route: "sign-out" in route.path or route.path.endswith("/close"))
    for ids in (NOWHERE, NOWHERE | house.ids):
        for route in routes:
            if route.method in methods:
                yield route, browser, ask(browser, route, ids, data=form_of(route) if route.method == "POST" else None)


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_answer_of_every_route_is_guarded_and_every_page_loads_only_our_files(pages, visitor):
    wrong, seen = {}, set()
    for route, _, answer in everything(inhabit(pages), visitor):
        seen.add(answer.status_code)
        found = faults(answer)
        if answer.headers.get("content-type", "").startswith("text/html"):
            found += content_faults(lxml.html.fromstring(answer.text))
        if found:
            wrong[f"{route} {answer.status_code}"] = found
    assert wrong == {}
    assert {200, 303} < seen


@pytest.mark.parametrize("role", UserRole)
def test_a_fault_that_nobody_foresaw_is_guarded_and_says_nothing(pages, role, monkeypatch):
    def fail(*_):
        raise RuntimeError("K-2026-1101 Krankheit")

    browser = pages.visit(role)
    monkeypatch.setattr(visitors, "maybe_visitor", fail)
    for route in TABLE:
        if role in route.may and STRANGER not in route.may:
            answer = ask(browser, route, NOWHERE)
            assert (answer.status_code, faults(answer)) == (500, []), route
            assert "2026-1101" not in answer.text + str(answer.headers), route
            assert "internal_error" in answer.text, route


def test_a_fault_in_writing_the_very_page_is_no_page_and_says_nothing(pages, monkeypatch):
    def fail(*_):
        raise RuntimeError("K-2026-1101 Krankheit")

    monkeypatch.setattr(Rendering, "render", fail)
    answer = pages.stranger().get("/pages/sign-in").answer
    assert answer.status_code == 500
    assert "2026-1101" not in answer.text + str(answer.headers)
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("visitor", [STRANGER, *UserRole])
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X"])
def test_what_no_route_does_is_refused_and_guarded(pages, visitor, method):
    browser = pages.stranger() if visitor == STRANGER else pages.visit(visitor)
    for path in {route.filled(NOWHERE) for route in TABLE}:
        answer = browser.http.request(method, path, headers={"Sec-Fetch-Site": "same-origin", "Origin": browser.url})
        assert answer.status_code == 405, path
        assert faults(answer) == [], path
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/pages/sign-in", "/pages/client", "/pages/language", "/pages/enrol"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_that_is_too_large_is_refused_and_guarded(pages, path, kind):
    browser = pages.stranger()
    said = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = browser.http.post(path, content=b"x" * (BODY_MAX + 1), headers=said)
    assert (answer.status_code, faults(answer)) == (413, [])


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/x-www-form-urlencoded", b"a=b&" * 1001),
        ("application/x-www-form-urlencoded", b"\xff\xfe%ff=%"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("application/json", b"{}"),
        ("text/xml", b"<x/>"),
    ],
)
def test_what_is_no_form_is_refused_and_guarded(pages, kind, content):
    browser = pages.manager()
    for route in TABLE:
        if route.method == "POST" and not route.path.endswith(("sign-out", "everywhere")):
            headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": kind}
            answer = browser.http.post(route.filled(NOWHERE), content=content, headers=headers)
            assert answer.status_code < 500, route
            assert faults(answer) == [], route


def test_a_client_on_the_page_is_answered_as_guarded_after_a_fault(pages, monkeypatch):
    house = inhabit(pages)
    browser = house.browser(CLIENTS_PAGE)
    monkeypatch.setattr(Corridor, "__getattribute__", _failing_for(Corridor, "store"))
    answer = browser.get("/pages/client/mine").answer
    assert (answer.status_code, faults(answer)) == (500, [])


def _failing_for(kind, name):
    real = kind.__getattribute__

    def get(self, asked):
        if asked == name:
            raise RuntimeError("K-2026-1101 Krankheit")
        return real(self, asked)

    return get


class TestByHttps:
    @pytest.fixture
    def config(self):
        return CONFIG.replace("[database]", 'url = "https://imgate.example"\n\n[database]')

    @pytest.mark.parametrize("visitor", [STRANGER, MANAGER])
    def test_every_answer_is_guarded_and_every_cookie_bound(self, pages, visitor):
        browser = pages.stranger()
        if visitor == MANAGER:
            token = pages.visit(MANAGER).http.cookies["imgate"]
            browser.http.cookies.set("__Host-imgate", token)
        wrong = {}
        for route in sorted(TABLE, key=lambda route: "sign-out" in route.path):
            answer = ask(browser, route, NOWHERE, data=form_of(route) if route.method == "POST" else None)
            wrong |= {str(route): found for found in [faults(answer, https=True)] if found}
        assert wrong == {}


# What stands in the files


def _files(folder, ending):
    for each in folder.iterdir():
        if each.is_dir() and each.name != "kern":
            yield from _files(each, ending)
        elif each.name.endswith(ending):
            yield each.name, each.read_text(encoding="utf-8")


TEMPLATES = dict(_files(resources.files("imgate.web") / "templates", ".html"))
_HANDLER = re.compile(r"""(?i)[\s"'/]on[a-z]{3,}\s*=|[\s"'/]style\s*=|<style|javascript:|srcdoc|\|\s*safe\b|Markup\(|autoescape""")


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_has_a_script_a_style_or_a_foreign_address_in_it(name):
    text = TEMPLATES[name]
    assert _HANDLER.findall(text) == []
    assert [script for script in re.findall(r"<script[^>]*>", text) if 'src="{{ static(' not in script] == []
    assert _FOREIGN.findall(re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", text)) == []
    assert re.findall(r"""\s[a-z-]+=\{\{""", text) == [], "an attribute without quotation marks"


@pytest.mark.parametrize("ending", [".js", ".css"])
def test_no_static_file_of_ours_names_a_foreign_address_or_makes_code_of_text(ending):
    for name, text in _files(resources.files("imgate.web") / "static", ending):
        assert _FOREIGN.findall(re.sub(r"/\*.*?\*/|^\s*//.*$", "", text, flags=re.DOTALL | re.MULTILINE)) == [], name
        assert re.findall(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|@import", text) == [], name
