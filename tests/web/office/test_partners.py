"""What may pass at most, and the map of what did."""

import pytest

from tests.exchange.conftest import CONFIG, CONTACT, JOBCENTER, REFERENCE, message

PAGE = "/pages/office/partners"


@pytest.fixture
def config():
    return CONFIG.replace(
        'adapter = "jobcenter"',
        'adapter = "jobcenter"\nformerly = ["Jobcenter Waiblingen"]\nopen = ["health.constraints"]\n'
        'ceiling = ["language.level", "health.constraints"]\n'
        'subscriptions = [{ purpose = "labour_market_integration", scopes = ["language.level"] }]',
    )


def test_each_partner_is_shown_with_what_is_configured(pages):
    page = pages.office().get(PAGE)
    text = " ".join(page.tree.xpath(f"string(//section[@aria-labelledby='partner-{JOBCENTER}'])").split())
    for said in (
        "Jobcenter Waiblingen",
        "jobcenter 0.",
        "mailbox",
        "Gesundheitliche Einschränkungen",
        "Arbeit oder Ausbildung finden",
        "Sprachniveau",
    ):
        assert said in text
    assert "an den Partner: 2" in text
    assert "vom Partner: 0" in text


def test_where_nothing_flowed_there_is_no_map(pages):
    page = pages.office().get(PAGE)
    assert "In dieser Zeit wurde nichts übermittelt." in page.text
    assert page.tree.xpath("//svg") == []


class TestMap:
    @pytest.fixture
    def config(self):
        return CONFIG

    def test_the_table_has_the_figures_of_the_map(self, pages):
        pages.declare("language.level", "contact_persons.jobcenter")
        pages.link()
        for cefr in ("A2", "B1"):
            pages.send({"language": {"level": {"cefr": cefr, "evidence": "dtz"}}})
            pages.outbox()
        pages.post(message(JOBCENTER, REFERENCE, CONTACT))
        pages.work()
        pages.inbox()
        page = pages.office().get(PAGE)
        rows = [[" ".join(cell.text_content().split()) for cell in row] for row in page.tree.xpath("//details//tbody/tr")]
        name = "Jobcenter Rems-Murr, Team 412"
        assert rows == [[name, "vom Partner", "Ansprechperson im Jobcenter", "1"], [name, "an den Partner", "Sprachniveau", "2"]]
        assert len(page.tree.xpath("//svg[@role='img']/path")) == 2
        assert len(page.tree.xpath("//svg[@role='img']/path[@stroke-dasharray]")) == 1

    def test_what_flowed_longer_than_ninety_days_ago_is_not_on_it(self, pages):
        pages.declare("language.level")
        pages.link()
        pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
        pages.outbox()
        pages.later(days=91)
        assert pages.office().get(PAGE).tree.xpath("//svg") == []
