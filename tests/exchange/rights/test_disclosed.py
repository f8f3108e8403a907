"""A client is told of every hand-out: who, what, when, why, with which permission and until when; and of nobody else's."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from imgate.exchange import boxes, delivery, history
from imgate.exchange.client_page import make_page
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.exchange.rights.disclosed import disclosed
from imgate.exchange.rights.shapes import Disclosures
from imgate.exchange.stored import Cursor
from imgate.plugin_api import Delivered, NotDelivered, RefusedByPartner
from imgate.storage.erase import erase_client
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message
from tests.exchange.rights.handed_out import hand_out_many

RECORD = {
    "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
    "residence": {"status": {"code": "1", "since": "2024-05-02"}},
}
LEVEL = {"language": RECORD["language"]}
OTHER = "K-2026-2202"
SHAPE = TypeAdapter(Disclosures)


def told(world, client=CLIENT):
    found = disclosed(world.corridor, client, world.gateway.terms)
    SHAPE.validate_python(found)
    return found


def rows(world, client=CLIENT):
    return told(world, client)["disclosures"]


def fetched(world, record=RECORD, **more):
    exchange = world.send(record, **more)["id"]
    world.outbox()
    return exchange


def deliver(world):
    asyncio.run(delivery.deliver_due(world.corridor))


@pytest.fixture
def linked(world):
    world.link()
    return world


# ---- Who is told what ----


def test_nobody_is_told_of_an_unknown_client_and_nothing_more(world):
    with pytest.raises(Refused) as refused:
        told(world, "K-nobody")
    assert (refused.value.status, refused.value.details) == (404, {})


def test_an_erased_client_is_as_unknown_as_somebody_who_never_was(linked):
    linked.declare("language.level")
    fetched(linked, LEVEL)
    erase_client(linked.gateway.store, CLIENT, linked.now, "operator")
    with pytest.raises(Refused) as refused:
        told(linked)
    assert (refused.value.status, refused.value.details) == (404, {})


def test_what_only_waits_and_what_was_withheld_is_no_disclosure(linked):
    linked.declare("language.level")
    linked.send(RECORD)
    assert rows(linked) == []
    assert told(linked)["partners"] == []


def test_another_clients_rows_declarations_and_counts_never_stand_in_it(linked):
    linked.declare("language.level")
    linked.link("355A000999", client=OTHER)
    linked.declare("residence.status", client=OTHER)
    fetched(linked, {"residence": RECORD["residence"]}, client=OTHER)
    mine = told(linked)
    assert (mine["disclosures"], mine["partners"]) == ([], [])
    assert "residence.status" not in str(mine)
    assert OTHER not in str(mine)
    assert len(mine["declarations"]) == 1


def test_each_row_says_what_the_door_says_and_more(linked):
    declaration = linked.declare("language.level", "residence.status")
    exchange = fetched(linked)
    (row,) = rows(linked)
    (shown,) = linked.disclosures()
    assert {name: row[name] for name in shown} == shown
    assert row["exchange"] == exchange
    assert row["name"] == "Jobcenter Rems-Murr, Team 412"
    assert row["arrival"] == "delivered"
    assert row["provenance"] == {"language.level": "self", "residence.status": "self"}
    assert row["permissions"] == [{"declaration": declaration, "scopes": row["scopes"], "until": "2026-12-31"}]


def test_what_came_from_a_partner_names_it_as_the_source_in_both_directions(linked):
    linked.declare("contact_persons.jobcenter")
    linked.link("A-1", partner=ABH)
    linked.declare("residence.status", partner=ABH)
    linked.declare("residence.status", onward_from=[ABH])
    linked.post(message(JOBCENTER, REFERENCE, CONTACT))
    linked.work()
    linked.inbox()
    fetched(linked, {"residence": RECORD["residence"]}, provenance={"residence.status": ABH})
    sent, got = rows(linked)
    assert (sent["direction"], sent["provenance"], sent["arrival"]) == ("from_partner", {"contact_persons.jobcenter": JOBCENTER}, "taken")
    assert (got["direction"], got["provenance"]) == ("to_partner", {"residence.status": ABH})
    assert [partner["partner"] for partner in told(linked)["partners"]] == [JOBCENTER, ABH]


def test_every_row_of_many_is_there_once_and_in_its_order(world):
    hand_out_many(world, 60)
    shown, listed = rows(world), history.disclosures(world.corridor, CLIENT, Cursor(None, 500))["items"]
    assert len(listed) == 60
    assert [{name: row[name] for name in one} for row, one in zip(shown, listed, strict=True)] == listed
    sums = [partner[direction]["count"] for partner in told(world)["partners"] for direction in ("to_partner", "from_partner")]
    assert sum(sums) == 60


# ---- What became of it ----


def test_an_attempt_whose_end_is_unknown_counts_as_received_and_says_so(linked, scripted):
    scripted.outcomes = [NotDelivered("timeout"), Delivered()]
    linked.declare("language.level")
    linked.send(LEVEL)
    deliver(linked)
    assert [row["arrival"] for row in rows(linked)] == ["uncertain"]
    linked.later(hours=1)
    deliver(linked)
    assert [row["arrival"] for row in rows(linked)] == ["uncertain", "delivered"]


def test_an_attempt_that_is_under_way_is_told_before_anybody_knows_how_it_ends(linked):
    linked.declare("language.level")
    exchange = linked.send(LEVEL)["id"]
    with linked.corridor.store.transaction() as tx:
        tx.outbox.begun(exchange, linked.now + timedelta(minutes=1))
    (row,) = rows(linked)
    assert (row["exchange"], row["arrival"], row["at"]) == (exchange, "uncertain", "2026-03-02T09:01:00.000Z")
    assert linked.disclosures() == []


def test_what_a_partner_refused_or_confirmed_says_so(linked):
    linked.declare("language.level")
    refused, confirmed = fetched(linked, LEVEL), fetched(linked, LEVEL)
    boxes.outbox_reject(linked.corridor, linked.call(), JOBCENTER, refused, RejectRequest(code="not_ours"))
    boxes.outbox_ack(linked.corridor, linked.call(), JOBCENTER, confirmed)
    assert {row["exchange"]: row["arrival"] for row in rows(linked)} == {refused: "rejected", confirmed: "acknowledged"}


def test_what_was_certainly_not_seen_is_no_disclosure(linked, scripted):
    scripted.outcomes = [RefusedByPartner("unauthorized", seen=False)]
    linked.declare("language.level")
    linked.send(LEVEL)
    deliver(linked)
    assert rows(linked) == []


# ---- Until when ----


def test_a_scope_that_was_revoked_ran_until_then_and_the_others_run_on(linked):
    declaration = linked.declare("language.level", "residence.status")
    fetched(linked)
    linked.later(days=1)
    linked.revoke(declaration, ["residence.status"])
    (row,) = rows(linked)
    permissions = {permission["scopes"][0]: permission for permission in row["permissions"]}
    assert permissions["language.level"] == {"declaration": declaration, "scopes": ["language.level"], "until": "2026-12-31"}
    over = permissions["residence.status"]
    assert (over["declaration"], over["until"], over["ended_by"]) == (declaration, "2026-12-31", "partly_revoked")
    assert over["ended_at"].startswith("2026-03-03T09:00:00")


@pytest.mark.parametrize(("how", "ended_by"), [("revoke", "revoked"), ("supersede", "superseded"), ("wait", "expired")])
def test_a_permission_that_is_over_says_since_when_and_why(linked, how, ended_by):
    declaration = linked.declare("language.level")
    fetched(linked, LEVEL)
    linked.later(days=1)
    if how == "revoke":
        linked.revoke(declaration)
    elif how == "supersede":
        linked.declare("language.level", supersedes=declaration)
    else:
        linked.later(days=400)
    (row,) = rows(linked)
    (permission,) = row["permissions"]
    assert permission["ended_by"] == ended_by
    assert permission["ended_at"][:10] == ("2026-12-31" if how == "wait" else "2026-03-03")
    assert next(one for one in told(linked)["declarations"] if one["id"] == declaration)["ended_by"] == ended_by


def test_a_declaration_that_nobody_can_read_is_told_by_its_id_alone(linked):
    declaration = linked.declare("language.level")
    fetched(linked, LEVEL)
    with linked.gateway.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declaration_heads SET mac = x'00'")
    (row,) = rows(linked)
    assert row["permissions"] == [{"declaration": declaration, "scopes": ["language.level"]}]
    assert told(linked)["declarations"] == [{"id": declaration, "state": "unreadable"}]


# ---- Names, and what is kept ----


def test_a_partner_is_told_under_its_earlier_names_too_and_by_the_signed_one_where_it_is_gone(linked):
    linked.declare("language.level")
    fetched(linked, LEVEL)
    policy = linked.corridor.policy
    partners = dict(policy.partners)
    renamed = _replaced(partners[JOBCENTER], name="Jobcenter Waiblingen", formerly=frozenset({"Jobcenter Rems-Murr, Team 412"}))
    linked.corridor = _replaced(linked.corridor, policy=_replaced(policy, partners=partners | {JOBCENTER: renamed}))
    (partner,) = told(linked)["partners"]
    assert (partner["name"], partner["formerly"]) == ("Jobcenter Waiblingen", ["Jobcenter Rems-Murr, Team 412"])
    del partners[JOBCENTER]
    gone = {name: one for name, one in linked.corridor.partners.items() if name != JOBCENTER}
    linked.corridor = _replaced(linked.corridor, policy=_replaced(policy, partners=partners), partners=gone)
    (partner,) = told(linked)["partners"]
    assert partner["name"] == "Jobcenter Rems-Murr, Team 412"
    assert "formerly" not in partner


def _replaced(one, **changes):
    return type(one)(**{name: getattr(one, name) for name in one.__dataclass_fields__} | changes)


def test_what_is_kept_is_counted_and_has_its_term(linked):
    linked.declare("language.level")
    fetched(linked, LEVEL)
    make_page(linked.corridor, "manager", CLIENT)
    kept = {one.pop("category"): one for one in told(linked)["kept"]}
    retention = linked.gateway.settings.retention
    assert kept["declarations"] == {"count": 1, "term": "proof", "years": retention.proof_years}
    assert kept["evidence"]["count"] == 1
    assert kept["links"] == {"count": 1, "term": "erasure"}
    assert kept["exchanges"]["count"] == 1
    assert kept["messages"] == {"count": 1, "term": "waiting", "days": retention.message_days}
    assert kept["own_page"]["count"] == 1
    assert kept["audit_log"] == {"term": "nameless"}


def test_nothing_of_a_value_and_no_reference_of_a_partner_stands_in_it(linked):
    linked.declare("language.level", "residence.status")
    fetched(linked)
    assert not [value for value in ("B1", "dtz", "2024-05-02", REFERENCE, "Vera Beispiel") if value in str(told(linked))]
