"""A client is found by typing the reference; from then on no address says it."""

import re

import pytest

from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import CLIENT, CONFIG

UUID = re.compile(r"/pages/clients/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def opened(browser, reference=CLIENT, **more):
    """Type a reference and open the page."""
    return browser.post("/pages/clients", {"reference": reference} | more)


def test_a_reference_that_is_typed_opens_a_page_whose_address_does_not_say_it(pages):
    page = opened(pages.manager())
    assert page.status == 200
    assert UUID.fullmatch(page.path)
    assert CLIENT in page.title


def test_no_title_says_whose_it_is_because_browsers_keep_titles(pages):
    declaration, browser = pages.declare("language.level"), pages.manager()
    case = opened(browser)
    form = browser.get(f"{case.path}/declarations/{declaration}")
    said = [" ".join(page.tree.xpath("string(//title)").split()) for page in (case, form)]
    assert said == ["Fall – imgate", "Erklärung – imgate"]


def test_a_reference_that_nobody_knows_yet_is_fine_and_said_so(pages):
    page = opened(pages.manager(), "K-2026-9999")
    assert page.status == 200
    assert "noch keine Erklärung" in page.text


@pytest.mark.parametrize("typed", ["", "K 2026", "K/../..", "ü", "x" * 65, "<script>alert(1)</script>"])
def test_what_is_no_reference_is_asked_for_again_with_what_was_typed(pages, typed):
    page = opened(pages.manager(), typed)
    assert (page.status, page.path) == (422, "/pages/clients")
    assert "1 bis 64 Zeichen" in page.text
    assert page.tree.xpath("string(//input[@name='reference']/@value)") == typed
    assert not page.tree.xpath("//main//script")


def test_the_clients_of_this_session_are_a_list_the_last_one_first(pages):
    browser = pages.manager()
    for reference in ("K-1", "K-2", "K-1", "K-3"):
        opened(browser, reference)
    listed = [" ".join(link.text_content().split()) for link in browser.get("/pages/clients").tree.xpath("//main//li/a")]
    assert listed == ["K-3", "K-1", "K-2"]
    assert browser.get("/pages/clients").follow("K-2").title == "Fall K-2"


def test_the_list_holds_eight_and_the_ninth_takes_the_place_of_the_oldest(pages):
    browser = pages.manager()
    first = opened(browser, "K-0").path
    for number in range(1, 9):
        opened(browser, f"K-{number}")
    assert len(browser.get("/pages/clients").tree.xpath("//main//li/a")) == 8
    assert browser.get(first).status == 404


def test_the_longest_references_still_fit_into_the_cookie(pages):
    browser = pages.manager()
    for number in range(8):
        opened(browser, f"{number}" * 64)
    assert len(browser.http.cookies["imgate-clients"]) < 4000


def test_no_cookie_shows_whom_somebody_opened(pages):
    browser = pages.manager()
    opened(browser)
    assert all(CLIENT not in str(cookie.value) for cookie in browser.http.cookies.jar)


def test_the_id_is_another_in_another_session_and_leads_nowhere_there(pages):
    first, second = pages.manager(), pages.stranger()
    pages.later(minutes=1)
    second.http.cookies.set("imgate", pages.manager().http.cookies["imgate"])
    path = opened(first).path
    assert opened(second).path != path
    assert second.get(path).status == 404


def test_the_cookie_of_another_session_opens_nothing(pages):
    first = pages.manager()
    path = opened(first).path
    pages.later(minutes=1)
    second = pages.manager()
    second.http.cookies.set("imgate-clients", first.http.cookies["imgate-clients"])
    assert second.get(path).status == 404
    assert not second.get("/pages/clients").tree.xpath("//main//li/a")


@pytest.mark.parametrize("cookie", ["", "x", "=====", "A" * 5000, "AQ", "%C3%BC"])
def test_a_cookie_that_is_none_of_ours_opens_nothing(pages, cookie):
    browser = pages.manager()
    browser.http.cookies.set("imgate-clients", cookie)
    assert browser.get("/pages/clients").status == 200


def test_the_clients_stay_open_when_somebody_shows_that_it_is_still_they(pages):
    browser = pages.manager()
    path = opened(browser).path
    token = pages.gateway.store.people.sessions.confirm(browser.http.cookies["imgate"], pages.now)
    browser.http.cookies.set("imgate", token)
    assert browser.get(path).status == 200


def test_an_id_that_was_never_opened_is_an_unknown_page_like_any_other(pages):
    browser = pages.manager()
    unknown = browser.get("/pages/clients/00000000-0000-4000-8000-000000000000")
    nonsense = browser.get("/pages/clients/x")
    assert (unknown.status, nonsense.status) == (404, 404)
    assert unknown.text == nonsense.text


@pytest.mark.parametrize("role", [UserRole.LIAISON, UserRole.OFFICE])
@pytest.mark.parametrize("path", ["", "/00000000-0000-4000-8000-000000000000", "/x/declarations/new", "/x/declarations/y/form.pdf"])
def test_another_role_is_refused_before_anything_is_looked_at(pages, role, path):
    browser = pages.visit(role)
    assert browser.get(f"/pages/clients{path}").status == 403
    assert opened(browser).status == 403


def test_a_list_that_names_a_declaration_leads_to_it(pages):
    declaration = pages.declare("language.level")
    page = opened(pages.manager(), declaration=declaration)
    assert page.path.endswith(f"/declarations/{declaration}")


@pytest.mark.parametrize("further", ["../../office", "//evil.example", "x", "00000000-0000-4000-8000-000000000000/sign"])
def test_a_further_way_that_is_no_id_is_not_taken(pages, further):
    answer = pages.manager().post("/pages/clients", {"reference": CLIENT, "declaration": further}, follow=False)
    assert UUID.fullmatch(answer.headers["location"])


def test_the_page_shows_each_declaration_with_partner_purpose_state_and_term(pages):
    pages.declare("language.level")
    pages.declare("residence.status", partner="abh-winnenden", signed=False)
    page = opened(pages.manager())
    rows = [" ".join(row.text_content().split()) for row in page.tree.xpath("//div[@aria-labelledby='declarations']//tbody/tr")]
    assert "Ausländerbehörde Winnenden" in rows[0]
    assert "Fragen zum Aufenthalt klären" in rows[0]
    assert "noch nicht vollständig unterschrieben" in rows[0]
    assert "Jobcenter Rems-Murr, Team 412" in rows[1]
    assert "31.12.2026" in rows[1]


@pytest.mark.parametrize("config", [CONFIG.replace("[gateway]\n", "[gateway]\nremind_days = 20\n", 1)])
@pytest.mark.parametrize(("until", "soon"), [("2026-03-22", True), ("2026-03-23", False)])
def test_soon_is_the_same_length_on_every_page(pages, until, soon):
    declaration = pages.declare("language.level", valid_until=until)
    manager = pages.manager()
    case = opened(manager)
    assert ("läuft bald ab" in case.text) is soon
    assert ("läuft bald ab" in manager.get(f"{case.path}/declarations/{declaration}").text) is soon
    assert ("Erklärungen, die bald ablaufen" in manager.get("/pages/desk").text) is soon
    assert f"(in höchstens 20 Tagen) {int(soon)}" in pages.office().get("/pages/office").text


def test_what_is_replaced_is_not_marked(pages):
    old = pages.declare("language.level", valid_until="2026-03-20")
    pages.declare("language.level", supersedes=old, valid_from="2026-03-21")
    assert "läuft bald ab" not in opened(pages.manager()).text


def test_another_clients_declarations_are_not_on_the_page(pages):
    pages.declare("language.level", client="K-2026-1102")
    assert "noch keine Erklärung" in opened(pages.manager()).text
