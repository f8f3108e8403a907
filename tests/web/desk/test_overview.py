"""The desk begins with what somebody has to see to, each line leads on, and nothing of it stands in an address."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from imgate.exchange import boxes
from imgate.exchange.answers import Call
from imgate.exchange.delivery import deliver_due
from imgate.exchange.ports import ScopeRequest
from imgate.exchange.requests import RejectRequest
from imgate.plugin_api import NotDelivered
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, ScriptedTransport, message
from tests.exchange.told import LEVEL
from tests.web.desk.opening import opened

PATHS = ["/pages/desk", *(f"/pages/desk/{name}" for name in ("waiting", "failed", "returned", "ending", "titles", "ends"))]


@pytest.fixture
def manager(pages):
    return pages.manager()


def given_up(pages, why="http_503"):
    """Have something given up on its way."""
    transport = ScriptedTransport()
    transport.outcomes = [NotDelivered(why)] * 10
    pages.by(transport)
    pages.corridor = dataclasses.replace(pages.corridor, give_up_after=timedelta(hours=2))
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    while pages.shown(exchange)["state"] == "queued":
        asyncio.run(deliver_due(pages.corridor))
        pages.later(hours=1)
    return exchange


@pytest.mark.parametrize("path", [*PATHS, "/pages/received", "/pages/received/intake", "/pages/requests"])
def test_a_page_without_anything_on_it_is_a_page(manager, path):
    assert manager.get(path).status == 200


def test_where_nothing_is_open_it_says_so(manager):
    page = manager.get("/pages/desk")
    assert "Nichts ist offen." in page.text
    assert page.tree.xpath("//table") == []


def test_what_failed_is_said_with_why_in_words_and_leads_to_it(pages):
    exchange = given_up(pages)
    page = pages.manager().get("/pages/desk")
    assert "Nicht zugestellt" in page.text
    assert "Der Partner war nicht zu erreichen." in page.text
    assert "http_503" not in page.text
    led = page.send(CLIENT)
    assert led.path.endswith(f"/exchanges/{exchange}")
    assert "Noch einmal zustellen kann das Amt" in led.text


def given_back(pages, why="not_for_me"):
    """Have a partner give a message back."""
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    pages.outbox()
    boxes.outbox_reject(pages.corridor, Call("liaison", "/reject"), JOBCENTER, exchange, RejectRequest(code=why))
    return exchange


def test_what_was_given_back_is_said_in_the_liaisons_words_and_leads_to_it(pages, manager):
    exchange = given_back(pages)
    page = manager.get("/pages/desk")
    assert "Vom Partner zurückgegeben" in page.text
    assert "Nicht für mich" in page.text
    assert page.send(CLIENT).path.endswith(f"/exchanges/{exchange}")


def test_a_word_of_the_partners_own_is_shown_as_it_is(pages, manager):
    given_back(pages, "moved_away")
    assert "moved_away" in manager.get("/pages/desk/returned").text


def test_what_was_given_back_leaves_the_desk_after_two_weeks(pages):
    given_back(pages)
    pages.later(days=13)
    assert "Vom Partner zurückgegeben" in pages.manager().get("/pages/desk").text
    pages.later(days=2)
    assert "Vom Partner zurückgegeben" not in pages.manager().get("/pages/desk").text


def test_what_was_taken_is_not_on_the_list_of_what_was_given_back(pages, manager):
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    pages.outbox()
    boxes.outbox_ack(pages.corridor, Call("liaison", "/ack"), JOBCENTER, exchange)
    assert "zurückgegeben" not in manager.get("/pages/desk").text


def test_what_waits_is_said(pages, manager):
    pages.link()
    pages.declare("language.level")
    pages.send(LEVEL)
    page = manager.get("/pages/desk")
    assert "Wartet auf den Partner" in page.text
    assert page.send(CLIENT).title == "Mitteilung an Jobcenter Rems-Murr, Team 412"


def test_what_runs_out_soon_is_said_and_what_does_not_is_not(pages, manager):
    pages.declare("language.level", valid_until="2026-04-01")
    pages.declare("residence.status", partner=ABH, client="K-2", valid_until="2026-12-31")
    page = manager.get("/pages/desk")
    assert "01.04.2026" in page.text
    assert "K-2 " not in page.text
    assert page.send(CLIENT).status == 200


def test_a_title_that_runs_out_is_said_once_somebody_was_handed_it(pages, manager):
    pages.link("33/2-815", partner=ABH)
    pages.declare("residence.status", partner=ABH)
    pages.post(
        message(ABH, "33/2-815", {"residence": {"status": {"code": "1", "since": "2024-05-02", "until": "2026-04-15"}}}), partner=ABH
    )
    pages.work()
    assert "15.04.2026" not in manager.get("/pages/desk").text
    assert "Partner haben etwas mitgeteilt" in manager.get("/pages/desk").text
    manager.get("/pages/received")
    assert "Aufenthaltsstatus: läuft am 15.04.2026 ab." in manager.get("/pages/desk").text


def test_who_has_yet_to_answer_is_said(pages, manager):
    pages.link()
    declaration = pages.declare("language.level")
    pages.send(LEVEL)
    pages.outbox()
    pages.revoke(declaration)
    page = manager.get("/pages/desk")
    assert "Ende der Nutzung: Antwort fehlt" in page.text
    assert page.follow("wartet auf Antwort").title == "Ende der Nutzung"


def test_somebody_unknown_and_a_request_lead_on(pages, manager):
    pages.post(message(JOBCENTER, "999X000001", CONTACT))
    pages.work()
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    with pages.corridor.store.transaction() as tx:
        digest = tx.clients.find(CLIENT).digest
        tx.scope_requests.add(ScopeRequest(new_id(), digest, JOBCENTER, exchange, "housing", ("housing.situation",), "x", pages.now))
    page = manager.get("/pages/desk")
    assert page.follow("Ein Partner schreibt über eine Person, die hier niemand kennt").title == "Eingänge"
    assert page.follow("Partner bitten um weitere Angaben").title == "Anfragen"


def test_only_the_beginning_of_a_long_list_is_shown_with_the_way_to_all_of_it(pages, manager):
    for number in range(7):
        pages.declare("language.level", client=f"K-{number}", valid_until="2026-04-01")
    page = manager.get("/pages/desk")
    assert len(page.tree.xpath("//tbody/tr")) == 5
    assert len(page.follow("Alle anzeigen: Erklärungen, die bald ablaufen").tree.xpath("//tbody/tr")) == 7


@pytest.mark.parametrize("name", ["everything", "waiting/x", "..%2f", "%3Cscript%3E"])
def test_a_list_that_is_none_is_not_found(manager, name):
    assert manager.get(f"/pages/desk/{name}").status == 404


def test_looking_at_the_desk_hands_nothing_out(pages, manager):
    pages.link()
    pages.declare("contact_persons.jobcenter", "language.level")
    pages.post(message(JOBCENTER, REFERENCE, CONTACT))
    pages.work()
    pages.send(LEVEL)
    for path in PATHS:
        assert "Müßig" not in manager.get(path).text
    assert pages.disclosures() == []


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_have_another_desk(pages, role):
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    browser = getattr(pages, role)()
    for path in PATHS:
        assert browser.get(path).status == 403
    assert browser.post(f"/pages/desk/exchanges/{exchange}").status == 403


def test_an_exchange_that_nobody_has_is_not_found(manager):
    assert manager.post(f"/pages/desk/exchanges/{new_id()}").status == 404


def test_no_reference_stands_in_an_address(pages):
    given_up(pages)
    manager = pages.manager()
    for path in PATHS:
        page = manager.get(path)
        assert not any(CLIENT in one or REFERENCE in one for one in page.tree.xpath("//@href|//@action"))


# The exchanges and the ledger of one client


def test_the_case_page_shows_the_exchanges_and_who_holds_what(pages, manager):
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL | {"contact": {"phone": "+4917612345678"}})["id"]
    pages.outbox()
    page = manager.get(opened(manager))
    assert page.tree.xpath(f"//a[contains(@href, '/exchanges/{exchange}')]")
    row = page.tree.xpath("//section[h2[@id='ledger']]//tbody/tr")[0].text_content()
    assert "Jobcenter Rems-Murr, Team 412" in row
    assert "Sprachniveau" in row
    assert "31.12.2026" in row
    assert "+4917612345678" not in page.text


def test_the_latest_exchanges_are_shown_and_all_of_them_page_by_page(pages, manager):
    pages.link()
    pages.declare("language.level")
    sent = [pages.send(LEVEL)["id"] for _ in range(10)]
    page = manager.get(opened(manager))
    section = page.tree.xpath("//section[h2[@id='exchanges']]")[0]
    shown = [href[-36:] for href in section.xpath(".//th/a/@href")]
    assert shown == sent[:1:-1]
    listed = page.follow("Alle Mitteilungen zeigen")
    assert [href[-36:] for href in listed.tree.xpath("//th/a/@href")] == sent


def test_another_clients_exchange_is_not_found_in_the_same_words_as_none(pages, manager):
    pages.link("355A000001", client="K-2")
    pages.declare("language.level", client="K-2")
    foreign = pages.send(LEVEL, client="K-2")["id"]
    case = opened(manager)
    answers = [manager.get(f"{case}/exchanges/{each}") for each in (foreign, new_id(), "x", "0" * 36)]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.answer.text.replace(answer.path, "") for answer in answers}) == 1


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_see_no_exchange_of_a_client(pages, manager, role):
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(LEVEL)["id"]
    case = opened(manager)
    browser = getattr(pages, role)()
    for path in (case, f"{case}/exchanges", f"{case}/exchanges/{exchange}"):
        assert browser.get(path).status == 403
