"""The log as it reads, and its verification."""

import threading

import pytest
from sqlalchemy import text

from imgate.audit.events import Event, EventName
from imgate.web.office import verification
from tests.exchange.conftest import JOBCENTER

PAGE = "/pages/office/log"


def test_the_newest_entry_stands_first_with_who_did_it_and_which_scopes(pages):
    pages.declare("language.level")
    pages.link()
    pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    page = pages.office().get(PAGE)
    events = [cell.text_content().strip() for cell in page.tree.xpath("//tbody/tr/td[1]")]
    assert events[:2] == ["Person zu den Seiten zugelassen", "Übermittlung erlaubt"]
    permitted = page.tree.xpath("//tbody/tr")[1].text_content()
    assert "Jobcenter Rems-Murr, Team 412" in permitted
    assert "Sprachniveau" in permitted


def test_a_user_is_named_and_an_operator_is_said_to_be_one(pages):
    browser = pages.office()
    users = pages.gateway.store.people.users
    users.revoke(users.by_login("office").id, pages.now, "operator")
    other = pages.office(login="andere")
    page = other.get(PAGE)
    assert "die IT, über die Befehlszeile" in page.text
    assert browser.get(PAGE, follow=False).status == 303


def test_the_log_is_narrowed_to_one_event(pages):
    pages.declare("language.level")
    browser = pages.office()
    page = browser.get(PAGE).send("Anzeigen", event="declaration_created")
    events = {cell.text_content().strip() for cell in page.tree.xpath("//tbody/tr/td[1]")}
    assert events == {"Erklärung entworfen"}


@pytest.mark.parametrize("query", ["event=x", "before=-1", "before=x", "before=99999999999999999999", "event=user_added&before=1e3"])
def test_a_word_that_is_none_of_ours_leads_nowhere(pages, query):
    assert pages.office().get(f"{PAGE}?{query}").status == 404


def test_older_entries_follow_and_none_is_shown_twice_or_left_out(pages, monkeypatch):
    monkeypatch.setattr("imgate.web.office.trail.SHOWN", 7)
    for _ in range(5):
        pages.declare("language.level")
    page, places = pages.office().get(PAGE), []
    while True:
        places += [row.xpath("string(td[1])").strip() for row in page.tree.xpath("//tbody/tr")]
        if "Ältere Einträge" not in page.links():
            break
        page = page.follow("Ältere Einträge")
    with pages.corridor.store.reading() as tx:
        assert len(places) == sum(1 for _ in tx.audit_log.entries())


def test_a_rare_event_is_found_behind_many_others(pages, monkeypatch):
    monkeypatch.setattr("imgate.web.office.trail.SHOWN", 5)
    monkeypatch.setattr("imgate.web.office.trail._LOOKED_AT", 10)
    pages.declare("language.level")
    with pages.corridor.store.transaction() as tx:
        for _ in range(30):
            tx.audit(Event(EventName.LINK_SET, pages.now, "worker", None, {"partner": JOBCENTER}))
    page = pages.office().get(f"{PAGE}?event=declaration_created")
    assert "Hier steht nichts." in page.text
    assert "Es wurde noch nicht alles durchgesehen." in page.text
    for _ in range(10):
        if "Erklärung entworfen" in page.tree.xpath("string(//tbody)"):
            break
        page = page.follow("Weiter suchen")
    assert "Erklärung entworfen" in page.tree.xpath("string(//tbody)")


def test_verification_says_what_the_command_line_says(pages):
    pages.declare("language.level")
    browser = pages.office()
    assert "hat hier noch niemand geprüft" in browser.get(PAGE).text
    page = browser.get(PAGE).send("Jetzt prüfen")
    assert "Das Protokoll ist unversehrt" in page.text
    report = verification.verify_gateway(pages.gateway).report
    assert str(report.checkpoint) in page.text
    assert "Protokoll zuletzt geprüft 02.03.2026, 10:00" in browser.get("/pages/office").text


def test_a_changed_entry_is_found_and_nothing_of_it_is_shown(pages):
    declaration = pages.declare("language.level")
    forged = "11111111-1111-4111-8111-111111111111"
    with pages.gateway.store.engine.begin() as connection:
        for position, entry in connection.execute(text("select position, entry from audit_log")).all():
            changed = bytes(entry).replace(declaration.encode(), forged.encode())
            connection.execute(
                text("update audit_log set entry = :entry where position = :position"), {"entry": changed, "position": position}
            )
    browser = pages.office()
    page = browser.get(PAGE).send("Jetzt prüfen")
    assert "Das Protokoll, oder womit es verglichen wird, wurde verändert" in page.text
    assert "Ein Eintrag wurde verändert." in page.text
    assert "nichts davon ist zu glauben" in page.text
    assert forged not in page.text
    assert "Das Protokoll ist nicht unversehrt" in browser.get("/pages/office").text


def test_only_one_reads_the_whole_log_at_a_time(pages, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    whole = verification.verify_gateway

    def slowly(gateway, elsewhere):
        begun.set()
        assert go_on.wait(10)
        return whole(gateway, elsewhere)

    monkeypatch.setattr(verification, "verify_gateway", slowly)
    first, second = pages.office(), pages.office()
    running = threading.Thread(target=first.post, args=(f"{PAGE}/verify", {"checkpoint": ""}))
    running.start()
    try:
        assert begun.wait(10)
        for path, said in (("log/verify", {"checkpoint": ""}), ("log/export", {}), ("what-if/compare", {"since": "2026-03-01"})):
            answer = second.post(f"/pages/office/{path}", said)
            assert (answer.status, "Gerade ist viel zu tun" in answer.text) == (503, True)
        assert second.get(f"/pages/office/what-if/{'0' * 8}-0000-4000-8000-{'0' * 12}").status == 503
    finally:
        go_on.set()
        running.join(10)
    assert second.post(f"{PAGE}/verify", {"checkpoint": ""}).status == 200
