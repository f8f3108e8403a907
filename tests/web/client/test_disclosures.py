"""Who was told what, as a file of the client's own: in the language of the page, all of it, and nothing of anybody else."""

import io
import json

import pikepdf
import pypdfium2
import pytest

from imgate.documents.languages import LANGUAGES
from imgate.exchange.client_page import lock_page
from imgate.exchange.rights.disclosed import disclosed
from imgate.storage.erase import erase_client
from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CLIENT
from tests.web.client.conftest import OTHER

MINE = "/pages/client/mine"
FILE = f"{MINE}/disclosures.pdf"
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


@pytest.fixture
def told(own):
    own.pages.link()
    own.pages.send(LEVEL)
    own.pages.outbox()
    return own


def text_of(pdf):
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def inside(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: attached.get_file().read_bytes() for name, attached in opened.attachments.items()}, str(opened.Root.Lang)


def test_whose_page_is_closed_gets_nothing(told):
    for path in (FILE, f"{MINE}/looks"):
        answer = told.pages.stranger().get(path, follow=False)
        assert (answer.status, answer.headers["location"]) == (303, "/pages/client")


@pytest.mark.parametrize("path", [FILE, f"{MINE}/looks"])
@pytest.mark.parametrize(
    "end",
    [
        lambda own, browser: lock_page(own.pages.corridor, "manager", CLIENT),
        lambda own, browser: browser.post("/pages/client/close"),
        lambda own, browser: own.pages.later(hours=2),
        lambda own, browser: erase_client(own.pages.gateway.store, CLIENT, own.pages.now, "operator"),
    ],
    ids=["locked", "closed", "over", "erased"],
)
def test_a_session_that_ended_gives_nothing_any_more(told, path, end):
    browser = told.browser()
    assert browser.get(path, follow=False).status == 200
    end(told, browser)
    assert browser.get(path, follow=False).status == 303


@pytest.mark.parametrize("role", UserRole)
def test_no_colleague_gets_a_clients_file_here(told, role):
    assert told.pages.visit(role).get(FILE, follow=False).status == 303


def test_it_says_each_row_and_carries_the_same_list_inside(told):
    page = told.browser().get(MINE, params={"lang": "de"}).follow("Als PDF herunterladen")
    assert page.headers["content-type"] == "application/pdf"
    assert page.headers["content-disposition"] == 'attachment; filename="auskunft.pdf"'
    found = disclosed(told.pages.corridor, CLIENT, told.pages.gateway.terms)
    text = text_of(page.answer.content)
    assert [row["exchange"][-12:] in text for row in found["disclosures"]] == [True]
    for said in ("Jobcenter Rems-Murr, Team 412", "Sprachniveau", "02.03.2026"):
        assert said in text, said
    files, _ = inside(page.answer.content)
    assert json.loads(files["disclosures.json"]) == found


@pytest.mark.parametrize("tag", LANGUAGES)
def test_it_is_in_the_language_of_the_page(told, tag):
    page = told.browser(tag).get(f"{FILE}?lang={tag}")
    assert page.status == 200
    assert inside(page.answer.content)[1].split("-")[0] == LANGUAGES[tag].lang
    (link,) = told.browser(tag).get(f"{MINE}?lang={tag}").tree.xpath(f"//main//a[starts-with(@href, '{FILE}')]/@href")
    assert link == f"{FILE}?lang={tag}"


def test_nothing_of_another_client_is_in_it(told, other):
    told.pages.declare("residence.status", client=OTHER, partner=ABH, occasion="Kanarienquarz ist der Anlass")
    told.pages.link("355A-491Q37", client=OTHER)
    told.pages.send(LEVEL, client=OTHER)
    told.pages.outbox()
    content = told.browser().get(FILE, params={"lang": "de"}).answer.content
    whole = content + text_of(content).encode() + b"".join(inside(content)[0].values())
    for mark in (OTHER, "355A-491Q37", "Kanarienquarz", "Ausländerbehörde Winnenden", other.declaration):
        assert mark.encode() not in whole, mark
    assert text_of(other.browser().get(FILE, params={"lang": "de"}).answer.content) != text_of(content)
