"""The page opens for the code on the copy and the number from the office, and whatever else is tried looks the same."""

import time
from types import SimpleNamespace

import pytest

from imgate.exchange.client_page import in_groups, lock_page, renew_code
from imgate.storage.erase import erase_client
from imgate.vocabulary.words import UserRole
from imgate.web.client.owner import cookie_name
from tests.exchange.conftest import CLIENT

MINE = "/pages/client/mine"
UNKNOWN = "0123-4567-89AB-CDEF-GHJK"
REFUSED = "Damit lässt sich keine Seite öffnen"
COOKIE = "imgate-client"


def token(browser):
    return browser.http.cookies.get(COOKIE)


def test_the_form_can_be_had_by_anybody_and_sets_no_cookie(pages):
    page = pages.stranger().get("/pages/client")
    assert (page.status, page.title) == (200, "Meine Seite")
    assert "set-cookie" not in page.headers


def test_code_and_number_open_the_page(own):
    page = own.tried()
    assert (page.status, page.path, page.title) == (200, MINE, "Meine Seite")
    assert "Jobcenter Rems-Murr, Team 412" in page.text


@pytest.mark.parametrize("written", [str.lower, in_groups, lambda code: in_groups(code).replace("-", " "), lambda code: f"  {code}\n"])
def test_a_code_that_is_typed_by_hand_opens_it_too(own, written):
    assert own.tried(code=written(own.code)).path == MINE


def test_the_session_is_the_only_cookie_and_goes_to_these_pages_alone(own):
    browser = own.pages.stranger()
    answer = browser.post("/pages/client", {"code": own.code, "number": own.number}, follow=False)
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}=")
    for attribute in ("HttpOnly", "Path=/pages/client", "SameSite=strict"):
        assert attribute in cookie
    assert "Max-Age" not in cookie
    assert "expires" not in cookie.lower()


def test_neither_code_nor_number_nor_client_stands_in_any_address_or_log(own, capsys):
    browser = own.pages.stranger()
    answer = browser.post("/pages/client", {"code": own.code, "number": own.number}, follow=False)
    home = browser.get(answer.headers["location"])
    links = " ".join([answer.headers["location"], *home.tree.xpath("//@href|//@action|//@src")])
    said = "".join(capsys.readouterr())
    assert "/pages/client" in said
    for secret in (own.code, in_groups(own.code), own.number, CLIENT):
        assert secret not in links
        assert secret not in said
        assert secret not in home.answer.text
    assert home.headers["referrer-policy"] == "same-origin"


def test_the_code_is_taken_from_a_form_that_is_posted_and_from_no_query(own):
    page = own.pages.stranger().get("/pages/client", params={"code": own.code, "number": own.number})
    assert page.tree.xpath("string(//input[@name='code']/@value)") == ""
    form = page.tree.xpath("//main//form")[0]
    assert form.get("method") == "post"


def refusals(own):
    """Try the same code in every way that it can fail, one after the other."""
    code = own.code
    yield own.tried(code, own.wrong())
    yield own.tried(code, "")
    yield own.tried(code, "no number")
    for _ in range(4):
        own.tried(code, own.wrong())
    yield own.tried(code, own.number)  # locked
    own.renumber(hours=1)
    own.pages.later(hours=2)
    yield own.tried(code, own.number)  # expired
    own.renumber()
    lock_page(own.pages.corridor, "manager", own.client)
    yield own.tried(code, own.number)
    renew_code(own.pages.corridor, "manager", own.client)
    own.renumber()
    yield own.tried(code, own.number)  # another code by now
    erase_client(own.pages.gateway.store, own.client, own.pages.now, "operator")
    yield own.tried(code, own.number)


def test_every_refusal_is_the_same_page_byte_for_byte(own):
    pages = list(refusals(own))
    assert {page.status for page in pages} == {422}
    assert REFUSED in pages[0].text
    assert len({page.answer.content for page in pages}) == 1
    unsaid = {"date", "server"}
    assert len({tuple(sorted((k, v) for k, v in page.headers.items() if k not in unsaid)) for page in pages}) == 1


def test_every_refusal_takes_the_same_time(own, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("imgate.web.client.entrance.anyio.sleep", sleep)
    refused = list(refusals(own))
    assert len(waited) == len(refused) + 4, "each of them, and the four on the way to the lock"
    assert max(waited) <= 0.3, "held back until the same moment after it came"


def test_no_refusal_is_given_before_its_time(own):
    for code, number in ((UNKNOWN, own.number), (own.code, own.wrong()), ("", "")):
        begun = time.monotonic()
        own.pages.stranger().post("/pages/client", {"code": code, "number": number})
        assert time.monotonic() - begun >= 0.3


def test_a_refusal_that_takes_longer_is_given_at_the_next_multiple_of_the_time(own, monkeypatch):
    waited, times = [], iter((10.0, 10.7))

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("imgate.web.client.entrance.anyio.sleep", sleep)
    monkeypatch.setattr("imgate.web.client.entrance.monotonic", lambda: next(times))
    assert own.tried(number=own.wrong()).status == 422
    assert waited == [pytest.approx(0.2)]


def test_what_was_typed_is_kept_but_for_the_number(own):
    page = own.tried("abc <b>", "12345678")
    assert page.tree.xpath("string(//input[@name='code']/@value)") == "abc <b>"
    assert "12345678" not in page.answer.text


def test_nothing_typed_is_refused_like_anything_else(pages):
    page = pages.stranger().post("/pages/client", {"code": "", "number": ""})
    assert page.status == 422
    assert REFUSED in page.text


def test_a_file_in_the_place_of_the_code_opens_nothing(own):
    page = own.pages.stranger().post("/pages/client", {"number": own.number}, files={"code": ("x", own.code.encode(), "text/plain")})
    assert page.status == 422


def test_five_wrong_numbers_lock_it_until_there_is_another(own):
    for _ in range(5):
        assert own.tried(number=own.wrong()).status == 422
    assert own.tried().status == 422
    own.renumber()
    assert own.tried().path == MINE


def test_a_locked_page_stays_open_for_who_is_on_it(own):
    browser = own.browser()
    for _ in range(6):
        own.tried(number=own.wrong())
    assert browser.get(MINE).path == MINE


@pytest.mark.parametrize("end", [renew_code, lock_page])
def test_another_code_or_a_lock_ends_who_is_on_the_page(own, end):
    browser = own.browser()
    end(own.pages.corridor, "manager", CLIENT)
    assert browser.get(MINE).path == "/pages/client"
    assert own.tried(browser=browser).path == "/pages/client", "the number is gone as well"


def test_an_erased_client_is_off_the_page(own):
    browser = own.browser()
    erase_client(own.pages.gateway.store, CLIENT, own.pages.now, "operator")
    assert browser.get(MINE).path == "/pages/client"


def test_a_session_that_began_while_the_code_was_replaced_is_none(own, monkeypatch):
    sessions = own.pages.gateway.store.people.sessions
    begin = sessions.begin

    def crossed(*args, **options):
        renew_code(own.pages.corridor, "manager", CLIENT)
        return begin(*args, **options)

    monkeypatch.setattr(sessions, "begin", crossed)
    browser = own.pages.stranger()
    assert own.tried(browser=browser).status == 422
    assert token(browser) is None


def test_a_cookie_that_was_planted_before_is_not_the_one_afterwards(own):
    browser = own.pages.stranger()
    browser.http.cookies.set(COOKIE, "planted", path="/pages/client")
    own.tried(browser=browser)
    tokens = {cookie.value for cookie in browser.http.cookies.jar if cookie.name == COOKIE and cookie.value != "planted"}
    assert len(tokens) == 1
    stranger = own.pages.stranger()
    stranger.http.cookies.set(COOKIE, "planted", path="/pages/client")
    assert stranger.get(MINE).path == "/pages/client"


def test_opening_it_again_ends_the_session_before(own, other):
    browser = own.browser()
    first = token(browser)
    other.tried(browser=browser)
    stale = own.pages.stranger()
    stale.http.cookies.set(COOKIE, first, path="/pages/client")
    assert stale.get(MINE).path == "/pages/client"


def test_it_closes_after_minutes_without_a_click(own):
    browser = own.browser()
    own.pages.later(minutes=14)
    assert browser.get(MINE).path == MINE
    own.pages.later(minutes=14)
    assert browser.get(MINE).path == MINE
    own.pages.later(minutes=15)
    assert browser.get(MINE).path == "/pages/client"


def test_it_closes_after_an_hour_however_much_is_clicked(own):
    browser = own.browser()
    for _ in range(5):
        own.pages.later(minutes=11)
        assert browser.get(MINE).path == MINE
    own.pages.later(minutes=6)
    assert browser.get(MINE).path == "/pages/client"


def test_what_is_on_the_screen_goes_when_the_session_ends(own):
    assert own.browser().get(MINE).headers["refresh"] == "900; url=/pages/client"


def test_closing_ends_the_session_and_clears_what_the_browser_kept(own):
    browser = own.browser()
    before = token(browser)
    closed = browser.get(MINE).form("Seite schließen")[0].get("action")
    answer = browser.post(closed, follow=False)
    assert (answer.status, answer.headers["clear-site-data"]) == (303, '"cache"')
    assert token(browser) is None
    browser.http.cookies.set(COOKIE, before, path="/pages/client")
    assert browser.get(MINE).path == "/pages/client"


@pytest.mark.parametrize("path", [MINE, f"{MINE}/00000000-0000-4000-8000-000000000000/revoke"])
def test_who_has_opened_nothing_is_led_to_the_form(pages, path):
    page = pages.stranger().get(path, follow=False)
    assert (page.status, page.headers["location"]) == (303, "/pages/client")


def test_a_revocation_without_a_session_is_led_to_the_form(own):
    answer = own.pages.stranger().post(f"{MINE}/{own.declaration}/revoke", {"what": "all"}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/client")
    assert own.pages.outbox() == []


@pytest.mark.parametrize("role", list(UserRole))
@pytest.mark.parametrize("name", ["imgate", COOKIE])
def test_nobody_of_the_house_is_on_a_clients_page(own, role, name):
    browser = own.pages.visit(role)
    browser.http.cookies.set(name, browser.http.cookies["imgate"])
    assert browser.get(MINE).path == "/pages/client"


@pytest.mark.parametrize("path", ["/pages", "/pages/inbox", "/pages/desk", "/pages/clients", "/pages/office", "/pages/account"])
def test_a_clients_session_opens_no_page_of_the_house(own, path):
    browser = own.pages.stranger()
    browser.http.cookies.set("imgate", token(own.browser()))
    assert browser.get(path).path == "/pages/sign-in"


def test_no_other_site_can_have_the_form_sent(own):
    fields = {"code": own.code, "number": own.number}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
        assert own.pages.stranger().post("/pages/client", fields, headers=headers).status == 403


@pytest.mark.parametrize("path", ["/pages/client", MINE])
def test_nothing_of_it_is_kept_indexed_or_framed(own, path):
    page = own.browser().get(path)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.tree.xpath("string(//meta[@name='robots']/@content)") == "noindex, nofollow"


def test_the_session_needs_https_where_the_gateway_has_it():
    # The name alone is looked at: a browser refuses `__Secure-` without https by itself.
    assert cookie_name(SimpleNamespace(secure=True)) == "__Secure-imgate-client"


def test_a_number_that_is_given_for_no_time_never_holds(own):
    own.renumber(hours=0)
    assert own.tried().status == 422
