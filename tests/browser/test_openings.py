"""Two of the office open a closed scope on each width, with and without JavaScript, and see it hold in a gateway that runs."""

from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.openings import confirm_opening, withdraw_opening
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.browser.conftest import at_each_width, everywhere
from tests.browser.looking import axe, keyboard_reach, sideways, zoom200
from tests.exchange.conftest import CONFIG, JOBCENTER

PAGE = "/pages/office/openings"
HEALTH = "health.constraints"
OPENED = CONFIG.replace('adapter = "jobcenter"\n', f'adapter = "jobcenter"\nopen = ["{HEALTH}", "contact.address"]\n').replace(
    'adapter = "auslaenderbehoerde"\n', 'adapter = "auslaenderbehoerde"\naccept_single = true\nopen = ["identifiers.azr_number"]\n'
)


@pytest.fixture(scope="module")
def gateway(served_pages):
    """A gateway that runs, with two people of the office, and its database beside it."""
    served = served_pages(OPENED, start=False)
    with open_gateway(load_settings(served.config), make_keys=True) as opened:
        for login, name in (("anna", "Anna Amt"), ("otto", "Otto Probst")):
            opened.store.people.users.add(UserRole.OFFICE, None, name, login, None, datetime.now(UTC), "operator")
        served.start("--no-worker")
        yield served, opened


def user(opened, login):
    return opened.store.people.users.by_login(login).id


@pytest.fixture
def office(gateway, visit):
    """Open the page as one of the two."""
    served, opened = gateway

    def open_page(login="anna", width="desk", **options):
        now = datetime.now(UTC)
        token = opened.store.people.sessions.begin(user(opened, login), None, now, now + timedelta(hours=1), confirmed=True)
        return visit(f"{served.url}{PAGE}", width, session=token, **options)

    for login in ("anna", "otto"):
        withdraw_opening(opened.corridor, user(opened, login), JOBCENTER, HEALTH)
    return open_page


@everywhere
def test_two_people_open_what_one_alone_does_not(office, look, width, javascript):
    page = office("anna", width, javascript=javascript)
    page.get_by_role("button", name="Öffnung bestätigen").first.click()
    assert "wartet auf die zweite Bestätigung" in page.locator("main").inner_text()
    assert "Die Öffnung gilt jetzt" not in page.locator("main").inner_text()
    page = office("otto", width, javascript=javascript)
    page.get_by_role("button", name="Öffnung bestätigen").first.click()
    assert "Die Öffnung gilt jetzt" in page.locator("main").inner_text()
    if javascript:
        look(page, "office-openings-done")
        assert axe(page) == []


@at_each_width
@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
def test_the_page_can_be_read_reached_and_enlarged(gateway, office, look, width, language):
    confirm_opening(gateway[1].corridor, user(gateway[1], "otto"), JOBCENTER, HEALTH)
    page = office("anna", width, language=language)
    look(page, f"office-openings-{language[:2]}")
    assert axe(page) == []
    assert sideways(page) == []
    assert zoom200(page) == []
    assert keyboard_reach(page) == []
