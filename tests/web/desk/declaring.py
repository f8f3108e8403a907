"""The way from a reference to a declaration, as a person walks it."""

from imgate.exchange.declarations import register
from imgate.exchange.stored import Cursor
from tests.exchange.conftest import CLIENT

JOBCENTER_TEMPLATE = "jobcenter-rems-murr/labour_market_integration"
ABH_TEMPLATE = "abh-winnenden/residence_matters"
INFORMED = ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"]
OCCASION = "Vermittlung in die Ausbildung zur Pflegefachkraft"


def opened(browser, reference=CLIENT):
    """Open a client."""
    return browser.post("/pages/clients", {"reference": reference})


def begun(browser, template=JOBCENTER_TEMPLATE, reference=CLIENT):
    """Choose a template."""
    case = opened(browser, reference)
    return browser.post(f"{case.path}/declarations/new", {"template": template})


def declared(browser, template=JOBCENTER_TEMPLATE, reference=CLIENT, **changes):
    """Fill in as little as there is to fill in, and send it."""
    return begun(browser, template, reference).send("Entwurf anlegen", **{"occasion": OCCASION, "informed_of": INFORMED} | changes)


def said(page, field):
    """Give the sentence at a field."""
    return " ".join(page.tree.xpath(f"string(//*[@id='{field}-error'])").split())


def kept(pages, client=CLIENT):
    """Give the client's declarations as the corridor has them."""
    return register.page(pages.corridor, client, Cursor())["items"]


def signing(pages, *scopes, browser=None, **content):
    """Open the page on which a draft is signed."""
    declaration = pages.declare(*(scopes or ("language.level",)), signed=False, **content)
    browser = browser or pages.manager()
    return declaration, browser.get(f"{opened(browser).path}/declarations/{declaration}/sign")
