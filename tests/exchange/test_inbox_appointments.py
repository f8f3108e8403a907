"""The appointments of an inbox item are handed out as the item is: decided again, on record, and only while it is there."""

import pytest

from imgate.exchange import boxes
from imgate.exchange.refusals import Refused
from tests.exchange.conftest import JOBCENTER, REFERENCE, message

UPCOMING = [{"at": "2026-03-10T09:30:00+01:00", "with": "VHS Winnenden", "subject": "Einstufung"}]
RECORD = {"appointments": {"upcoming": UPCOMING}, "benefits": {"regime": {"code": "sgb2"}}}
BOTH = ("appointments.upcoming", "benefits.regime")


@pytest.fixture
def received(world):
    """Give a function that has a message of the Jobcenter taken in, and gives the id of the inbox item."""
    world.link()

    def receive(record=RECORD):
        receipt = world.post(message(JOBCENTER, REFERENCE, record))
        world.work()
        return world.report(receipt)["people"][0].get("exchange")

    return receive


def appointments(world, item):
    return boxes.inbox_appointments(world.corridor, world.call(), item)


def not_found(world, item):
    with pytest.raises(Refused) as refused:
        appointments(world, item)
    return (refused.value.status, refused.value.code) == (404, "not_found")


def test_they_are_handed_out_with_who_sent_them_and_when(world, received):
    world.declare(*BOTH)
    item = received()
    found = appointments(world, item)
    assert (found.exchange, found.sender, found.received_at) == (item, "Jobcenter Rems-Murr, Team 412", "2026-03-02T09:00:00.000Z")
    assert [dict(one) for one in found.appointments] == UPCOMING
    assert "Einstufung" not in repr(found)


def test_this_scope_alone_is_on_record_and_the_item_goes_on_waiting(world, received):
    first = world.declare("appointments.upcoming")
    world.declare("benefits.regime")
    item = received()
    appointments(world, item)
    (disclosure,) = world.disclosures()
    assert (disclosure["scopes"], disclosure["declarations"]) == (["appointments.upcoming"], [first])
    with pytest.raises(Refused):
        boxes.inbox_ack(world.corridor, world.call(), item)
    (fetched,) = world.inbox()
    assert fetched["record"] == RECORD
    assert [sorted(one["scopes"]) for one in world.disclosures()] == [["appointments.upcoming"], sorted(BOTH)]


def test_who_has_the_item_can_ask_again_and_nothing_more_goes_on_record(world, received):
    world.declare(*BOTH)
    item = received()
    world.inbox()
    before = world.disclosures()
    assert [dict(one) for one in appointments(world, item).appointments] == UPCOMING
    assert world.disclosures() == before


def test_where_they_came_from_has_to_be_said_from_then_on(world, received):
    world.declare(*BOTH, onward_from=[])
    appointments(world, received())
    with pytest.raises(Refused, match="provenance_required"):
        world.preview(RECORD)


def test_what_is_not_permitted_any_more_is_not_handed_out(world, received):
    declaration = world.declare(*BOTH)
    item = received()
    world.revoke(declaration, ["appointments.upcoming"])
    assert not_found(world, item)
    assert world.disclosures() == []
    (fetched,) = world.inbox()
    assert fetched["record"] == {"benefits": {"regime": {"code": "sgb2"}}}


def test_what_expired_in_the_meantime_is_dropped_for_good(world, received):
    world.declare(*BOTH, valid_until="2026-03-05")
    item = received()
    world.later(days=5)
    assert not_found(world, item)
    assert world.shown(item)["state"] == "cancelled"
    assert world.disclosures() == []


def test_what_became_narrower_stays_so_although_nothing_was_found(world, received):
    world.declare("benefits.regime")
    world.declare("appointments.upcoming", valid_until="2026-03-05")
    item = received()
    world.later(days=5)
    assert not_found(world, item)
    assert world.shown(item)["released"] == ["benefits.regime"]


@pytest.mark.parametrize("record", [{"benefits": {"regime": {"code": "sgb2"}}}, {"appointments": {"upcoming": []}}])
def test_an_item_without_appointments_has_none(world, received, record):
    world.declare(*BOTH)
    item = received(record)
    assert not_found(world, item)
    assert world.disclosures() == []


def test_what_was_acknowledged_is_gone(world, received):
    world.declare(*BOTH)
    item = received()
    world.inbox()
    boxes.inbox_ack(world.corridor, world.call(), item)
    assert not_found(world, item)


def test_what_was_sent_to_a_partner_is_no_inbox_item(world):
    world.link()
    world.declare(*BOTH)
    assert not_found(world, world.send(RECORD)["id"])
    assert not_found(world, "00000000-0000-4000-8000-000000000000")


def test_what_cannot_be_read_is_not_handed_out(world, received, monkeypatch):
    from imgate.exchange import again
    from imgate.exchange.ports import Unreadable

    world.declare(*BOTH)
    item = received()

    def unreadable(*_):
        raise Unreadable

    monkeypatch.setattr(again, "open_inbox", unreadable)
    assert not_found(world, item)


def test_an_item_whose_appointments_somebody_has_is_not_called_cancelled(world, received):
    """Nothing of it would have been seen by anybody; but it was."""
    declaration = world.declare(*BOTH)
    item = received()
    appointments(world, item)
    assert world.revoke(declaration)["cancelled"] == 0
    assert world.shown(item)["state"] == "received"
    assert not_found(world, item)
    assert world.inbox() == []
    assert [one["scopes"] for one in world.disclosures()] == [["appointments.upcoming"]]
