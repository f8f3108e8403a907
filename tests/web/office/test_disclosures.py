"""Who was told what about one client: the reference is typed, and stands in no address."""

import pytest

from tests.exchange.conftest import CLIENT

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
