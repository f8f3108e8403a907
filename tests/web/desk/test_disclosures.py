"""The paper for a client to take along: in their language, all of it, and only of a client who was opened in this session."""

import io

import pikepdf
import pypdfium2
import pytest

from imgate.exchange.rights.disclosed import disclosed
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CLIENT
from tests.web.desk.opening import LEVEL, opened

OTHER = "K-2026-2202"


@pytest.fixture
def told(pages):
    """Two clients, of each of whom somebody was told something."""
    for client, partner in ((CLIENT, "jobcenter-rems-murr"), (OTHER, ABH)):
        pages.declare("language.level", client=client, partner=partner, occasion=f"Kanarienquarz, was {client} betrifft")
        pages.link(f"355A-{client}", client=client, partner=partner)
        pages.send(LEVEL, client=client, partner=partner)
        pages.outbox(partner)
    return pages


def text_of(pdf):
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def language_of(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened_pdf:
        return str(opened_pdf.Root.Lang)


def test_it_is_in_the_language_that_was_signed_in_and_in_german_where_that_is_asked_for(told):
    browser = told.manager()
    page = browser.get(opened(browser))
    own, german = page.follow("Auskunft in der Sprache der Person (PDF)"), page.follow("Auskunft auf Deutsch (PDF)")
    assert [language_of(each.answer.content).split("-")[0] for each in (own, german)] == ["ar", "de"]
    assert {each.headers["content-disposition"] for each in (own, german)} == {'inline; filename="auskunft.pdf"'}
    (row,) = disclosed(told.corridor, CLIENT, told.gateway.terms)["disclosures"]
    assert row["exchange"][-12:] in text_of(german.answer.content)
    for said in ("Jobcenter Rems-Murr, Team 412", "Sprachniveau"):
        assert said in text_of(german.answer.content)
    for each in (own, german):
        whole = each.answer.content + text_of(each.answer.content).encode()
        assert not [mark for mark in (OTHER, "Ausländerbehörde Winnenden", "Kanarienquarz") if mark.encode() in whole]


def test_of_a_client_who_was_not_opened_here_there_is_none(told):
    elsewhere = opened(told.visit(UserRole.INTEGRATION_MANAGER, login="zweite", name="Ada Amt"), OTHER)
    browser = told.manager()
    assert browser.get(f"{elsewhere}/disclosures.pdf").status == 404
    assert browser.get(f"/pages/clients/{new_id()}/disclosures.pdf").status == 404


def test_of_a_client_whom_nobody_knows_there_is_none(told):
    browser = told.manager()
    assert browser.get(f"{opened(browser, 'K-NIE')}/disclosures.pdf").status == 404
