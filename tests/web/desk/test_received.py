"""What partners sent is shown as far as the clients allow it, and goes on record as handed out, as for the case system."""

import pytest

from imgate.exchange.ports import Unreadable
from imgate.exchange.stored import Cursor
from imgate.vocabulary.identifiers import new_id
from imgate.web.desk import received
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.noticing import RUN, notice
from tests.web.desk.opening import opened

MEETING = {"appointments": {"upcoming": [{"at": "2026-03-29T09:15:00+02:00", "with": "Frau Müßig", "subject": "Gespräch"}]}}
ENDING = {"residence": {"status": {"code": "1", "since": "2024-05-02", "until": "2026-04-15"}}}


def sent(pages, record, *scopes, partner=JOBCENTER, reference=REFERENCE):
    """Have a partner send something that the client allows."""
    pages.link(reference, partner=partner)
    if scopes:
        pages.declare(*scopes, partner=partner)
    receipt = pages.post(message(partner, reference, record), partner=partner)
    pages.work()
    return receipt


@pytest.fixture
def manager(pages):
    return pages.manager()


def disclosed(pages):
    with pages.corridor.store.reading() as tx:
        return [each.scopes for each in tx.disclosures.page(tx.clients.find(CLIENT).digest, Cursor()).items]


def test_what_a_partner_sent_is_shown_with_its_values(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    page = manager.get("/pages/received")
    assert "Ansprechperson im Jobcenter" in page.text
    assert "Müßig" in page.text
    assert "Jobcenter Rems-Murr, Team 412" in page.text
    assert disclosed(pages) == [("contact_persons.jobcenter",)]


def test_looking_twice_goes_on_record_once(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    manager.get("/pages/received")
    manager.get("/pages/received")
    assert len(disclosed(pages)) == 1


def test_what_is_allowed_no_more_is_not_shown(pages, manager):
    sent(pages, CONTACT)
    pages.declare("contact_persons.jobcenter")
    sent(pages, CONTACT)
    with pages.corridor.store.reading() as tx:
        (declaration,) = tx.declarations.of(tx.clients.find(CLIENT).digest, JOBCENTER)
    pages.revoke(declaration.id)
    page = manager.get("/pages/received")
    assert "Müßig" not in page.text
    assert disclosed(pages) == []


def test_what_was_taken_over_is_gone(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    done = manager.get("/pages/received").send("Übernommen, hier löschen")
    assert (done.status, "Es liegt nichts vor." in done.text) == (200, True)
    assert pages.inbox() == []


def test_what_nobody_has_looked_at_cannot_be_taken_over(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    with pages.corridor.store.reading() as tx:
        item = tx.inbox.page(Cursor()).items[0].exchange.id
    assert manager.post(f"/pages/received/{item}/ack").status == 404
    assert len(pages.inbox()) == 1


def test_appointments_can_be_put_into_a_calendar(pages, manager):
    sent(pages, MEETING, "appointments.upcoming")
    page = manager.get("/pages/received")
    calendar = page.follow("Termine für den Kalender herunterladen")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "Termin: Frau Müßig" in calendar.answer.text
    assert calendar.headers["cache-control"] == "no-store"


def test_a_calendar_of_an_item_without_appointments_is_not_found(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    with pages.corridor.store.reading() as tx:
        item = tx.inbox.page(Cursor()).items[0].exchange.id
    answers = [manager.get(f"/pages/received/{each}/calendar") for each in (item, new_id(), "x")]
    assert {answer.status for answer in answers} == {404}


def test_what_is_to_be_thought_of_is_said_in_words(pages, manager):
    sent(pages, ENDING, "residence.status", partner=ABH, reference="33/2-815")
    text = manager.get("/pages/received").text
    assert "Aufenthaltsstatus: läuft am 15.04.2026 ab." in text
    assert "behält den Titel bis zur Entscheidung (§ 81 Abs. 4 AufenthG)" in text
    assert "Der Rechtskreis ist jetzt: SGB II (Bürgergeld)." in text
    assert "Das ist nicht sicher" in text


def test_a_script_in_what_a_partner_sent_is_text(pages, manager):
    evil = "<script>alert(1)</script>"
    sent(pages, {"appointments": {"upcoming": [{"at": "2026-03-29T09:15:00+02:00", "with": evil}]}}, "appointments.upcoming")
    page = manager.get("/pages/received")
    assert page.tree.xpath("//main//script") == []
    assert evil in page.tree.xpath("string(//main)")


def test_one_that_cannot_be_read_stops_none_of_the_others(pages, manager, monkeypatch):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    sent(pages, MEETING, "appointments.upcoming")
    from imgate.exchange import boxes

    whole = boxes.decide_inbox

    def broken(corridor, tx, partner, client, item, *rest):
        if "contact_persons.jobcenter" in item.exchange.released:
            raise Unreadable("broken")
        return whole(corridor, tx, partner, client, item, *rest)

    monkeypatch.setattr(boxes, "decide_inbox", broken)
    page = manager.get("/pages/received")
    assert page.status == 200
    assert "Gespräch" in page.text


# Notices of the end of use


def ended(pages, *scopes, **more):
    """Have a partner tell that its permission ended."""
    pages.post(notice(*(scopes or ("contact_persons.jobcenter",)), **more))
    pages.work()


def test_a_notice_is_shown_with_what_it_is_about_and_says_that_nothing_was_changed(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    ended(pages, "contact_persons.jobcenter", "work.proposals", reminder=2)
    assert "dass die Erlaubnis für Angaben endet" in manager.get("/pages/desk").text
    page = manager.get("/pages/received")
    shown = page.tree.xpath("string(//section[h2[@id='notices']])")
    for said in ("Jobcenter Rems-Murr, Team 412", "(2. Erinnerung)", CLIENT, "01.03.2026", RUN, "nichts geändert oder gelöscht"):
        assert said in shown
    assert "Ansprechperson im Jobcenter" in shown
    assert "Vorschläge" not in shown
    assert "Müßig" in page.text  # what it is about still waits


def test_a_notice_is_shown_until_somebody_has_noted_it(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    ended(pages)
    done = manager.get("/pages/received").send("Zur Kenntnis genommen")
    assert "Geändert oder gelöscht ist dadurch nichts." in done.text
    assert done.tree.xpath("//section[h2[@id='notices']]") == []
    assert len(pages.inbox()) == 1
    assert "dass die Erlaubnis für Angaben endet" not in manager.get("/pages/desk").text


def test_every_receipt_of_a_notice_says_what_it_was_about(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    ended(pages)
    ended(pages, "work.proposals")
    ended(pages, reference="999X000001")
    text = manager.get("/pages/received/intake").text
    assert "Ende der Nutzung seit 01.03.2026. Ansprechperson im Jobcenter" in text
    assert text.count("Von diesem Partner war nichts davon übernommen.") == 2
    assert "999X000001" in text


def test_a_notice_that_is_on_record_leads_to_the_client(pages, manager):
    pages.link()
    ended(pages)
    assert manager.get("/pages/received/intake").send(CLIENT).title == "Mitteilung von Jobcenter Rems-Murr, Team 412"


# Receipts and unknown people


def unknown(pages, reference="999X000001", partner=JOBCENTER):
    pages.post(message(partner, reference, CONTACT), partner=partner)
    pages.work()


def test_somebody_unknown_is_named_by_the_reference_as_it_was_sent(pages, manager):
    unknown(pages)
    text = manager.get("/pages/received/intake").text
    assert "999X000001" in text
    assert "Müßig" not in text


def test_somebody_unknown_is_linked_to_a_client(pages, manager):
    pages.declare("contact_persons.jobcenter")
    unknown(pages)
    done = manager.get("/pages/received/intake").send("Zuordnen", client=CLIENT)
    assert "Das Zeichen ist eingetragen." in done.text
    assert done.tree.xpath("//section[h2[@id='unknown']]") == []
    pages.post(message(JOBCENTER, "999X000001", CONTACT))
    pages.work()
    assert len(pages.inbox()) == 1


@pytest.mark.parametrize("typed", ["", "K-2026-9999", "a b", "<script>alert(1)</script>"])
def test_somebody_unknown_is_linked_to_nobody_who_is_not_there(pages, manager, typed):
    unknown(pages)
    again = manager.get("/pages/received/intake").send("Zuordnen", client=typed)
    assert (again.status, "nichts eingetragen" in again.text) == (422, True)
    assert again.tree.xpath("string(//input[@name='client']/@value)") == typed
    with pages.corridor.store.reading() as tx:
        assert tx.clients.find("K-2026-9999") is None


def test_a_client_whom_the_partner_knows_already_keeps_that_link(pages, manager):
    pages.link()
    unknown(pages)
    again = manager.get("/pages/received/intake").send("Zuordnen", client=CLIENT)
    assert (again.status, "unter einem anderen Zeichen" in again.text) == (422, True)
    with pages.corridor.store.reading() as tx:
        assert tx.links.get(tx.clients.find(CLIENT), JOBCENTER).reference == REFERENCE


def test_a_form_cannot_say_under_which_reference(pages, manager):
    pages.declare("contact_persons.jobcenter")
    unknown(pages)
    manager.get("/pages/received/intake").send("Zuordnen", client=CLIENT, reference="1", partner=ABH)
    with pages.corridor.store.reading() as tx:
        client = tx.clients.find(CLIENT)
        assert tx.links.get(client, JOBCENTER).reference == "999X000001"
        assert tx.links.get(client, ABH) is None


def test_who_was_linked_or_never_there_cannot_be_linked(pages, manager):
    pages.declare("contact_persons.jobcenter")
    unknown(pages)
    page = manager.get("/pages/received/intake")
    page.send("Zuordnen", client=CLIENT)
    receipt = page.tree.xpath("string(//form[contains(@action, 'link')]/@action)").split("/")[4]
    key = {"key": new_id(), "client": CLIENT}
    for path in (f"{receipt}/1", f"{receipt}/2", f"{new_id()}/1", f"{receipt}/0", "x/1"):
        assert manager.post(f"/pages/received/intake/{path}/link", key).status == 404


def test_every_receipt_says_what_became_of_it(pages, manager):
    sent(pages, CONTACT)
    text = manager.get("/pages/received/intake").text
    assert "Ansprechperson im Jobcenter: Es gibt keine Erklärung für diesen Partner" in text
    assert "Es gibt keine Erklärung" in text


def test_an_exchange_of_a_receipt_leads_to_the_client(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    page = manager.get("/pages/received/intake").send(CLIENT)
    assert page.title == "Mitteilung von Jobcenter Rems-Murr, Team 412"


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_see_nothing_of_it(pages, role):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    browser = getattr(pages, role)()
    with pages.corridor.store.reading() as tx:
        item = tx.inbox.page(Cursor()).items[0].exchange.id
    for path in ("/pages/received", "/pages/received/intake", f"/pages/received/{item}/calendar"):
        assert browser.get(path).status == 403
    for path in (f"/pages/received/{item}/ack", f"/pages/received/intake/{item}/1/link"):
        assert browser.post(path, {"key": new_id(), "client": CLIENT}).status == 403
    assert disclosed(pages) == []


@pytest.mark.parametrize("path", ["/pages/received", "/pages/received/intake", "/pages/requests", "/pages/desk/waiting"])
def test_a_cursor_that_is_none_is_not_found(manager, path):
    assert manager.get(f"{path}?after=Krankheit").status == 404


def test_no_reference_stands_in_an_address(pages, manager):
    sent(pages, CONTACT, "contact_persons.jobcenter")
    unknown(pages)
    opened(manager)
    for path in ("/pages/received", "/pages/received/intake"):
        page = manager.get(path)
        assert not any(CLIENT in one or REFERENCE in one or "999X" in one for one in page.tree.xpath("//@href|//@action"))


HINTS = [
    {"code": "runs_out", "scope": "residence.title", "on": "2026-02-01", "passed": True},
    {"code": "code_runs_out", "scope": "residence.title", "on": "2026-12-31"},
    {"code": "employer_already_declined", "proposals": [0]},
    {
        "code": "phase_changed",
        "scope": "residence.status",
        "circle": "sgb2",
        "phase": "residence_title",
        "certain": True,
        "previous": {"circle": "sgb2", "phase": "tolerated"},
        "responsible": [
            {
                "body": "jobcenter",
                "task": "work_placement",
                "source": "§ 16 Abs. 1 SGB II",
                "certain": False,
                "partners": [{"partner": JOBCENTER, "covered": True}, {"partner": ABH, "covered": False}],
            }
        ],
    },
]


def test_every_hint_and_every_file_is_said_in_words(pages, manager, monkeypatch):
    item = {
        "id": new_id(),
        "partner": JOBCENTER,
        "client": CLIENT,
        "record": CONTACT,
        "received_at": "2026-03-02T09:00:00Z",
        "hints": HINTS,
    }
    files = [
        {"kind": "declaration_bundle", "name": "?", "sha256": "ab" * 32, "holds": True},
        {"kind": "declaration_bundle", "name": "?", "sha256": "cd" * 32, "holds": False},
        {"kind": "calendar", "name": "appointments.ics", "sha256": "ef" * 32},
    ]
    monkeypatch.setattr(received.boxes, "inbox", lambda *_: {"items": [item]})
    monkeypatch.setattr(received, "received_files", lambda *_: {item["id"]: files})
    text = manager.get("/pages/received").text
    for said in (
        "Aufenthaltstitel: am 01.02.2026 abgelaufen.",
        "Aufenthaltstitel: diese Regelung gilt nur bis zum 31.12.2026.",
        "ein Betrieb, der schon abgesagt hat",
        "Der aufenthaltsrechtliche Abschnitt ist jetzt: Aufenthaltstitel. Vorher: SGB II (Bürgergeld), Duldung.",
        "Arbeitsvermittlung: Jobcenter (§ 16 Abs. 1 SGB II, nicht sicher). Jobcenter Rems-Murr, Team 412: eine Erklärung liegt vor.",
        "Ausländerbehörde Winnenden: es gibt keine Erklärung.",
        "Nachweis der Erlaubnis: geprüft und gültig. Prüfsumme: " + "ab" * 32,
        "Nachweis der Erlaubnis: nicht gültig.",
        "Termine für einen Kalender. Prüfsumme:",
    ):
        assert said in text
