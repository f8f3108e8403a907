"""A declaration is shown as a whole, in the words of the paper, German beside the client's language."""

import pytest

from imgate.exchange.declarations import register
from tests.exchange.conftest import ABH, CLIENT
from tests.web.desk.declaring import signing


@pytest.mark.parametrize(
    ("language", "lang", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("prs", "fa-AF", "rtl"),
        ("fa", "fa", "rtl"),
        ("ps", "ps", "rtl"),
        ("uk", "uk", "ltr"),
        ("ti", "ti", "ltr"),
        ("so", "so", "ltr"),
    ],
)
def test_the_form_is_shown_in_the_clients_language_beside_german(pages, language, lang, direction):
    _, page = signing(pages, language=language)
    for shown in (page, page.follow("Erklärung für Jobcenter Rems-Murr, Team 412")):
        beside = shown.tree.xpath(f"//article//*[@lang='{lang}']")
        assert len(beside) > 20
        assert {each.get("dir") for each in beside} <= {direction}
        assert len(shown.tree.xpath("//article//*[@lang='de']")) > 20
        assert shown.tree.get("lang") == "de"


@pytest.mark.parametrize("language", ["de", "kmr", "so-Arab"])
def test_where_there_are_no_papers_in_a_language_the_form_is_german_alone(pages, language):
    _, page = signing(pages, language=language)
    assert page.status == 200
    assert {each.get("lang") for each in page.tree.xpath("//article//*[@lang]")} == {"de"}


def test_a_translation_that_nobody_certified_has_checked_says_so(pages):
    _, page = signing(pages, language="ar")
    assert "Maschineller Übersetzungsentwurf" in page.text
    _, page = signing(pages, language="de")
    assert "Maschineller Übersetzungsentwurf" not in page.text


def test_the_digest_stands_on_the_screen_and_in_the_form(pages):
    declaration, page = signing(pages)
    digest = register.show(pages.corridor, declaration)["digest"]
    assert page.tree.xpath("//input[@name='digest']/@value") == [digest]
    assert {" ".join(each.text_content().split()) for each in page.tree.xpath("//*[contains(@class, 'digest')]")} == {digest}


def test_the_whole_text_of_the_paper_stands_on_the_screen(pages):
    _, page = signing(pages, "language.level", "residence.title", partner=ABH)
    for text in (
        "§ 203 StGB",
        "§ 67b Abs. 2 SGB X",
        "Freiwillig",
        "Widerruf",
        "besonders geschützt",
        "Aufenthaltstitel",
        "bis einschließlich 31.12.2026",
    ):
        assert text in page.text


def test_without_javascript_the_page_says_which_ways_there_are(pages):
    _, page = signing(pages)
    assert "braucht der Browser JavaScript" in page.tree.xpath("string(//noscript)")
    assert page.tree.xpath("//div[@id='drawing'][@hidden]")


def test_the_form_is_there_as_pdf_and_the_copy_once_it_is_signed(pages):
    declaration, page = signing(pages)
    browser, here = page._browser, page.path.removesuffix("/sign")
    assert browser.get(f"{here}/form.pdf").answer.content.startswith(b"%PDF-")
    assert browser.get(f"{here}/copy.pdf").status == 404
    pages.sign(declaration)
    copy = browser.get(f"{here}/copy.pdf")
    assert copy.answer.content.startswith(b"%PDF-")
    assert copy.headers["cache-control"] == "no-store"
    assert CLIENT not in copy.headers["content-disposition"]
