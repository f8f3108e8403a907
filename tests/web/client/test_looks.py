"""A client sees on which day who looked: places, and no people; and nobody's looks at somebody else."""

import pytest

from imgate.exchange.looking import Looker, looked
from imgate.vocabulary.words import Door, Role, UserRole
from tests.exchange.conftest import CLIENT, JOBCENTER
from tests.web.client.conftest import OTHER

MINE = "/pages/client/mine"
LOOKS = f"{MINE}/looks"
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


def looks_on(own, lang="de"):
    """Give what stands on the page: by day, who."""
    page = own.browser(lang).get(f"{LOOKS}?lang={lang}")
    assert page.status == 200
    found = {}
    for item in page.tree.xpath("//ul[@class='items']/li"):
        day, *who = (" ".join(line.text_content().split()) for line in item.xpath("./p | ./ul/li"))
        found[day] = who
    return found


def look(own, actor, *, partner=None, client=CLIENT):
    looked(own.pages.corridor, Looker(actor, Door.PAGES, "GET /pages/x", partner), client)


@pytest.fixture
def empty(own):
    with own.pages.gateway.store.transaction() as tx:
        tx.session.driver.execute("DELETE FROM access_log")
    return own


def test_it_says_what_kind_of_place_looked_on_which_day_the_last_one_first(empty):
    pages = empty.pages
    look(empty, pages.user(UserRole.INTEGRATION_MANAGER).id)
    look(empty, pages.user(UserRole.INTEGRATION_MANAGER).id)
    look(empty, "operator")
    pages.later(days=1)
    look(empty, pages.user(UserRole.OFFICE).id)
    look(empty, pages.user(UserRole.LIAISON).id, partner=JOBCENTER)
    empty.renumber()
    found = looks_on(empty)
    assert list(found) == ["03.03.2026", "02.03.2026"]
    assert set(found["03.03.2026"]) >= {"das Amt und seine Technik", "Jobcenter Rems-Murr, Team 412"}
    assert set(found["02.03.2026"]) == {"die Beratungsstelle (2 ×)", "das Amt und seine Technik"}


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.CASE_SYSTEM, "die Beratungsstelle"),
        (Role.AUDITOR, "das Amt und seine Technik"),
        (Role.ADMIN, "das Amt und seine Technik"),
        (Role.PARTNER, "Jobcenter Rems-Murr, Team 412"),
    ],
)
def test_a_program_stands_for_the_place_that_runs_it(empty, role, said):
    partner = JOBCENTER if role is Role.PARTNER else None
    access, _ = empty.pages.gateway.store.access.add(role, partner, "Programm Kanarienquarz", empty.pages.now, "operator")
    look(empty, access.client_id, partner=partner)
    assert said in looks_on(empty)["02.03.2026"]


def test_no_name_and_no_id_of_anybody_who_looked_stands_on_it(empty):
    people = [empty.pages.user(role) for role in (UserRole.INTEGRATION_MANAGER, UserRole.OFFICE, UserRole.LIAISON)]
    for user in people:
        look(empty, user.id, partner=JOBCENTER if user.partner else None)
    page = empty.browser().get(f"{LOOKS}?lang=de")
    for user in people:
        assert user.name not in page.answer.text
        assert user.id not in page.answer.text
    assert CLIENT not in page.answer.text


def test_a_look_at_somebody_else_is_not_mine(empty, other):
    look(empty, empty.pages.user(UserRole.OFFICE).id, client=OTHER)
    look(empty, "operator", client=None)
    assert "das Amt und seine Technik" not in str(looks_on(empty))
    assert "das Amt und seine Technik" in str(looks_on(other))


def test_who_is_no_longer_let_in_still_stands_for_the_same_place(empty):
    manager = empty.pages.user(UserRole.INTEGRATION_MANAGER)
    look(empty, manager.id)
    empty.pages.gateway.store.people.users.revoke(manager.id, empty.pages.now, "operator")
    assert "die Beratungsstelle" in looks_on(empty)["02.03.2026"]


def test_what_really_happens_stands_on_it(empty):
    empty.pages.link()
    empty.pages.send(LEVEL)
    manager = empty.pages.manager()
    manager.get(manager.post("/pages/clients", {"reference": CLIENT}, follow=False).headers["location"])
    empty.pages.liaison().get("/pages/inbox")
    (who,) = looks_on(empty).values()
    assert {line.partition(" (")[0] for line in who} == {"ich selbst", "die Beratungsstelle", "Jobcenter Rems-Murr, Team 412"}


def test_a_day_that_may_be_cut_off_is_left_out(empty, monkeypatch):
    monkeypatch.setattr("imgate.exchange.client_page._LIST_MAX", 3)
    look(empty, "operator")
    look(empty, "operator")
    empty.pages.later(days=1)
    empty.renumber()
    look(empty, "operator")
    assert list(looks_on(empty)) == ["03.03.2026"]


def test_the_way_leads_there_and_back(own):
    page = own.browser("tr").get(f"{MINE}?lang=tr").follow("Verilerime kim baktı?")
    assert page.answer.url.query == b"lang=tr"
    assert page.follow("Sayfama dön").path == MINE
