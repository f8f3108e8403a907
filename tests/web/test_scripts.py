"""Whatever somebody has typed or configured is shown as text, on every page on which it stands: nothing of it becomes part of a page."""

import re

import lxml.html
import pytest

from imgate.vocabulary.words import Role
from tests.exchange.conftest import CONFIG, JOBCENTER, message
from tests.web.matrix import CLIENTS_PAGE, LIAISON, MANAGER, OFFICE, TABLE, inhabit
from tests.web.test_headers import content_faults
from tests.web.test_routes import NOWHERE, ask

# In one: out of an attribute, out of an element, a handler, a template, an address, and a comment.
EVIL = """'"></textarea></title></script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{%x%}${7*7}javascript:alert(3)<!--"""
SHORT = '"><script>alert(1)</script>'
TAGS = {"script", "img", "textarea", "title"}


@pytest.fixture
def config():
    text = CONFIG.replace('name = "Integrationsmanagement Winnenden"', f"name = '''Amt {SHORT}'''")
    return text.replace('name = "Jobcenter Rems-Murr, Team 412"', f"name = '''Jobcenter {SHORT}'''")


@pytest.fixture
def house(pages):
    """Everything that can hold a text holds one that would rather be a script."""
    house = inhabit(pages)
    for login, role, partner in (("liaison", LIAISON, JOBCENTER), ("manager", MANAGER, None), ("office", OFFICE, None)):
        pages.user(role, partner=partner, name=f"Name {EVIL}", login=f"evil-{login}")
    pages.gateway.store.access.add(Role.CASE_SYSTEM, None, f"Programm {EVIL}", pages.now, "operator")
    client = "K-2026-3303"
    pages.link(SHORT, client=client)
    more = {
        "occasion": f"Anlass {EVIL}",
        "discloser": {"unit": f"Amt {SHORT}", "persons": [f"Person {EVIL}"]},
        "interpreter": f"Dolm {EVIL}",
    }
    scopes = ("appointments.upcoming", "contact_persons.jobcenter", "work.proposals")
    declaration = pages.declare(*scopes, client=client, **more)
    said = {"at": "2026-04-01T07:00:00Z", "with": EVIL, "subject": EVIL, "place": EVIL, "bring": [EVIL]}
    house.evil = pages.send({"appointments": {"upcoming": [said]}}, client=client)["id"]
    person = {"unit": EVIL, "name": {"family": "Müßig"}, "channels": [{"kind": "phone", "value": EVIL}]}
    pages.post(message(JOBCENTER, SHORT, {"contact_persons": {"jobcenter": person}}))
    pages.post(message(JOBCENTER, SHORT + "x", {"contact_persons": {"jobcenter": person}}))
    pages.work()
    house.declaration = declaration
    return house


def harmless(answer, where):
    """A page has exactly the elements that its templates have, and nothing typed in an attribute that does something."""
    page = lxml.html.fromstring(answer.text)
    assert content_faults(page) == [], where
    assert page.xpath("//img | //script[contains(., 'alert')] | //*[@onerror]") == [], where
    for raw in ("<script>alert", "<img src=x", "onerror=alert(2)>", "</textarea></title>"):
        assert raw not in answer.text, where
    assert "4949" not in answer.text.replace("07195", ""), where
    for address in page.xpath("//@href | //@action | //@formaction | //@src"):
        assert not address.lower().lstrip().startswith(("javascript", "data", "vbscript")), where
    return EVIL in "".join(page.itertext()) or SHORT in "".join(page.itertext())


@pytest.mark.parametrize("visitor", [LIAISON, MANAGER, OFFICE, CLIENTS_PAGE])
def test_what_is_stored_is_shown_as_text(house, visitor):
    browser = house.browser(visitor)
    ids = NOWHERE | house.ids | {"id": house.evil, "exchange": house.evil}
    if visitor == MANAGER:
        case = browser.post("/pages/clients", {"reference": "K-2026-3303"}, follow=False).headers["location"].rpartition("/")[2]
        ids |= {"case": case, "declaration": house.declaration}
    shown = set()
    for route in TABLE:
        if visitor not in route.may or route.method != "GET":
            continue
        answer = ask(browser, route, ids)
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text and harmless(answer, str(route)):
            shown.add(route.path)
    assert SHOWN[visitor] <= shown


# Pages on which it must have been seen: else there would have been nothing to look at.
SHOWN = {
    LIAISON: {"/pages/inbox", "/pages/inbox/{id}", "/pages/inbox/{id}/print"},
    MANAGER: {
        "/pages/clients/{case}",
        "/pages/clients/{case}/declarations/{declaration}",
        "/pages/clients/{case}/declarations/{declaration}/sign",
        "/pages/clients/{case}/declarations/{declaration}/renew",
        "/pages/clients/{case}/links/{partner}",
        "/pages/received",
        "/pages/received/intake",
    },
    OFFICE: {"/pages/office/users", "/pages/office/partners", "/pages/office/deliveries/{exchange}"},
    CLIENTS_PAGE: {"/pages/client/mine"},
}


@pytest.mark.parametrize("visitor", [LIAISON, MANAGER, OFFICE, CLIENTS_PAGE])
def test_what_is_sent_comes_back_as_text_or_not_at_all(house, visitor):
    """Each field of each form, and fields that the form does not have; a query, a path and the headers of the request."""
    browser = house.browser(visitor)
    names = ("login", "password", "code", "number", "next", "reference", "why", "statute", "reason", "occasion", "interpreter", "signer")
    names += ("email", "notify", "name", "role", "partner", "scope", "purpose", "since", "until", "after", "client", "template", "language")
    for route in TABLE:
        if visitor not in route.may or route.path.endswith(("sign-out", "everywhere", "/close")):
            continue
        evil = dict.fromkeys((*names, "value-unit", "value-0-with", "scopes", "seen"), EVIL) if route.method == "POST" else None
        ids = NOWHERE | house.ids | {name: "%3Cscript%3Ealert(1)%3C" for name in route.names if name in {"scope", "listed"} and not evil}
        query = {"after": EVIL, "done": EVIL, "lang": EVIL, "event": EVIL, "days": EVIL, "next": EVIL, "request": EVIL, "order": EVIL}
        headers = {"Accept-Language": SHORT, "User-Agent": SHORT, "Referer": SHORT, "X-Forwarded-Host": SHORT}
        answer = ask(browser, route, ids, data=evil, params=query, headers=headers)
        assert answer.status_code < 500, route
        assert "alert(" not in re.sub(r"next=[^&]*", "", answer.headers.get("location", "")), route
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            harmless(answer, str(route))
        else:
            assert "<script>" not in answer.text or answer.headers["content-type"] != "text/html", route


def test_a_file_that_is_handed_out_has_a_name_of_ours_and_is_never_shown_as_a_page(house):
    browser = house.browser(LIAISON)
    for view in ("pdf", "file"):
        answer = browser.get(f"/pages/inbox/{house.evil}/{view}").answer
        assert re.fullmatch(r'attachment; filename="[0-9a-f-]{36}\.[a-z]+"', answer.headers["content-disposition"])
        assert not answer.headers["content-type"].startswith(("text/html", "image/svg"))
        assert answer.headers["x-content-type-options"] == "nosniff"
