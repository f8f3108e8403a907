"""One message: what was released and why, in plain words; and what the liaison says to it."""

import pytest

from tests.exchange.conftest import ABH, CLIENT, REFERENCE
from tests.web.liaison.waiting import LEVEL, STATUS, VIEWS, told, waiting

EVERYTHING = LEVEL | STATUS | {"appointments": {"upcoming": [{"at": "2027-04-01T07:00:00Z", "with": "<b>Fr.</b> Kälberer"}]}}


def test_the_page_says_what_was_released_in_words(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}")
    for said in ("Aufenthaltserlaubnis", "seit: 02.05.2024", "Niveau: B1", "Deutsch-Test für Zuwanderer"):
        assert said in page.text
    assert "Herkunft: betroffene Person · Auskunft durch Integrationsmanagement Winnenden · Erlaubt bis 31.12.2026" in page.text


def test_the_page_says_why_it_may_be_seen(pages):
    declaration, exchange = waiting(pages, occasion="Vermittlung nach einem Gespräch über ein Geheimnis")
    page = pages.liaison().get(f"/pages/inbox/{exchange}")
    for said in ("Warum sehe ich das?", declaration[-12:], "15.01.2026 bis 31.12.2026", "unterschrieben", "Arbeit oder Ausbildung finden"):
        assert said in page.text
    assert "Geheimnis" not in page.answer.text
    assert declaration not in page.answer.text
    assert CLIENT not in page.answer.text


def test_the_page_says_what_binds_its_reader(pages):
    _, exchange = waiting(pages)
    for view in ("", "/print"):
        page = pages.liaison().get(f"/pages/inbox/{exchange}{view}")
        for law in ("§ 78 SGB X", "§ 203 StGB", "§§ 76, 78 SGB X", "§ 88 Abs. 2 AufenthG"):
            assert law in page.text.replace("\u00a0", " ")


def test_the_origin_of_what_came_from_another_partner_is_named(pages):
    pages.link()
    pages.declare("residence.status", onward_from=[ABH])
    exchange = pages.send(STATUS, provenance={"residence.status": ABH})["id"]
    assert "Herkunft: Ausländerbehörde Winnenden" in pages.liaison().get(f"/pages/inbox/{exchange}").text


def test_what_was_withheld_stands_nowhere(pages):
    pages.link()
    pages.declare("language.level")
    exchange = pages.send(EVERYTHING)["id"]
    liaison = pages.liaison()
    for view in ("", "/print", "/file"):
        page = liaison.get(f"/pages/inbox/{exchange}{view}")
        assert "2024-05-02" not in page.answer.text
        assert "02.05.2024" not in page.answer.text
        assert "Kälberer" not in page.answer.text


def test_what_a_client_told_is_shown_and_not_run(pages):
    pages.link()
    pages.declare("appointments.upcoming")
    exchange = pages.send(EVERYTHING)["id"]
    for view in ("", "/print"):
        page = pages.liaison().get(f"/pages/inbox/{exchange}{view}")
        assert "<b>Fr.</b>" not in page.answer.text
        assert "<b>Fr.</b> Kälberer" in page.text
        assert "01.04.2027, 09:00" in page.text


def test_the_file_is_the_message_byte_for_byte_under_a_name_that_says_nothing(pages):
    _, exchange = waiting(pages)
    answer = pages.liaison().get(f"/pages/inbox/{exchange}/file").answer
    assert answer.content.startswith(b"<?xml")
    assert REFERENCE.encode() in answer.content
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="{exchange}.xml"'


def test_the_pdf_holds_the_message_and_is_handed_out_too(pages):
    _, exchange = waiting(pages)
    answer = pages.liaison().get(f"/pages/inbox/{exchange}/pdf").answer
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-disposition"] == f'attachment; filename="{exchange}.pdf"'
    assert pages.shown(exchange)["state"] == "delivered"


def test_where_no_papers_can_be_made_the_page_says_whom_to_ask(pages, monkeypatch):
    from imgate.documents.typesetting import PapersUnavailable

    def unavailable(*_args, **_more):
        raise PapersUnavailable

    monkeypatch.setattr("imgate.documents.message_paper.typeset", unavailable)
    _, exchange = waiting(pages)
    answer = pages.liaison().get(f"/pages/inbox/{exchange}/pdf")
    assert answer.status == 501
    assert "PDF" in answer.text


def test_title_and_address_name_nobody(pages):
    """Both are kept by browsers, and the title stands on the tab."""
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    for view in ("", "/print"):
        page = liaison.get(f"/pages/inbox/{exchange}{view}")
        assert REFERENCE not in page.tree.xpath("string(//title)")
        assert all(REFERENCE not in href for href in page.tree.xpath("//@href|//@action"))


# What is said to it


def test_who_acknowledges_has_it_and_the_payload_is_gone(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    done = liaison.get(f"/pages/inbox/{exchange}").send("Erhalt bestätigen")
    assert (done.path, done.status) == ("/pages/inbox", 200)
    assert "Bestätigt." in done.text
    assert pages.shown(exchange)["state"] == "acknowledged"
    with pages.corridor.store.reading() as tx:
        assert tx.outbox.box(exchange) is None


def test_acknowledging_twice_is_as_good_as_once(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    liaison.get("/pages/inbox")
    for _ in range(2):
        assert liaison.post(f"/pages/inbox/{exchange}/ack", {"x": ""}).status == 200


@pytest.mark.parametrize("why", ["not_for_me", "already_known"])
def test_who_gives_it_back_says_why_in_one_of_two_words(pages, why):
    _, exchange = waiting(pages)
    done = pages.liaison().get(f"/pages/inbox/{exchange}").send("Zurückgeben", why=why)
    assert "Zurückgegeben." in done.text
    shown = pages.shown(exchange)
    assert (shown["state"], shown["history"][-1]["detail"]) == ("rejected", why)


@pytest.mark.parametrize("why", ["", "weil", "not_for_me ; drop", "NOT_FOR_ME"])
def test_without_a_reason_nothing_is_given_back(pages, why):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}").send("Zurückgeben", why=why)
    assert page.status == 422
    assert "Bitte wählen Sie einen der beiden Gründe." in page.text
    assert pages.shown(exchange)["state"] == "delivered"


def test_what_was_acknowledged_cannot_be_given_back(pages):
    _, exchange = waiting(pages)
    liaison = pages.liaison()
    liaison.get(f"/pages/inbox/{exchange}").send("Erhalt bestätigen")
    assert liaison.post(f"/pages/inbox/{exchange}/reject", {"why": "not_for_me"}).status == 409
    assert pages.shown(exchange)["state"] == "acknowledged"


# Asking for more


def test_who_asks_for_more_sees_that_it_was_asked_and_gets_nothing(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}").send("Anfragen", scopes=["work.status", "contact.phone"])
    assert page.path == f"/pages/inbox/{exchange}"
    assert "Angefragt: Telefon, Arbeit zurzeit" in page.text
    assert not page.tree.xpath("//input[@name='scopes'][@value='work.status']")
    assert len(pages.disclosures()) == 1


def test_what_is_closed_or_beyond_the_ceiling_is_not_offered(pages):
    _, exchange = waiting(pages)
    offered = pages.liaison().get(f"/pages/inbox/{exchange}").tree.xpath("//input[@name='scopes']/@value")
    assert "work.status" in offered
    assert not {"health.constraints", "asylum.grounds", "identifiers.azr_number", "residence.title", "language.level"}.intersection(offered)


def test_what_can_be_asked_for_is_grouped_by_the_sections_of_the_record(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}")
    groups = page.tree.xpath("//form[contains(@action, '/ask')]//fieldset")
    by_section = {group.xpath("string(legend)"): {value.partition(".")[0] for value in group.xpath(".//input/@value")} for group in groups}
    assert by_section["Arbeit"] == {"work"}
    assert [len(sections) for sections in by_section.values()] == [1] * len(groups)
    assert len(page.tree.xpath("//fieldset//input[@name='scopes']")) == len(page.tree.xpath("//input[@name='scopes']"))


@pytest.mark.parametrize("scopes", [["health.constraints"], ["work.status", "language.level"], ["<script>"]])
def test_what_was_not_offered_cannot_be_asked_for(pages, scopes):
    _, exchange = waiting(pages)
    page = pages.liaison().post(f"/pages/inbox/{exchange}/ask", {"scopes": scopes})
    assert page.status == 422
    assert "script>" not in page.text
    with pages.corridor.store.reading() as tx:
        assert tx.session.driver.execute("SELECT count(*) FROM scope_requests").fetchone() == (0,)


def test_asking_for_nothing_shows_the_form_again(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().post(f"/pages/inbox/{exchange}/ask", {"scopes": ""})
    assert page.status == 422
    assert "Bitte wählen Sie mindestens eine Angabe." in page.text


def test_there_is_no_field_for_words_of_ones_own(pages):
    _, exchange = waiting(pages)
    page = pages.liaison().get(f"/pages/inbox/{exchange}")
    assert page.tree.xpath("//main//textarea | //main//input[@type='text']") == []


# The end of use


def test_a_notice_is_shown_as_one(pages):
    liaison = pages.liaison()
    page = liaison.get(f"/pages/inbox/{told(pages, liaison)}")
    assert page.title == "Nutzung beenden"
    for said in (REFERENCE, "Sprachniveau", "Aufenthaltsstatus", "02.03.2026"):
        assert said in page.text
    assert "B1" not in page.text


def test_one_press_confirms_the_end_of_use(pages):
    liaison = pages.liaison()
    exchange = told(pages, liaison)
    done = liaison.get(f"/pages/inbox/{exchange}").send("Nutzung ist beendet")
    assert "Ihre Antwort ist eingetragen." in done.text
    assert pages.shown(exchange)["state"] == "acknowledged"
    assert liaison.get(f"/pages/inbox/{exchange}").status == 404


def test_who_keeps_it_names_the_statute(pages):
    liaison = pages.liaison()
    exchange = told(pages, liaison)
    page = liaison.get(f"/pages/inbox/{exchange}").send("Antworten", answer="kept_under_statute")
    assert page.status == 422
    assert "Bitte nennen Sie die Rechtsvorschrift" in page.text
    done = page.send("Antworten", statute="§ 67 SGB X")
    assert "Ihre Antwort ist eingetragen." in done.text


def test_a_statute_that_was_typed_beside_another_answer_does_not_count(pages):
    liaison = pages.liaison()
    exchange = told(pages, liaison)
    done = liaison.get(f"/pages/inbox/{exchange}").send("Antworten", answer="objected", statute="§ 67 SGB X")
    assert "Ihre Antwort ist eingetragen." in done.text


@pytest.mark.parametrize("fields", [{"answer": ""}, {"answer": "vielleicht"}, {"answer": "kept_under_statute", "statute": "x" * 201}])
def test_an_answer_that_is_none_changes_nothing_and_keeps_what_was_typed(pages, fields):
    liaison = pages.liaison()
    exchange = told(pages, liaison)
    page = liaison.post(f"/pages/inbox/{exchange}/end-of-use", fields)
    assert page.status == 422
    assert page.tree.xpath("string(//input[@name='statute']/@value)") == fields.get("statute", "")
    assert pages.shown(exchange)["state"] == "delivered"


def test_a_message_is_no_notice_to_answer(pages):
    _, exchange = waiting(pages)
    assert pages.liaison().post(f"/pages/inbox/{exchange}/end-of-use", {"answer": "ended"}).status == 404
    assert pages.shown(exchange)["state"] == "queued"


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "/pdf"])
def test_a_notice_can_be_read_printed_and_kept(pages, view):
    liaison = pages.liaison()
    assert liaison.get(f"/pages/inbox/{told(pages, liaison)}{view}").status == 200
