"""Who may is settled before anything else of a request is looked at, on every route, and depends on the visitor alone."""

import asyncio
import json

import pytest

from imgate.vocabulary.identifiers import NIL_UUID
from imgate.vocabulary.words import UserRole
from imgate.web.client.owner import cookie_name as client_cookie
from tests.exchange.conftest import ABH
from tests.web.matrix import (
    CLIENTS_PAGE,
    COLLEAGUES,
    LIAISON,
    MANAGER,
    OFFICE,
    STRANGER,
    TABLE,
    VISITORS,
    form_of,
    inhabit,
    routes_of,
    said_to,
)

STAFF = tuple(route for route in TABLE if route.may <= COLLEAGUES)
OF_CLIENT = tuple(route for route in TABLE if route.may == {CLIENTS_PAGE})
NOWHERE = dict.fromkeys(("id", "answer", "case", "declaration", "key", "exchange", "item", "receipt", "wish", "revocation"), NIL_UUID) | {
    "user": NIL_UUID,
    "access": NIL_UUID,
    "scope": "x.y",
    "listed": "x",
    "partner": "x",
    "paper": "x",
    "line": 1,
    "digest": "x",
    "size": 1,
    "name": "x.css",
}


@pytest.fixture
def house(pages):
    return inhabit(pages)


def ask(browser, route, ids, **more):
    """Ask as a form or a link of ours would, and follow nothing."""
    said = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": browser.url} | more.pop("headers", {})
    return browser.http.request(route.method, route.filled(ids), headers=said, **more)


def refusal(route, answer):
    """Name how somebody was kept out; None where they were let in."""
    way = answer.headers.get("location", "").partition("?")[0]
    if answer.status_code == 303 and way in {"/pages/sign-in", "/pages/confirm"} and route in STAFF and way != route.path:
        return way
    if answer.status_code == 303 and way == "/pages/client" and route in OF_CLIENT:
        return way
    return "forbidden" if answer.status_code == 403 else None


def expected(route, visitor):
    if visitor in route.may:
        return None
    if route in OF_CLIENT:
        return "/pages/client"
    return "/pages/sign-in" if visitor in {STRANGER, CLIENTS_PAGE} else "forbidden"


def test_the_table_is_complete(pages):
    rows = [(route.method, route.path) for route in TABLE]
    assert len(rows) == len(set(rows))
    assert routes_of(pages) == set(rows)


@pytest.mark.parametrize("visitor", VISITORS)
def test_who_may_and_who_may_not(house, visitor):
    wrong = {}
    for route in TABLE:
        if route.path in {"/pages/sign-out", "/pages/client/close", "/pages/account/sign-out-everywhere"} and visitor in route.may:
            continue  # ends the session with which the next one is asked for
        browser = house.browser(visitor)
        found = refusal(route, ask(browser, route, house.ids, data=form_of(route) if route.method == "POST" else None))
        if found != expected(route, visitor):
            wrong[str(route)] = found
    assert wrong == {}


@pytest.mark.parametrize("visitor", UserRole)
def test_what_needs_a_fresh_proof_leads_to_it_and_the_rest_does_not(house, visitor):
    browser = house.browser(visitor, confirmed=False)
    for route in STAFF:
        if visitor in route.may and route.path != "/pages/account/sign-out-everywhere":
            answer = ask(browser, route, NOWHERE, data={} if route.method == "POST" else None)
            assert (refusal(route, answer) == "/pages/confirm") == route.confirmed, route


@pytest.mark.parametrize("visitor", VISITORS)
def test_a_refusal_is_the_same_bytes_whatever_is_asked_for(house, visitor):
    """Also with ids that are not there, that are somebody else's, that are none, and with a query."""
    browser = house.browser(visitor)
    for route in TABLE:
        if expected(route, visitor) is None:
            continue
        ways = [house.ids | house.others, NOWHERE, dict.fromkeys(NOWHERE, "Nein"), dict.fromkeys(NOWHERE, "x" * 300)]
        answers = [said_to(ask(browser, route, NOWHERE | ids, params={"after": "x", "lang": "xx"})) for ids in ways]
        assert len(set(answers)) == 1, route
        assert dict(answers[0][1])["set-cookie"] == "" or route in OF_CLIENT, route


class Unread(Exception):
    """Somebody wanted the body."""


def answered_unread(app, route, cookies, length):
    """Ask with a body that raises for whoever reads it; give status and content."""
    sent = []

    async def receive():
        raise Unread

    async def send(part):
        sent.append(part)

    path = route.filled(NOWHERE)
    headers = [(b"host", b"x"), (b"sec-fetch-site", b"same-origin"), (b"sec-fetch-mode", b"navigate"), (b"content-length", length)]
    headers += [(b"content-type", b"application/json"), (b"cookie", cookies.encode())]
    scope = {"type": "http", "method": route.method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": ""}
    asyncio.run(app({**scope, "asgi": {"version": "3.0"}, "extensions": {}, "state": {}}, receive, send))
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])


@pytest.mark.parametrize("visitor", [STRANGER, *UserRole])
@pytest.mark.parametrize("length", [b"0", b"99999999999", b"-1", b"x"])
def test_nobody_is_refused_for_a_body_that_was_looked_at(pages, visitor, length):
    """Neither its kind nor its length changes a refusal, and not a byte of it is read."""
    browser = pages.stranger() if visitor == STRANGER else pages.visit(visitor, confirmed=False)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.http.cookies.jar)
    for route in TABLE:
        if expected(route, visitor) is None and not route.confirmed:
            continue
        status, content = answered_unread(pages.app, route, cookies, length)
        plain = ask(browser, route, NOWHERE)
        assert (status, content) == (plain.status_code, plain.content), route
        assert status in {303, 403}, route


# Whose session it is


def let_in(browser, ids=NOWHERE):
    """Name the routes where a browser is anything but a stranger's."""
    found = {}
    for route in (*STAFF, *OF_CLIENT):
        way = refusal(route, ask(browser, route, ids, data={} if route.method == "POST" else None))
        if way != expected(route, STRANGER):
            found[str(route)] = way
    return found


@pytest.mark.parametrize("role", UserRole)
def test_a_colleagues_session_opens_no_clients_page_under_any_name(house, role):
    token = house.browser(role).http.cookies["imgate"]
    browser = house.pages.stranger()
    browser.http.cookies.set(client_cookie(house_of(house)), token)
    assert let_in(browser, NOWHERE | house.ids) == {}


def test_a_clients_session_opens_no_page_of_the_house_under_any_name(house):
    own = house.browser(CLIENTS_PAGE)
    (token,) = {cookie.value for cookie in own.http.cookies.jar if cookie.name == client_cookie(house_of(house))}
    browser = house.pages.stranger()
    browser.http.cookies.set("imgate", token)
    assert let_in(browser, NOWHERE | house.ids) == {}


def house_of(house):
    return house.pages.app._pages._app.state.house


@pytest.mark.parametrize("role", UserRole)
def test_who_is_revoked_is_a_stranger_everywhere_from_the_next_click(pages, role):
    browser = pages.visit(role)
    pages.gateway.store.people.users.revoke(pages.user(role).id, pages.now, "operator")
    assert let_in(browser) == {}


@pytest.mark.parametrize("role", UserRole)
def test_a_session_whose_time_is_over_is_a_strangers_everywhere(pages, role):
    browser = pages.visit(role)
    pages.later(minutes=30)
    assert let_in(browser) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [((OFFICE, None), (MANAGER, None)), ((MANAGER, None), (LIAISON, ABH)), ((LIAISON, "jobcenter-rems-murr"), (LIAISON, ABH))],
)
def test_whoever_has_another_role_now_is_signed_in_as_nobody(pages, before, after):
    """The provider says the roles; a session that began under another one ends with the change."""
    people = pages.gateway.store.people
    user = people.users.signed_in_by("https://idp.example", "sub", before[0], before[1], "Ada Amt", pages.now)
    browser = pages.stranger()
    browser.http.cookies.set("imgate", people.sessions.begin(user.id, None, pages.now, pages.now.replace(hour=18), confirmed=True))
    assert browser.get("/pages", follow=False).headers["location"].startswith("/pages/")
    people.users.signed_in_by("https://idp.example", "sub", after[0], after[1], "Ada Amt", pages.now)
    assert let_in(browser) == {}


def test_two_session_cookies_are_never_the_more_powerful_one(pages):
    """A browser sends both, where somebody planted one: whichever counts, it is one session with one role."""
    liaison, office = (pages.visit(role).http.cookies["imgate"] for role in (LIAISON, OFFICE))
    for first, second in ((liaison, office), (office, liaison)):
        browser = pages.stranger()
        headers = {"Cookie": f"imgate={first}; imgate={second}"}
        seen = {browser.get(path, follow=False, headers=headers).status for path in ("/pages/inbox", "/pages/office")}
        assert seen == {200, 403}


def test_a_header_a_query_or_a_form_is_no_session(pages):
    token = pages.office().http.cookies["imgate"]
    browser = pages.stranger()
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-Imgate": token}, {"Cookie": f"other={token}; IMGATE={token}"}):
        assert browser.get("/pages/office", follow=False, headers=headers).status == 303
    assert browser.get("/pages/office", follow=False, params={"imgate": token}).status == 303
    assert browser.post("/pages/office/log/verify", {"imgate": token}, follow=False).status == 303


def test_a_machines_access_token_is_no_session_and_a_session_no_token(pages):
    token = pages.office().http.cookies["imgate"]
    answer = pages.stranger().http.get("/v1/exchanges?client=K-1", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "token_invalid")
    answer = pages.office().http.get("/v1/exchanges?client=K-1")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "token_missing")
