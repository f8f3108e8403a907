"""For a partner that takes paper, the preview is the very PDF that would leave."""

import pytest

from tests.exchange.conftest import CONFIG
from tests.web.desk.opening import LEVEL, previewed


@pytest.fixture
def config():
    return CONFIG.replace('purpose = "labour_market_integration"', 'purpose = "labour_market_integration"\npaper = true')


def test_a_message_on_paper_is_downloaded_as_it_would_leave(pages):
    pages.link()
    pages.declare("language.level")
    page = previewed(pages.manager(), LEVEL)
    assert "lässt sich hier nicht als Text zeigen" in page.text
    assert page.tree.xpath("//pre") == []
    file = page.send("Mitteilung herunterladen")
    assert (file.headers["content-type"], file.answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["content-disposition"] == 'attachment; filename="message.pdf"'
    page.send("Jetzt senden")
    assert pages.outbox()[0]["media_type"] == "application/pdf"


def test_more_than_paper_holds_is_said_and_not_sent(pages):
    pages.link()
    pages.declare("needs.support")
    long = {"needs": {"support": [{"field": "other", "text": "Wort " * 390}] * 60}}
    page = previewed(pages.manager(), long)
    assert page.status == 422
    assert "mehr, als eine Mitteilung auf Papier fassen kann" in page.text
