"""Blank forms, and the configuration as it is."""

import pytest

from imgate.documents import typesetting
from tests.exchange.conftest import CONFIG, JOBCENTER

PAGE = "/pages/office/papers"


class TestConfigured:
    @pytest.fixture
    def config(self):
        return (
            CONFIG.replace(
                'adapter = "jobcenter"', 'adapter = "jobcenter"\nopen = ["health.constraints"]\nevidence = { special = "qualified" }'
            )
            + "\n[delivery]\ngive_up_days = 77\n"
        )

    def test_terms_levels_and_closed_scopes_are_shown_as_they_are_configured(self, pages):
        page = pages.office().get(PAGE)
        assert "Zustellung wird aufgegeben nach 77 Tagen" in page.text
        (row,) = [row.text_content() for row in page.tree.xpath("//tbody/tr") if "Team 412" in row.xpath("string(th)")]
        assert "qualifiziert elektronisch signiert" in row
        closed = {
            row.xpath("string(th/code)"): row.xpath("string(td)")
            for row in page.tree.xpath("//section[@aria-labelledby='closed']//tbody/tr")
        }
        assert closed == {
            "health.constraints": "Jobcenter Rems-Murr, Team 412",
            "identifiers.azr_number": "niemanden",
            "asylum.grounds": "niemanden",
        }


@pytest.mark.skipif(not typesetting.is_installed(), reason="needs imgate[forms]")
def test_a_blank_form_is_given_as_pdf_to_be_kept(pages):
    answer = pages.office().get(PAGE).send("PDF herunterladen", partner=JOBCENTER, language="ar")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="einwilligung-jobcenter-rems-murr-ar.pdf"'
    assert answer.answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "query",
    ["", "partner=nobody&language=de", f"partner={JOBCENTER}", f"partner={JOBCENTER}&language=xx", f"partner={JOBCENTER}&language=DE"],
)
def test_there_is_no_form_for_a_partner_or_a_language_that_is_none(pages, query):
    assert pages.office().get(f"{PAGE}/blank?{query}").status == 404


def test_dari_is_called_dari(pages):
    page = pages.office().get(PAGE)
    assert (
        dict(
            zip(
                page.tree.xpath("//select[@name='language']/option/@value"),
                page.tree.xpath("//select[@name='language']/option/text()"),
                strict=True,
            )
        )["prs"]
        == "Dari"
    )
