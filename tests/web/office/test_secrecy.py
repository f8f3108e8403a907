"""No page of the office names a client, but where one client's disclosures are asked for; and nothing stored becomes a script."""

import pytest

from imgate.vocabulary.words import Role, UserRole
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER, message

CLIENT, REFERENCE, VALUE = "K-KANARIE-77", "REF-KANARIE-12", "KANARIE-WERT"
CANARIES = (CLIENT, REFERENCE, VALUE, "Kanarie-Familie")
SCRIPT = "<script>alert(1)</script>"
PAGES = (
    "",
    "/partners",
    "/plugins",
    "/deliveries",
    "/log",
    "/log/checkpoints",
    "/what-if",
    "/looks",
    "/users",
    "/papers",
    "/papers/changes",
    "/papers/processing",
    "/papers/assessment",
    "/retention",
    "/keys",
)


@pytest.fixture
def busy(failing):
    """Much happened with one client: something failed, something waits, something came, something was revoked."""
    pages = failing.pages
    pages.declare("person.name", "contact_persons.jobcenter", client=CLIENT)
    pages.link(REFERENCE, client=CLIENT)
    failed = failing.fail(failing.send({"person": {"name": {"family": "Kanarie-Familie"}}}, client=CLIENT))
    waiting = failing.send({"person": {"name": {"family": "Kanarie-Familie", "given": VALUE}}}, client=CLIENT)
    pages.post(
        message(
            JOBCENTER,
            REFERENCE,
            {
                "contact_persons": {
                    "jobcenter": {
                        "unit": VALUE,
                        "name": {"family": "Kanarie-Familie"},
                        "channels": [{"kind": "phone", "value": "+4971519500"}],
                    }
                }
            },
        )
    )
    pages.post(
        message(
            JOBCENTER,
            "REF-KANARIE-UNBEKANNT",
            {
                "contact_persons": {
                    "jobcenter": {
                        "unit": VALUE,
                        "name": {"family": "Kanarie-Familie"},
                        "channels": [{"kind": "phone", "value": "+4971519500"}],
                    }
                }
            },
        )
    )
    pages.work()
    pages.inbox()
    return pages, failed, waiting


def test_no_page_but_the_disclosures_names_a_client_or_a_value(busy):
    pages, failed, waiting = busy
    browser = pages.office()
    browser.post("/pages/office/log/verify", {"checkpoint": ""})
    browser.post("/pages/office/log/checkpoints")
    explained = [f"/what-if/{failed}", f"/what-if/{waiting}"]
    paths = [*PAGES, *explained, f"/deliveries/{failed}", f"/deliveries/{waiting}", "/log?event=message_taken", "?days=90"]
    for path in paths:
        page = browser.get(f"/pages/office{path}")
        assert page.status == 200
        assert [canary for canary in CANARIES if canary in page.answer.text] == [], path


def test_no_page_shows_the_random_name_that_the_log_has_for_a_client(busy):
    pages, failed, _ = busy
    with pages.corridor.store.reading() as tx:
        subject = tx.clients.find(CLIENT).subject
    browser = pages.office()
    assert subject
    for path in ("/log", f"/deliveries/{failed}", "/deliveries", f"/what-if/{failed}"):
        assert subject not in browser.get(f"/pages/office{path}").answer.text


def test_the_disclosures_name_only_the_client_that_was_asked_for_and_no_value(busy):
    pages, _, _ = busy
    page = pages.office().get("/pages/office/disclosures").send("Anzeigen", client=CLIENT)
    assert "Ansprechperson im Jobcenter" in page.text
    assert [canary for canary in (REFERENCE, VALUE, "Kanarie-Familie") if canary in page.answer.text] == []


class TestScripts:
    @pytest.fixture
    def config(self):
        return CONFIG.replace("Jobcenter Rems-Murr, Team 412", f"Jobcenter {SCRIPT}").replace(
            'adapter = "jobcenter"', f'adapter = "jobcenter"\nformerly = ["Früher {SCRIPT}"]'
        )

    def test_what_is_stored_or_configured_is_shown_as_text(self, pages):
        pages.user(UserRole.LIAISON, partner=JOBCENTER, name=f"Lea {SCRIPT}", login="lea")
        pages.gateway.store.access.add(Role.PARTNER, ABH, f"Programm {SCRIPT}", pages.now, "operator")
        browser = pages.office()
        pages.declare("language.level")
        pages.link()
        pages.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
        pages.outbox()
        for path in PAGES:
            page = browser.get(f"/pages/office{path}")
            assert page.status == 200
            assert page.tree.xpath("//script[not(@src)]") == [], path
            assert SCRIPT not in page.answer.text
        assert f"Lea {SCRIPT}" in browser.get("/pages/office/users").text
        assert f"Jobcenter {SCRIPT}" in browser.get("/pages/office/partners").text

    @pytest.mark.parametrize(
        "path",
        [
            "/pages/office?days=%3Cscript%3E",
            "/pages/office?done=%3Cscript%3E",
            "/pages/office/log?event=%3Cscript%3E",
            "/pages/office/deliveries?partner=%3Cscript%3E",
            "/pages/office/papers/blank?partner=%3Cscript%3E",
        ],
    )
    def test_nothing_of_an_address_comes_back(self, pages, path):
        assert "<script>" not in pages.office().get(path).answer.text
