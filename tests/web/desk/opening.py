"""Open a client in a browser, and hand records in as files."""

import json

from tests.exchange.conftest import CLIENT, JOBCENTER

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
PHONE = {"contact": {"phone": "+4917612345678"}}


def opened(browser, reference=CLIENT):
    """Give the path of a client's page in this browser's session."""
    return browser.post("/pages/clients", {"reference": reference}, follow=False).headers["location"]


def file_of(record):
    """Give a record as a form's file."""
    body = record if isinstance(record, bytes) else json.dumps(record).encode()
    return {"file": ("falldaten.json", body, "application/json")}


def previewed(browser, record, *, partner=JOBCENTER, purpose="labour_market_integration", reference=CLIENT):
    """Hand a record in and look at what would be sent."""
    page = browser.get(f"{opened(browser, reference)}/send")
    return page.send("Vorschau zeigen", files=file_of(record), partner=partner, purpose=purpose)
