"""The page speaks twelve languages, each in its own direction, and says everything in each of them."""

from importlib import resources
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from imgate.documents.languages import LANGUAGES
from tests.exchange.conftest import CONTACT

MINE = "/pages/client/mine"
ROOM = Path(str(resources.files("imgate.web")))
RIGHT_TO_LEFT = {"ar", "prs", "fa", "ps"}
OTHERS = [tag for tag in LANGUAGES if tag != "de"]
# What a page of the client shows of templates that all pages share.
SHARED = {"Zum Inhalt"}


def shown():
    """Collect what the client's pages say."""
    texts = set(SHARED)
    for folder, method in (("templates/client", "jinja2"), ("client", "python")):
        for _, _, message, _, _ in extract_from_dir(ROOM / folder, [("**", method)], {"**": {"trimmed": "false"}}):
            texts.add(message if isinstance(message, str) else message[0])
    return texts


def catalogue(tag):
    entries = {}
    for path in sorted((ROOM / "locale" / tag).glob("*.po")):
        with path.open("rb") as file:
            entries |= {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in read_po(file) if entry.id}
    return entries


@pytest.mark.parametrize("tag", OTHERS)
def test_every_text_of_a_clients_page_is_there_in_every_language(tag):
    entries = catalogue(tag)
    assert sorted(text for text in shown() if text not in entries or not entries[text].string) == []


@pytest.mark.parametrize("tag", [tag for tag in OTHERS if tag != "en"])
def test_nothing_is_translated_that_a_client_is_not_shown(tag):
    assert set(catalogue(tag)) == shown()


@pytest.mark.parametrize("tag", OTHERS)
def test_a_translation_fills_in_and_marks_up_what_the_german_text_does(tag):
    for text in shown():
        translated = catalogue(tag)[text].string
        for piece in ("%(name)s", "<bdi>", "</bdi>", "<", "%"):
            assert translated.count(piece) == text.count(piece), text


@pytest.mark.parametrize("tag", [tag for tag in OTHERS if tag != "en"])
def test_a_machine_draft_says_so(tag):
    head = (ROOM / "locale" / tag / "client.po").read_text(encoding="utf-8").splitlines()[0]
    assert "machine draft" in head


def test_the_choice_of_language_comes_first_each_in_its_own_name_tongue_and_direction(own):
    browser = own.browser()
    for path in ("/pages/client", MINE, f"{MINE}/looks", f"{MINE}/{own.declaration}/revoke"):
        ways = [way for way in browser.get(path).tree.xpath("//body//a[@href]|//body//button|//body//input") if way.get("href") != "#main"]
        offered = ways[: len(LANGUAGES)]
        assert [way.get("lang") for way in offered] == [language.bcp47 for language in LANGUAGES.values()], path
        assert [way.get("dir") for way in offered] == ["rtl" if tag in RIGHT_TO_LEFT else "ltr" for tag in LANGUAGES]
        assert [way.text_content() for way in offered[:5]] == ["Deutsch", "English", "Français", "العربية", "دری"]
        assert len(browser.get(path).tree.xpath("//nav")) == 1


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_page_is_marked_with_its_language_and_its_direction(own, tag):
    own.pages.link()
    own.pages.send(CONTACT)
    own.pages.outbox()
    browser = own.browser(tag)
    entrance = browser.get(f"/pages/client?lang={tag}")
    home = browser.get(f"{MINE}?lang={tag}")
    revoke = browser.get(f"{MINE}/{own.declaration}/revoke?lang={tag}")
    done = browser.post(f"{MINE}/{own.declaration}/revoke?lang={tag}", _keyed(revoke))
    for page in (entrance, home, revoke, done):
        assert page.status == 200
        assert page.tree.get("lang") == ("fa-AF" if tag == "prs" else tag)
        assert page.tree.get("dir") == ("rtl" if tag in RIGHT_TO_LEFT else "ltr")
        if tag != "de":
            assert "widerrufen" not in page.text
            assert "Meine Seite" not in page.text


def _keyed(page):
    return {"key": page.tree.xpath("string(//input[@name='key']/@value)"), "what": "all"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_refusal_at_the_entrance_is_in_the_language_that_was_chosen(own, tag):
    page = own.tried(number=own.wrong(), lang=tag)
    assert page.status == 422
    assert page.tree.get("lang") == ("fa-AF" if tag == "prs" else tag)
    assert page.tree.xpath("//*[@role='alert']")


def test_each_language_is_offered_under_its_own_name(pages):
    page = pages.stranger().get("/pages/client")
    offered = {link.get("href"): link.text_content() for link in page.tree.xpath("//nav//a")}
    assert len(offered) == len(LANGUAGES)
    assert offered["/pages/client?lang=ar"] == "العربية"
    assert offered["/pages/client?lang=de"] == "Deutsch"
    assert all(link.get("lang") and link.get("dir") for link in page.tree.xpath("//nav//a"))


@pytest.mark.parametrize("asked", ["xx", "../de", "de-DE", "AR", "ar&x", "<script>", "ar\0", ""])
def test_a_word_that_is_none_of_the_languages_is_not_shown_and_does_nothing(pages, asked):
    page = pages.stranger().get("/pages/client", params={"lang": asked})
    assert (page.status, page.tree.get("lang")) == (200, "de")
    assert "<script>" not in page.answer.text


@pytest.mark.parametrize(
    ("asked", "tag"),
    [("ar,de;q=0.5", "ar"), ("uk-UA", "uk"), ("fa-AF,fa;q=0.9", "fa-AF"), ("kmr,tr;q=0.8", "tr"), ("kmr", "de"), ("", "de"), ("*", "de")],
)
def test_without_a_choice_it_is_the_first_of_the_browsers_that_there_is(pages, asked, tag):
    assert pages.stranger().get("/pages/client", headers={"Accept-Language": asked}).tree.get("lang") == tag


def test_choosing_a_language_sets_no_cookie(pages):
    browser = pages.stranger()
    assert "set-cookie" not in browser.get("/pages/client?lang=ar").headers


@pytest.mark.parametrize("path", [MINE, "revoke"])
def test_german_can_be_shown_beside_for_whoever_helps(own, path):
    browser = own.browser("ar")
    page = browser.get(MINE if path == MINE else f"{MINE}/{own.declaration}/revoke", params={"lang": "ar"})
    assert not page.tree.xpath("//main//*[@lang='de' and @dir='ltr']")
    both = page.follow("عرض الألمانية بجانبها")
    (german,) = both.tree.xpath("//main//div[@lang='de' and @dir='ltr']")
    assert german.xpath(".//h1")
    assert "widerrufen" in german.text_content()
    assert not german.xpath(".//form|.//a|.//input"), "it is there to be read"
    ids = both.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    only = both.follow("العرض بلغتي فقط")
    assert not only.tree.xpath("//main//div[@lang='de' and @dir='ltr']")


def test_german_stays_beside_on_the_way(own):
    page = own.browser("ar").get(f"{MINE}?lang=ar&beside=de")
    assert all("beside=de" in href for href in page.tree.xpath("//main//a[contains(@href, '/revoke')]/@href"))


def test_beside_german_stands_no_german(own):
    assert not own.browser().get(f"{MINE}?lang=de&beside=de").tree.xpath("//main//div[@lang='de']")


@pytest.mark.parametrize("tag", sorted(RIGHT_TO_LEFT))
def test_a_german_name_keeps_its_order_in_a_text_from_right_to_left(own, tag):
    page = own.browser(tag).get(f"{MINE}?lang={tag}")
    names = page.tree.xpath("//main//bdi[contains(., 'Rems-Murr')]")
    assert len(names) >= 3


@pytest.mark.parametrize("tag", OTHERS)
def test_a_page_that_nobody_has_checked_says_so(own, tag):
    words = own.browser(tag).get(f"{MINE}?lang={tag}").tree.xpath("string(//footer)")
    assert len(" ".join(words.split())) > 80
