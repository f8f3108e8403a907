"""The inbox shows what waits for the partner and may be had now, counts nothing, and puts on record what it shows."""

import pytest

from imgate.vocabulary.words import UserRole
from tests.exchange.conftest import ABH, CONFIG, JOBCENTER, REFERENCE
from tests.web.liaison.waiting import LEVEL, ids_on, told, waiting, without_ids


def several(pages, number):
    """Have so many messages wait, about as many clients; give their ids."""
    ids = []
    for place in range(number):
        client = f"K-2026-2{place:03}"
        pages.link(f"355A{place:03}", client=client)
        pages.declare("language.level", client=client)
        ids.append(pages.send(LEVEL, client=client)["id"])
    return ids


def test_a_line_says_whom_what_since_when_what_for_and_until_when(pages):
    waiting(pages)
    page = pages.liaison().get("/pages/inbox")
    for said in (REFERENCE, "Aufenthaltsstatus, Sprachniveau", "02.03.2026, 10:00", "Arbeit oder Ausbildung finden", "31.12.2026"):
        assert said in page.text
    assert "B1" not in page.text


def test_what_the_page_shows_is_on_record_as_handed_out_by_this_user(pages):
    _, exchange = waiting(pages)
    pages.liaison().get("/pages/inbox")
    assert pages.shown(exchange)["state"] == "delivered"
    assert len(pages.disclosures()) == 1


def test_an_empty_inbox_says_so(pages):
    page = pages.liaison().get("/pages/inbox")
    assert (page.status, page.title) == (200, "Posteingang")
    assert "Gerade wartet nichts auf Sie." in page.text


def test_the_inbox_of_a_partner_for_whom_nothing_waits_is_the_same_whatever_waits_for_others(pages):
    liaison = pages.liaison(ABH, login="abh")
    before = liaison.get("/pages/inbox").answer.content
    several(pages, 3)
    assert liaison.get("/pages/inbox").answer.content == before


def test_what_is_not_permitted_any_more_changes_no_byte_of_the_page(pages):
    liaison = pages.liaison()
    before = liaison.get("/pages/inbox").answer.content
    declaration, _ = waiting(pages)
    pages.revoke(declaration)
    assert liaison.get("/pages/inbox").answer.content == before


def test_a_long_list_comes_in_pages_and_each_message_once(pages):
    ids = several(pages, 27)
    liaison = pages.liaison()
    first = liaison.get("/pages/inbox")
    second = first.follow("Weitere anzeigen")
    assert (ids_on(first), ids_on(second)) == (ids[:25], ids[25:])
    assert "Weitere anzeigen" not in second.links()
    newest = first.follow("Neueste zuerst")
    assert ids_on(newest) + ids_on(newest.follow("Weitere anzeigen")) == ids[::-1]


def test_where_a_list_goes_on_tells_nothing_and_holds_for_nobody_else(pages):
    """In clear it would be a place among what waits for all partners, and so a count of it."""
    several(pages, 26)
    liaison = pages.liaison()
    following = liaison.get("/pages/inbox").links()["Weitere anzeigen"]
    assert following != liaison.get("/pages/inbox").links()["Weitere anzeigen"]
    assert liaison.get(following).status == 200
    assert pages.liaison(login="zweite").get(following).status == 404
    assert pages.liaison(ABH, login="abh").get(following).status == 404


@pytest.mark.parametrize("after", ["x", "AAAAAAAAAAAAAAAAAAAAAA", "é", "%00", "a" * 300, "..", "<script>"])
def test_a_place_that_was_never_given_is_a_page_that_is_not_there(pages, after):
    answer = pages.liaison().get("/pages/inbox", params={"after": after})
    assert answer.status == 404
    assert after not in answer.text


def test_no_page_counts(pages):
    several(pages, 26)
    page = pages.liaison().get("/pages/inbox")
    assert not {"26", "25", "1", "2"}.intersection(page.text.split())


def test_a_message_that_is_pushed_stands_in_nobodys_inbox(pages, monkeypatch):
    _, exchange = waiting(pages)
    with pages.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE outbox SET fetched = 0")
    liaison = pages.liaison()
    assert ids_on(liaison.get("/pages/inbox")) == []
    assert liaison.get(f"/pages/inbox/{exchange}").status == 404


def test_a_reference_that_looks_like_markup_is_shown_as_it_is(pages):
    pages.link('<script>x</script>"&')
    pages.declare("language.level")
    pages.send(LEVEL)
    page = pages.liaison().get("/pages/inbox")
    assert "<script>x" not in page.answer.text
    assert '<script>x</script>"&' in page.text


def test_a_notice_of_the_end_of_use_stands_out(pages):
    liaison = pages.liaison()
    told(pages, liaison)
    page = liaison.get("/pages/inbox")
    assert "Nutzung beenden" in page.text
    assert "Nicht mehr erlaubt: Sprachniveau, Aufenthaltsstatus" in page.text


@pytest.mark.parametrize("role", [UserRole.OFFICE, UserRole.INTEGRATION_MANAGER])
@pytest.mark.parametrize("path", ["/pages/inbox", "/pages/search", "/pages/inbox/00000000-0000-0000-0000-000000000000"])
def test_the_pages_are_the_liaisons_alone(pages, role, path):
    waiting(pages)
    answer = pages.visit(role).get(path)
    assert answer.status == 403
    assert REFERENCE not in answer.text


def test_a_liaison_sees_their_own_partner_only(pages):
    waiting(pages)
    pages.link("ABH-1", partner=ABH)
    pages.declare("language.level", partner=ABH)
    theirs = pages.send(LEVEL, partner=ABH)["id"]
    assert ids_on(pages.liaison(ABH, login="abh").get("/pages/inbox")) == [theirs]
    assert theirs not in pages.liaison(JOBCENTER).get("/pages/inbox").answer.text


def test_the_page_is_english_for_who_wants_it_so(pages):
    waiting(pages)
    page = pages.liaison().get("/pages/inbox", headers={"Accept-Language": "en"})
    assert (page.title, page.tree.get("lang")) == ("Inbox", "en")
    assert "What has changed: Residence status" in page.text
    assert "Was sich" not in without_ids(page)


def test_the_configuration_has_both_partners():
    assert JOBCENTER in CONFIG
    assert ABH in CONFIG
