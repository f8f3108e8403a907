"""The worklist names what ends soon and nobody has renewed, and nothing else."""

import pytest

from imgate.exchange.declarations.worklist import running_out
from imgate.exchange.expiry import end_due
from imgate.exchange.ports import BadCursor
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER
from tests.exchange.renewing import renewed

# Today is 2026-03-02.
SOON = {"valid_until": "2026-03-20"}


def listed(world, days=30, **cursor):
    return running_out(world.corridor, days, Cursor(**cursor))


def ids(world, days=30):
    return [item["id"] for item in listed(world, days)["items"]]


def test_nothing_runs_out_where_nothing_is(world):
    assert listed(world) == {"items": []}


def test_what_ends_soon_is_named_with_what_is_needed_to_renew_it(world):
    declaration = world.declare("language.level", "residence.status", **SOON)
    world.revoke(declaration, ["residence.status"])
    (item,) = listed(world)["items"]
    assert item == {
        "id": declaration,
        "client": CLIENT,
        "partner": JOBCENTER,
        "valid_until": "2026-03-20",
        "state": "active",
        "scopes": 1,
    }


@pytest.mark.parametrize(("last_day", "days"), [("2026-03-02", 1), ("2026-04-01", 30), ("2026-03-03", 1), ("2027-04-06", 400)])
def test_a_last_day_within_so_many_days_is_named(world, last_day, days):
    assert ids(world, days) == []
    assert [world.declare("language.level", valid_until=last_day)] == ids(world, days)


@pytest.mark.parametrize(("last_day", "days"), [("2026-03-01", 30), ("2026-04-02", 30), ("2026-03-04", 1), ("2027-04-07", 400)])
def test_one_that_ended_or_ends_later_is_not(world, last_day, days):
    world.declare("language.level", valid_until=last_day)
    assert ids(world, days) == []


def test_the_day_is_the_gateways(world):
    world.now = world.now.replace(hour=23, minute=30)  # in Berlin it is the next day
    declaration = world.declare("language.level", valid_until="2026-03-04")
    assert ids(world, 1) == [declaration]


def test_a_draft_and_a_revoked_one_are_not(world):
    world.declare("language.level", signed=False, **SOON)
    world.revoke(world.declare("language.level", **SOON))
    world.revoke(world.declare("language.level", **SOON), ["language.level"])
    assert ids(world) == []


def test_a_paused_one_is(world):
    declaration = world.declare("language.level", **SOON)
    world.pause(declaration)
    assert [(item["id"], item["state"]) for item in listed(world)["items"]] == [(declaration, "paused")]


def test_a_draft_that_is_to_take_its_place_is_named(world):
    declaration = world.declare("language.level", **SOON)
    renewed(world, declaration)
    second = renewed(world, declaration)["id"]
    (item,) = listed(world)["items"]
    assert (item["id"], item["renewed_by"]) == (declaration, second)


def test_one_whose_successor_is_signed_is_done_with(world):
    declaration = world.declare("language.level", **SOON)
    successor = renewed(world, declaration)["id"]
    world.sign(successor)
    assert ids(world) == []


def test_one_whose_successor_was_revoked_before_it_began_has_to_be_renewed_again(world):
    declaration = world.declare("language.level", **SOON)
    successor = renewed(world, declaration)["id"]
    world.sign(successor)
    world.revoke(successor)
    (item,) = listed(world)["items"]
    assert item["id"] == declaration
    assert "renewed_by" not in item


def test_one_that_does_not_match_its_seal_is_not_named(world):
    world.declare("language.level", **SOON)
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declaration_heads SET mac = zeroblob(32)")
    assert ids(world) == []


def test_somebody_who_was_erased_is_not_named(world):
    world.declare("language.level", client="K-2026-1102", **SOON)
    declaration = world.declare("language.level", **SOON)
    erase_client(world.gateway.store, "K-2026-1102", world.now, "operator")
    assert ids(world) == [declaration]


def test_every_partners_are_named_in_the_order_of_acceptance_page_by_page(world):
    made = [world.declare("language.level", **SOON), world.declare("residence.status", partner=ABH, valid_until="2026-03-05")]
    world.declare("language.level", signed=False, **SOON)
    made += [world.declare("language.level", client="K-2", valid_until="2026-03-10")]
    found, after = [], None
    for _ in range(4):
        page = listed(world, limit=1, after=after)
        found += [item["id"] for item in page["items"]]
        after = page.get("next")
        if after is None:
            break
    assert found == made


def test_a_bad_cursor_is_one(world):
    with pytest.raises(BadCursor):
        listed(world, after="nonsense")


def test_a_declaration_whose_end_was_dealt_with_is_not_looked_at(world):
    declaration = world.declare("language.level", **SOON)
    world.later(days=40)
    assert end_due(world.corridor) == 1
    with world.corridor.store.reading() as tx:
        assert tx.declarations.running_out("2026-12-31", Cursor()).items == ()
    assert declaration not in ids(world, 400)
