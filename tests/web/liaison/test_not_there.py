"""Being a client is itself secret: what a liaison may not have is not there, on every page, in the same bytes."""

import re

import pytest

from imgate.storage.statement import Statement
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, REFERENCE
from tests.web.liaison.waiting import NOT_THERE, VIEWS, ids_on, told, waiting, without_ids

YEAR = re.compile(r"(?<![0-9a-f])2024(?![0-9a-f])")  # of the residence status; an id may hold the same digits
POSTS = {
    "/ack": {"x": ""},
    "/reject": {"why": "not_for_me"},
    "/ask": {"scopes": "work.status"},
    "/end-of-use": {"answer": "ended"},
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("why", NOT_THERE)
def test_every_page_is_not_there_in_the_same_bytes(pages, why, view):
    liaison = pages.liaison()
    exchange = NOT_THERE[why](pages, liaison)
    known = liaison.get(f"/pages/inbox/{exchange}{view}")
    unknown = liaison.get(f"/pages/inbox/{new_id()}{view}")
    assert (known.status, unknown.status) == (404, 404)
    assert without_ids(known) == without_ids(unknown)
    assert known.headers.items() - {("content-length", "")} == unknown.headers.items() - {("content-length", "")}
    for secret in (REFERENCE, CLIENT, "B1"):
        assert secret not in known.answer.text
    assert YEAR.search(known.answer.text) is None


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("why", ["another partner's", "unknown", "revoked", "paused"])
def test_nothing_can_be_said_to_what_is_not_there(pages, why, path):
    liaison = pages.liaison()
    exchange = NOT_THERE[why](pages, liaison)
    known = liaison.post(f"/pages/inbox/{exchange}{path}", POSTS[path])
    unknown = liaison.post(f"/pages/inbox/{new_id()}{path}", POSTS[path])
    assert (known.status, unknown.status) == (404, 404)
    assert without_ids(known) == without_ids(unknown)


def test_nothing_can_be_said_to_another_partners_notice(pages):
    exchange = told(pages, pages.liaison())
    other = pages.liaison(ABH, login="abh")
    for path, fields in POSTS.items():
        assert other.post(f"/pages/inbox/{exchange}{path}", fields).status == 404
    assert pages.shown(exchange)["state"] == "delivered"


def test_what_was_wrongly_filled_in_is_shown_again_only_where_the_message_may_be_read(pages):
    exchange = NOT_THERE["another partner's"](pages, pages.liaison())
    for path, fields in (("/reject", {"why": ""}), ("/ask", {"x": ""}), ("/end-of-use", {"answer": ""})):
        assert pages.liaison().post(f"/pages/inbox/{exchange}{path}", fields).status == 404


@pytest.mark.parametrize("wrong", ["x", "00000000-0000-0000-0000-00000000000G", "0" * 500, "%00"])
def test_what_is_no_id_is_not_there_either(pages, wrong):
    assert pages.liaison().get(f"/pages/inbox/{wrong}").status == 404


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_revoked_is_gone_from_every_page_at_once(pages, view):
    declaration, exchange = waiting(pages)
    liaison = pages.liaison()
    assert liaison.get(f"/pages/inbox/{exchange}{view}").status == 200
    pages.later(seconds=1)
    pages.revoke(declaration)
    assert liaison.get(f"/pages/inbox/{exchange}{view}").status == 404


def test_what_is_revoked_is_gone_from_list_and_search_at_once(pages):
    declaration, exchange = waiting(pages)
    liaison = pages.liaison()
    assert ids_on(liaison.get("/pages/inbox")) == [exchange]
    assert ids_on(liaison.post("/pages/search", {"reference": REFERENCE})) == [exchange]
    pages.revoke(declaration)
    assert exchange not in liaison.get("/pages/inbox").answer.text
    assert exchange not in liaison.post("/pages/search", {"reference": REFERENCE}).answer.text


@pytest.mark.parametrize("view", ["", "/print", "/file"])
def test_a_scope_that_is_revoked_is_gone_from_every_page_at_once(pages, view):
    declaration, exchange = waiting(pages)
    liaison = pages.liaison()
    path = f"/pages/inbox/{exchange}{view}"
    assert YEAR.search(liaison.get(path).text)
    pages.revoke(declaration, ["residence.status"])
    page = liaison.get(path)
    assert "B1" in page.text
    assert YEAR.search(page.text) is None


@pytest.mark.parametrize("path", ["/pages/inbox", "/pages/search", "/pages/inbox/{}", *(f"/pages/inbox/{{}}{view}" for view in VIEWS[1:])])
def test_nothing_is_kept_by_anybody_on_the_way(pages, path):
    _, exchange = waiting(pages)
    answer = pages.liaison().get(path.format(exchange))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert not {"etag", "last-modified", "expires", "age"}.intersection(answer.headers)


@pytest.mark.parametrize("why", ["another partner's", "acknowledged", "revoked", "erased"])
def test_the_database_is_asked_the_same_about_every_id_that_is_not_there(pages, monkeypatch, why):
    """So there is nothing that could take another time."""
    liaison, steps = pages.liaison(), []
    exchange = NOT_THERE[why](pages, liaison)
    liaison.get(f"/pages/inbox/{new_id()}")
    real = Statement.all

    def noted(self, on, /, **values):
        steps.append(id(self))
        return real(self, on, **values)

    monkeypatch.setattr(Statement, "all", noted)
    assert liaison.get(f"/pages/inbox/{exchange}").status == 404
    known = [*steps]
    steps.clear()
    assert liaison.get(f"/pages/inbox/{new_id()}").status == 404
    assert known == steps != []


def test_a_question_whether_it_has_changed_is_answered_as_any_other(pages):
    _, exchange = waiting(pages)
    answer = pages.liaison().get(
        f"/pages/inbox/{exchange}", headers={"If-None-Match": "*", "If-Modified-Since": "Mon, 02 Mar 2099 09:00:00 GMT"}
    )
    assert answer.status == 200


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_whether_or_not_there_is_something(pages):
    _, exchange = waiting(pages)
    stranger = pages.stranger()
    known = stranger.get(f"/pages/inbox/{exchange}", follow=False)
    unknown = stranger.get(f"/pages/inbox/{new_id()}", follow=False)
    assert known.status == unknown.status == 303
    assert without_ids(known) == without_ids(unknown)
