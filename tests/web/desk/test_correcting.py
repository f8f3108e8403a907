"""A correction reaches whoever may still be told of those who were handed the wrong datum; the others are named; looking does nothing."""

import asyncio
import base64
import json

import pytest

from imgate.exchange import boxes
from imgate.exchange.answers import Call
from imgate.exchange.rights.correction import CorrectionRequest, correct
from imgate.exchange.stored import Cursor
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, message
from tests.web.desk.opening import LEVEL, PHONE, file_of, opened

WRONG = {"language": {"level": {"cefr": "A2", "evidence": "dtz"}}}
STATUS = {"residence": {"status": {"code": "1", "since": "2024-05-02"}}}


def taken(pages, partner=JOBCENTER):
    """Have the partner fetch and acknowledge what waits; give the contents."""
    items = pages.outbox(partner)
    for item in items:
        boxes.outbox_ack(pages.corridor, pages.call(), partner, item["id"])
    return [base64.b64decode(item["content"]).decode() for item in items]


@pytest.fixture
def handed(pages):
    """A client of whom the Jobcenter was handed a wrong level, and the immigration office too, whose permission has ended."""
    pages.link()
    pages.declare("language.level")
    pages.link("ABH-1", partner=ABH)
    gone = pages.declare("language.level", partner=ABH)
    for partner in (JOBCENTER, ABH):
        pages.send(WRONG, partner=partner)
        taken(pages, partner)
    pages.revoke(gone)
    taken(pages, ABH)
    return pages


def previewed(browser, record, reference=CLIENT):
    return browser.get(f"{opened(browser, reference)}/correction").send("Vorschau zeigen", files=file_of(record))


def section(page, name):
    return " ".join(page.tree.xpath(f"string(//section[@aria-labelledby='{name}'])").split())


def entries(pages):
    with pages.gateway.store.reading() as tx:
        return [json.loads(entry.content) for entry in tx.audit_log.entries()]


def events(pages):
    return [entry["event"] for entry in entries(pages)]


def passed_on(pages):
    return [entry["fields"] for entry in entries(pages) if entry["event"] == "correction_passed_on"]


def exchanges(pages):
    with pages.corridor.store.reading() as tx:
        return tx.exchanges.page(tx.clients.find(CLIENT).digest, Cursor(limit=500)).items


def test_the_way_to_it_stands_on_the_page_of_a_client_of_whom_somebody_has_something(handed):
    browser = handed.manager()
    page = browser.get(opened(browser)).follow("Berichtigung weitergeben")
    assert (page.status, page.title) == (200, "Berichtigung weitergeben")
    nobody = browser.get(opened(browser, "K-NEU"))
    assert not {"Berichtigung weitergeben", "Auskunft auf Deutsch (PDF)"} & set(nobody.links())


def test_the_preview_says_who_gets_it_who_must_be_told_otherwise_and_why(handed):
    page = previewed(handed.manager(), LEVEL)
    assert (page.status, page.title) == (200, "Das würde weitergegeben")
    assert "Jobcenter Rems-Murr, Team 412, Arbeit oder Ausbildung finden: Sprachniveau" in section(page, "gets")
    assert "Ausländerbehörde Winnenden" not in section(page, "gets")
    otherwise = section(page, "otherwise")
    assert "Ausländerbehörde Winnenden, Fragen zum Aufenthalt klären: Sprachniveau." in otherwise
    assert "widerrufen" in otherwise
    assert "Zuletzt bekommen am 02.03.2026." in otherwise
    assert "Niveau: B1" in section(page, "right")


def test_the_preview_sends_nothing_and_puts_nothing_on_record(handed):
    browser = handed.manager()
    before = events(handed), exchanges(handed)
    previewed(browser, LEVEL)
    assert (events(handed), exchanges(handed)) == before
    assert handed.outbox() == []


def test_what_was_looked_at_is_passed_on_to_whom_it_was_said_and_nobody_else(handed):
    page = previewed(handed.manager(), LEVEL).send("Jetzt weitergeben")
    assert (page.status, page.title) == (200, "Die Berichtigung ist weitergegeben")
    assert "Jobcenter Rems-Murr" in section(page, "got")
    assert "Ausländerbehörde Winnenden" in section(page, "otherwise")
    (sent,) = taken(handed)
    assert "B1" in sent
    assert handed.outbox(ABH) == []
    assert events(handed).count("correction_passed_on") == 1
    assert page.follow("zur Mitteilung").title == "Mitteilung an Jobcenter Rems-Murr, Team 412"


def test_pressed_twice_it_is_sent_once(handed):
    page = previewed(handed.manager(), LEVEL)
    page.send("Jetzt weitergeben")
    again = page.send("Jetzt weitergeben")
    assert again.status == 409
    assert "Jobcenter Rems-Murr" in section(again, "has-it")
    assert len(taken(handed)) == 1


def test_what_nobody_looked_at_is_not_passed_on(handed):
    browser = handed.manager()
    page = previewed(browser, LEVEL)
    for changes in ({"seen": ""}, {"seen": "0" * 64}, {"record": base64.b64encode(json.dumps(WRONG).encode()).decode()}):
        assert page.send("Jetzt weitergeben", **changes).status == 409
    assert page.send("Jetzt weitergeben", key="x").status == 400
    assert handed.outbox() == []


def test_a_permission_that_ended_since_the_preview_is_shown_instead_of_sent(handed):
    page = previewed(handed.manager(), LEVEL)
    (running,) = [each["declarations"][0] for each in handed.disclosures() if each["partner"] == JOBCENTER]
    handed.revoke(running)
    taken(handed)
    changed = page.send("Jetzt weitergeben")
    assert (changed.status, changed.title) == (409, "Es würde nichts gesendet")
    assert "Seit der letzten Vorschau hat sich etwas geändert" in changed.text
    assert "Jobcenter Rems-Murr" in section(changed, "otherwise")
    assert handed.outbox() == []


def test_a_mark_of_another_user_or_client_is_none(handed):
    other = previewed(handed.visit(UserRole.INTEGRATION_MANAGER, login="zweite", name="Ada Amt"), LEVEL)
    mark = other.tree.xpath("string(//input[@name='seen']/@value)")
    assert previewed(handed.manager(), LEVEL).send("Jetzt weitergeben", seen=mark).status == 409
    handed.declare("language.level", client="K-2")
    handed.link("355A9", client="K-2")
    handed.send(WRONG, client="K-2")
    handed.outbox()
    mark = previewed(handed.manager(), LEVEL, "K-2").tree.xpath("string(//input[@name='seen']/@value)")
    assert previewed(handed.manager(), LEVEL).send("Jetzt weitergeben", seen=mark).status == 409


@pytest.fixture
def unreachable(handed):
    """The same client, of whom nobody may be sent anything any more."""
    (running,) = [each["declarations"][0] for each in handed.disclosures() if each["partner"] == JOBCENTER]
    handed.revoke(running)
    taken(handed)
    return handed


def test_that_nobody_can_be_sent_it_is_put_on_record_as_the_command_line_does(unreachable):
    page = previewed(unreachable.manager(), LEVEL)
    assert page.title == "Es würde nichts gesendet"
    assert passed_on(unreachable) == []
    done = page.send("Im Protokoll festhalten")
    assert (done.status, done.title) == (200, "Im Protokoll festgehalten")
    assert "Jobcenter Rems-Murr" in section(done, "otherwise")
    assert "weitergegeben" not in section(done, "otherwise")
    asked = CorrectionRequest.model_validate({"client": CLIENT, "record": LEVEL})
    asyncio.run(correct(unreachable.corridor, Call("operator", "client correct"), asked))
    by_page, by_command = passed_on(unreachable)
    assert by_page == by_command
    assert by_page == {"scopes": ["language.level"], "exchanges": [], "partners": [], "otherwise": sorted([ABH, JOBCENTER])}
    assert unreachable.outbox() == unreachable.outbox(ABH) == []


def test_what_nobody_looked_at_is_not_put_on_record(unreachable):
    page = previewed(unreachable.manager(), LEVEL)
    for changes in ({"seen": ""}, {"seen": "0" * 64}, {"record": base64.b64encode(json.dumps(WRONG).encode()).decode()}):
        assert page.send("Im Protokoll festhalten", **changes).status == 409
    assert page.send("Im Protokoll festhalten", key="x").status == 400
    assert passed_on(unreachable) == []


def test_a_permission_that_was_given_since_is_shown_and_nothing_is_sent_by_who_would_only_put_it_on_record(unreachable):
    page = previewed(unreachable.manager(), LEVEL)
    unreachable.declare("language.level")
    changed = page.send("Im Protokoll festhalten")
    assert (changed.status, changed.title) == (409, "Das würde weitergegeben")
    assert (unreachable.outbox(), passed_on(unreachable)) == ([], [])


def test_what_no_partner_has_is_passed_on_to_nobody(handed):
    page = previewed(handed.manager(), PHONE)
    assert page.title == "Es würde nichts gesendet"
    assert "Kein Partner hat eine dieser Angaben bekommen." in page.text
    assert not page.tree.xpath("//button[contains(., 'Jetzt weitergeben') or contains(., 'Im Protokoll festhalten')]")


@pytest.mark.parametrize("record", [b"", b"{", b"{}", b'{"person": 1}', b"\xff", {"person": {"nickname": "x"}}])
def test_a_file_that_is_no_record_is_asked_for_again(handed, record):
    page = previewed(handed.manager(), record)
    assert (page.status, page.title) == (422, "Berichtigung weitergeben")
    assert page.tree.xpath("//input[@name='file']/@aria-invalid") == ["true"]
    assert page.tree.xpath("//*[@role='alert']")


def test_where_a_partner_told_it_before_the_origin_is_asked_for_and_the_source_is_named(pages):
    pages.link()
    pages.declare("residence.status", onward_from=[ABH])
    pages.link("ABH-1", partner=ABH)
    pages.declare("residence.status", partner=ABH)
    pages.post(message(ABH, "ABH-1", STATUS), partner=ABH)
    pages.work()
    pages.inbox()
    pages.send(STATUS, provenance={"residence.status": ABH})
    taken(pages)
    page = previewed(pages.manager(), STATUS)
    assert page.title == "Woher stammt die Angabe?"
    assert page.send("Vorschau zeigen").status == 422
    told = page.send("Vorschau zeigen", **{"origin:residence.status": "self"})
    assert told.title == "Das würde weitergegeben"
    assert "Ausländerbehörde Winnenden: Aufenthaltsstatus" in section(told, "sources")
    assert told.send("Jetzt weitergeben").status == 200
    assert len(taken(pages)) == 1


def test_nothing_of_the_file_and_no_reference_stands_in_an_address(handed):
    page = previewed(handed.manager(), LEVEL)
    for address in page.tree.xpath("//@href | //@action"):
        assert CLIENT not in address
        assert "?" not in address
