"""Under what a partner knows a client is set, changed and removed on the client's page, and stands in no address."""

import pytest

from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, REFERENCE
from tests.exchange.told import LEVEL
from tests.web.desk.opening import opened


@pytest.fixture
def manager(pages):
    return pages.manager()


def reference_at(pages, partner=JOBCENTER, client=CLIENT):
    with pages.corridor.store.reading() as tx:
        keys = tx.clients.find(client)
        link = None if keys is None else tx.links.get(keys, partner)
        return link and link.reference


def test_the_case_page_says_under_what_each_partner_knows_the_client(pages, manager):
    pages.link()
    text = manager.get(opened(manager)).text
    assert REFERENCE in text
    assert "Ausländerbehörde Winnenden nicht eingetragen" in text


def test_a_reference_is_set_from_the_case_page(pages, manager):
    form = manager.get(opened(manager)).follow("Eintragen Ausländerbehörde Winnenden")
    done = form.send("Zeichen speichern", reference="33/2-815")
    assert "Das Zeichen ist eingetragen." in done.text
    assert reference_at(pages, ABH) == "33/2-815"


def test_another_reference_takes_the_place_of_the_first(pages, manager):
    pages.link()
    form = manager.get(f"{opened(manager)}/links/{JOBCENTER}")
    assert form.tree.xpath("string(//input[@name='reference']/@value)") == REFERENCE
    form.send("Zeichen speichern", reference="355A000816")
    assert reference_at(pages) == "355A000816"


def test_what_waits_goes_with_the_reference(pages, manager):
    pages.link()
    pages.declare("language.level")
    pages.send(LEVEL)
    done = manager.get(f"{opened(manager)}/links/{JOBCENTER}").send("Zeichen entfernen")
    assert "Das Zeichen ist entfernt." in done.text
    assert (reference_at(pages), pages.outbox()) == (None, [])


def test_removing_what_is_not_there_changes_nothing(pages, manager):
    assert manager.post(f"{opened(manager)}/links/{JOBCENTER}/removal").status == 200
    assert reference_at(pages) is None


def test_a_reference_of_somebody_else_is_refused_without_a_word_about_them(pages, manager):
    pages.link(client="K-7")
    again = manager.get(f"{opened(manager)}/links/{JOBCENTER}").send("Zeichen speichern", reference=REFERENCE)
    assert again.status == 422
    assert "schon jemand anderen" in again.text
    assert "K-7" not in again.answer.text


@pytest.mark.parametrize("typed", ["", "x" * 65, "a\nb", "a\x00b"])
def test_what_can_be_no_reference_is_asked_for_again(pages, manager, typed):
    again = manager.get(f"{opened(manager)}/links/{JOBCENTER}").send("Zeichen speichern", reference=typed)
    assert again.status == 422
    assert reference_at(pages) is None


@pytest.mark.parametrize("partner", ["jobcenter-stuttgart", "JOBCENTER", "x" * 65, "%3Cscript%3E"])
def test_a_partner_that_is_not_there_is_not_found(manager, partner):
    case = opened(manager)
    assert manager.get(f"{case}/links/{partner}").status == 404
    assert manager.post(f"{case}/links/{partner}", {"key": new_id(), "reference": "1"}).status == 404
    assert manager.post(f"{case}/links/{partner}/removal").status == 404


def test_a_client_who_was_not_opened_is_not_found(pages, manager):
    path = f"/pages/clients/{new_id()}/links/{JOBCENTER}"
    assert manager.get(path).status == 404
    assert manager.post(path, {"key": new_id(), "reference": "1"}).status == 404
    assert manager.post(f"{path}/removal").status == 404


@pytest.mark.parametrize("role", ["liaison", "office"])
def test_other_roles_set_and_see_nothing(pages, manager, role):
    pages.link()
    case = opened(manager)
    browser = getattr(pages, role)()
    assert browser.get(f"{case}/links/{JOBCENTER}").status == 403
    assert browser.post(f"{case}/links/{JOBCENTER}", {"key": new_id(), "reference": "1"}).status == 403
    assert browser.post(f"{case}/links/{JOBCENTER}/removal").status == 403
    assert reference_at(pages) == REFERENCE


def test_a_script_in_a_reference_is_text(pages, manager):
    form = manager.get(f"{opened(manager)}/links/{JOBCENTER}")
    page = form.send("Zeichen speichern", reference='"><script>alert(1)</script>')
    assert page.tree.xpath("//main//script") == []
    assert '"><script>' in page.tree.xpath("string(//main)")
