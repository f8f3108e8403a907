"""What was given up is tried again: without what later ones have carried, and never so that an older value comes after a newer one."""

import pytest

from imgate.exchange.refusals import Refused
from imgate.plugin_api import NotDelivered, RefusedByPartner
from tests.exchange.ordering import DOWN, EMAIL, SUPPORT, again, deliver, email, given_up, ids, level, line, pushed, send

__all__ = ["pushed"]


def test_tried_again_it_leaves_without_what_later_ones_have_carried(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org") | level("B1"))
    later = send(pushed, email("b@example.org"))
    deliver(pushed)
    assert again(pushed, failed) == "queued"
    deliver(pushed)
    assert ids(scripted) == [later, failed]
    assert b"a@example.org" not in scripted.parcels[1].content
    assert pushed.shown(failed)["state"] == "delivered"


@pytest.mark.parametrize("delivered", [True, False])
def test_tried_again_with_nothing_left_it_is_overtaken(pushed, scripted, delivered):
    failed = given_up(pushed, scripted, email("a@example.org"))
    later = send(pushed, email("b@example.org"))
    if delivered:
        deliver(pushed)
    assert again(pushed, failed) == "overtaken"
    assert line(pushed, failed) == ("overtaken", later)
    deliver(pushed)
    assert ids(scripted) == [later]


def test_tried_again_it_goes_before_what_was_accepted_later_and_waits(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    later = send(pushed, level("B1"))
    again(pushed, failed)
    deliver(pushed)
    assert ids(scripted) == [failed, later]


def test_what_has_left_since_is_not_followed_by_an_older_value_for_another_purpose(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    later = send(pushed, email("b@example.org"), purpose=SUPPORT)
    deliver(pushed)
    assert again(pushed, failed) == "overtaken"
    assert line(pushed, failed) == ("overtaken", later)


def test_what_waits_for_another_purpose_does_not_keep_it_back(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    later = send(pushed, email("b@example.org"), purpose=SUPPORT)
    assert again(pushed, failed) == "queued"
    deliver(pushed)
    assert ids(scripted) == [failed, later]


def test_what_may_have_been_seen_for_another_purpose_is_not_followed_by_an_older_value(pushed, scripted):
    """Nobody knows what the partner saw of the later one; it counts as disclosed, so it counts as seen."""
    failed = given_up(pushed, scripted, email("a@example.org"))
    scripted.outcomes = [NotDelivered("timeout")]
    send(pushed, email("b@example.org"), purpose=SUPPORT)
    deliver(pushed)
    assert again(pushed, failed) == "overtaken"


def test_what_may_have_been_seen_and_was_given_up_is_not_followed_by_an_older_value(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    given_up(pushed, scripted, email("b@example.org"))
    assert again(pushed, failed) == "overtaken"


def test_what_is_on_its_way_for_another_purpose_is_not_followed_by_an_older_value(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org"))
    answers = []

    def meanwhile(_):
        answers.append(again(pushed, failed))
        return DOWN

    scripted.outcomes = [meanwhile]
    send(pushed, email("b@example.org"), purpose=SUPPORT)
    deliver(pushed)
    assert answers == ["overtaken"]


def test_a_revoked_scope_is_not_brought_back_by_trying_again(pushed, scripted):
    failed = given_up(pushed, scripted, email("a@example.org") | level("B1"))
    pushed.revoke(pushed.declaration, [EMAIL])
    again(pushed, failed)
    deliver(pushed)
    assert not any(b"a@example.org" in parcel.content for parcel in scripted.parcels)
    assert [b"B1" in parcel.content for parcel in scripted.parcels if parcel.message_id == failed] == [True]


@pytest.mark.parametrize("state", ["queued", "delivered", "overtaken", "rejected", "cancelled"])
def test_only_what_was_given_up_is_tried_again(pushed, scripted, state):
    exchange = send(pushed, email("a@example.org"))
    if state == "overtaken":
        send(pushed, email("b@example.org"))
    elif state == "cancelled":
        pushed.revoke(pushed.declaration)
    elif state != "queued":
        scripted.outcomes = [RefusedByPartner("http_422")] if state == "rejected" else []
        deliver(pushed)
    assert pushed.shown(exchange)["state"] == state
    with pytest.raises(Refused) as refused:
        again(pushed, exchange)
    assert (refused.value.status, refused.value.code) == (409, "not_failed")


def test_what_nobody_knows_is_not_tried_again(pushed):
    with pytest.raises(Refused) as refused:
        again(pushed, "6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11")
    assert refused.value.status == 404
