"""Who was told what about one client: the reference is typed, and stands in no address."""

import io
import json
import zipfile

import pypdfium2
import pytest

from imgate.documents.languages import LANGUAGES
from imgate.exchange.rights.disclosed import disclosed
from imgate.exchange.rights.export import export_client
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CLIENT

OTHER, OTHERS_REFERENCE, CANARY = "K-2026-2202", "ABH-491Q37", "Kanarienquarz"
PAGE = "/pages/office/disclosures"


@pytest.fixture
def told(pages):
    """A client of whom the Jobcenter was told something, three times."""
    pages.declare("language.level")
    pages.link()
    for cefr in ("A1", "A2", "B1"):
        pages.send({"language": {"level": {"cefr": cefr, "evidence": "dtz"}}})
        pages.outbox()
        pages.later(minutes=1)
    return pages


def test_it_says_who_was_told_what_when_and_under_which_declaration(told):
    shown = told.disclosures()
    page = told.office().get(PAGE).send("Anzeigen", client=CLIENT)
    for text in ("Jobcenter Rems-Murr, Team 412", "an den Partner", "Sprachniveau", "02.03.2026, 10:00", shown[0]["declarations"][0]):
        assert text in page.text
    assert len(page.tree.xpath("//tbody/tr")) == len(shown)


def test_the_reference_stands_in_no_address_also_on_page_two(told, monkeypatch):
    monkeypatch.setattr("imgate.web.office.disclosures._SHOWN", 1)
    page, rows = told.office().get(PAGE).send("Anzeigen", client=CLIENT), 0
    while True:
        rows += len(page.tree.xpath("//tbody/tr"))
        assert CLIENT not in str(page.answer.url)
        assert [href for href in page.tree.xpath("//@href | //@action | //@formaction") if CLIENT in href] == []
        if "Weitere anzeigen" not in page.text:
            break
        page = page.send("Weitere anzeigen")
    assert rows == len(told.disclosures())


def test_asked_by_an_address_it_shows_the_empty_form(told):
    page = told.office().get(f"{PAGE}?client={CLIENT}")
    assert page.tree.xpath("//tbody/tr") == []
    assert page.tree.xpath("//input[@name='client'][@value]") == []


def test_an_unknown_client_and_one_of_whom_nothing_left_are_the_same(told):
    told.declare("language.level", client="K-STILL")
    browser = told.office()
    silent, unknown = (browser.post(PAGE, {"client": client}).answer.text.replace(client, "K") for client in ("K-STILL", "K-NIE"))
    assert silent == unknown


@pytest.mark.parametrize("client", ["", " ", "K 1", "K/1", "ä", "a" * 65, "<script>"])
def test_what_can_be_no_reference_is_asked_for_again(pages, client):
    page = pages.office().post(PAGE, {"client": client})
    assert (page.status, "Ein Fallzeichen hat 1 bis 64 Zeichen" in page.text) == (422, True)
    assert page.tree.xpath("//input[@name='client']/@aria-invalid") == ["true"]


@pytest.mark.parametrize("after", ["x", "AAAA", "1"])
def test_a_place_that_is_none_leads_nowhere(told, after):
    assert told.office().post(PAGE, {"client": CLIENT, "after": after}).status == 404


# ---- What is handed over ----


@pytest.fixture
def both(told):
    """Beside that client another one, of whom everything is marked."""
    told.declare("person.name", client=OTHER, partner=ABH, occasion=f"{CANARY} ist der Anlass")
    told.link(OTHERS_REFERENCE, client=OTHER, partner=ABH)
    told.send({"person": {"name": {"family": CANARY, "given": "Q"}}}, client=OTHER, partner=ABH)
    told.outbox(ABH)
    return told


def given(browser, what, client=CLIENT, **fields):
    return browser.post(f"{PAGE}/{what}", {"client": client, **fields})


def text_of(pdf):
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def is_nobody_elses(content):
    return not [mark for mark in (OTHER, OTHERS_REFERENCE, CANARY, "Ausländerbehörde Winnenden") if mark.encode() in content]


def kept_about(pages, client=CLIENT):
    return disclosed(pages.corridor, client, pages.gateway.terms)


FILES = ("pdf", "json", "export")


@pytest.mark.parametrize("what", [*FILES, "erasure", "erased"])
@pytest.mark.parametrize("client", ["", "K 1", "ä", "a" * 65, "<script>"])
def test_what_can_be_no_reference_is_asked_for_again_wherever_it_is_typed(pages, what, client):
    page = given(pages.office(), what, client)
    assert (page.status, "Ein Fallzeichen hat 1 bis 64 Zeichen" in page.text) == (422, True)


@pytest.mark.parametrize("what", [*FILES, "erasure", "erased"])
def test_of_nobody_there_is_no_file_and_nothing_to_erase(told, what):
    page = given(told.office(), what, "K-NIE", again="K-NIE")
    assert (page.status, page.title) == (404, "Auskunft")
    assert "Unter diesem Fallzeichen ist hier niemand bekannt" in page.text


@pytest.mark.parametrize("language", ["xx", "de-DE", "AR", "<script>", "../de"])
def test_there_is_no_paper_in_a_language_that_is_none_of_the_twelve(told, language):
    assert given(told.office(), "pdf", language=language).status == 404


def test_the_paper_holds_every_row_and_nothing_of_anybody_else(both):
    page = given(both.office(), "pdf", language="de")
    assert page.headers["content-type"] == "application/pdf"
    assert page.headers["content-disposition"] == 'attachment; filename="auskunft.pdf"'
    text, rows = text_of(page.answer.content), kept_about(both)["disclosures"]
    assert len(rows) == 3
    for row in rows:
        assert row["exchange"][-12:] in text
    for said in ("Jobcenter Rems-Murr, Team 412", "02.03.2026", "10:02:00", "Sprachniveau", "Arbeit oder Ausbildung finden"):
        assert said in text, said
    assert is_nobody_elses(text.encode() + page.answer.content)


@pytest.mark.parametrize(("language", "said"), [("en", "what was passed on"), ("tr", "neler aktarıldı"), ("", "Auskunft")])
def test_it_is_in_the_language_that_was_chosen_else_in_the_clients_own(both, language, said):
    """The client signed in Arabic; what a paper in Arabic says, its own tests read. German it is not."""
    text = text_of(given(both.office(), "pdf", language=language).answer.content)
    assert (said in text) == bool(language)


def test_each_of_the_twelve_languages_is_offered(told):
    page = told.office().post(PAGE, {"client": CLIENT})
    assert page.tree.xpath("//select[@name='language']/option/@value") == ["", *LANGUAGES]


def test_the_json_is_what_the_function_gives(both):
    page = given(both.office(), "json")
    assert json.loads(page.answer.content) == kept_about(both)
    assert page.headers["content-disposition"] == 'attachment; filename="auskunft.json"'
    assert is_nobody_elses(page.answer.content)


def test_the_zip_is_the_export_and_on_record_by_who_asked_for_it(both):
    page = given(both.office(), "export")
    with zipfile.ZipFile(io.BytesIO(page.answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    with both.gateway.store.reading() as tx:
        last = [json.loads(entry.content) for entry in tx.audit_log.entries()][-1]
    assert (last["event"], last["actor"]) == ("client_exported", both.user(UserRole.OFFICE).id)
    assert files == {file.path: file.content for file in export_client(both.corridor, "office", CLIENT, both.gateway.terms)}
    assert all(is_nobody_elses(content) for content in files.values())
    assert CLIENT not in str(page.headers)


def test_what_carries_weight_is_offered_to_who_has_shown_lately_that_it_is_still_they(told):
    pressed = "//button/span/text()"
    fresh = told.office().post(PAGE, {"client": CLIENT}).tree.xpath(pressed)
    stale = told.visit(UserRole.OFFICE, confirmed=False).post(PAGE, {"client": CLIENT})
    assert {"ZIP herunterladen", "Löschen vorbereiten"} <= set(fresh)
    assert not {"ZIP herunterladen", "Löschen vorbereiten"} & set(stale.tree.xpath(pressed))
    assert stale.links()["Anmeldung bekräftigen"] == f"/pages/confirm?next={PAGE}"


@pytest.mark.parametrize("what", ["export", "erasure", "erased"])
def test_what_carries_weight_is_refused_once_the_proof_is_old(told, what):
    browser = told.office()
    for _ in range(2):
        told.later(minutes=14)
        browser.get(PAGE)
    answer = browser.post(f"{PAGE}/{what}", {"client": CLIENT, "again": CLIENT}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/pages/confirm")
    assert kept_about(told)["disclosures"] != []
