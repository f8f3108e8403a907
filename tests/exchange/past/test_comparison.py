"""What would be decided today of what was decided in the past: differences are found, and what cannot be known is not guessed."""

from datetime import timedelta

import pytest

from imgate.audit.events import Event, EventName
from imgate.bootstrap import record_start
from imgate.exchange.past.explanation import Rules, explain
from imgate.exchange.stored import StoredExchange
from imgate.storage import past
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, EvidenceLevel, ExchangeState
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, TODAY, message
from tests.exchange.past.asking import (
    ADDRESS,
    BLOCKED,
    PROPOSAL,
    behind,
    by_rules,
    ceiling,
    changed,
    compared,
    limits,
    summed,
    without,
)
from tests.exchange.told import BOTH, LEVEL, STATUS

OPEN = frozenset({"contact.address"})


@pytest.fixture
def linked(world):
    """A gateway whose start is on record, and a client whom the partner knows."""
    record_start(world.gateway, "serve")
    world.link()
    return world


def send(world, record=BOTH, **more):
    world.later(minutes=1)
    exchange = world.send(record, **more)["id"]
    world.later(hours=1)
    return exchange


def receive(world):
    world.later(minutes=1)
    world.post(message(JOBCENTER, REFERENCE, CONTACT | PROPOSAL))
    world.work()


def test_without_decisions_there_is_nothing_to_compare(linked):
    assert (compared(linked), summed(linked).decisions) == ([], 0)


def test_by_the_same_rules_nothing_is_decided_otherwise(linked):
    linked.declare("language.level", "contact_persons.jobcenter")
    send(linked)
    send(linked, PROPOSAL)
    receive(linked)
    summary = summed(linked)
    assert (summary.decisions, summary.asked_again) == (3, 3)
    assert (summary.would_flow, summary.would_not_flow, summary.limits) == ({}, {}, {})


def test_what_became_of_a_declaration_later_is_no_difference(linked):
    """It is asked as of the time of then: revoked, paused, run out since, and signed since."""
    first, second = linked.declare("language.level"), linked.declare("residence.status")
    draft = linked.declare("work.proposals", signed=False)
    send(linked, BOTH | PROPOSAL)
    linked.outbox()
    linked.revoke(first)
    linked.pause(second)
    linked.sign(draft)
    linked.later(days=500)
    assert changed(linked) == []


def test_what_would_flow_now_and_did_not_is_named_with_the_reason_of_then(linked):
    declaration = linked.declare("language.level")
    by_rules(linked, ceiling=ceiling(linked, less=["language.level"]))
    exchange = send(linked, LEVEL)
    by_rules(linked, ceiling=ceiling(linked, more=["language.level"]))
    (one,) = compared(linked)
    (change,) = one.changed
    assert (one.exchange, one.partner, one.direction) == (exchange, JOBCENTER, "to_partner")
    assert (change.scope, change.then, change.now, change.declaration) == (
        "language.level",
        "beyond_partner_ceiling",
        "released",
        declaration,
    )
    assert (change.would_flow, change.assumed_own_word) == (True, True)
    assert summed(linked).would_flow == {"beyond_partner_ceiling": 1}


def test_what_did_flow_and_would_not_now_is_named_with_the_reason_of_today(linked):
    linked.declare("language.level", "residence.status")
    send(linked)
    by_rules(linked, ceiling=ceiling(linked, less=["residence.status"]))
    assert changed(linked) == [("residence.status", "released", "beyond_partner_ceiling")]
    summary = summed(linked)
    assert (summary.would_flow, summary.would_not_flow) == ({}, {"beyond_partner_ceiling": 1})


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"name": "Jobcenter Stuttgart"}, "recipient_changed"),
        ({"levels": dict.fromkeys(("internal", "confidential", "special"), EvidenceLevel.QUALIFIED)}, "evidence_too_weak"),
        ({"ceiling": {}}, "beyond_partner_ceiling"),
    ],
)
def test_each_rule_that_narrows_is_seen_in_both_directions(linked, rules, reason):
    linked.declare("language.level", "contact_persons.jobcenter")
    send(linked, LEVEL)
    receive(linked)
    by_rules(linked, **rules)
    assert changed(linked) == [(scope, "released", reason) for scope in ("language.level", "contact_persons.jobcenter")]


def test_a_partner_that_is_no_longer_configured_would_get_nothing(linked):
    linked.declare("language.level")
    send(linked)
    without(linked)
    assert changed(linked) == [("language.level", "released", "beyond_partner_ceiling")]


def test_another_reason_for_the_same_denial_is_no_difference(linked):
    send(linked, LEVEL)
    by_rules(linked, ceiling={})
    assert changed(linked) == []


def test_what_was_decided_before_the_day_is_left_out(linked):
    linked.declare("language.level")
    send(linked)
    send(linked)
    by_rules(linked, ceiling={})
    at = compared(linked)[1].at
    assert len(changed(linked, TODAY)) == 2
    assert len(changed(linked, at)) == 1
    assert compared(linked, at + timedelta(microseconds=1)) == []


def test_what_was_decided_again_is_counted_and_not_asked(linked):
    """What was left of it later depends on what still waited, and the first decision is the one that is asked again."""
    declaration = linked.declare("language.level", "residence.status")
    send(linked)
    linked.revoke(declaration, ["residence.status"])
    assert (changed(linked), limits(linked)) == ([], [(None, "decided_again")])
    summary = summed(linked)
    assert (summary.decisions, summary.asked_again) == (2, 1)


def test_of_an_overtaken_exchange_the_decision_is_asked_again(linked):
    linked.declare("language.level")
    first = send(linked, LEVEL)
    send(linked, LEVEL)
    assert linked.shown(first)["state"] == "overtaken"
    assert (changed(linked), summed(linked).asked_again) == ([], 2)


def test_an_address_that_passed_because_it_is_not_blocked_passes_today(linked):
    linked.declare("contact.address")
    send(linked, ADDRESS)
    assert (changed(linked), limits(linked)) == ([], [])


def test_whether_a_blocked_address_would_be_blocked_today_depends_on_its_value(linked):
    linked.declare("contact.address")
    send(linked, BLOCKED)
    assert (changed(linked), limits(linked)) == ([], [("contact.address", "value_not_kept")])


def test_a_blocked_address_would_flow_where_it_is_open_today(linked):
    linked.declare("contact.address")
    send(linked, BLOCKED)
    by_rules(linked, open=OPEN)
    assert (changed(linked), limits(linked)) == ([("contact.address", "address_blocked", "released")], [])


def test_an_address_that_passed_by_rules_that_nobody_knows_any_more_is_not_guessed(world):
    """It may have been open to the partner then: no start is on record."""
    world.link()
    world.declare("contact.address")
    send(world, ADDRESS)
    assert (changed(world), limits(world)) == ([], [("contact.address", "value_not_kept")])


def test_which_partner_a_datum_came_from_is_not_guessed(linked):
    linked.declare("residence.status", onward_from=[])
    send(linked, STATUS, provenance={"residence.status": ABH})
    assert (changed(linked), limits(linked)) == ([], [("residence.status", "origin_not_recorded")])


def test_where_it_would_be_denied_before_its_origin_counts_nothing_is_open(linked):
    linked.declare("residence.status", onward_from=[])
    send(linked, STATUS, provenance={"residence.status": ABH})
    by_rules(linked, ceiling={})
    assert (changed(linked), limits(linked)) == ([], [])


def test_an_origin_that_is_on_record_is_asked_with(linked):
    """Today nobody knows the partner it came from."""
    linked.declare("residence.status", onward_from=[ABH])
    send(linked, STATUS, provenance={"residence.status": ABH})
    assert changed(linked) == []
    by_rules(linked, partners=frozenset({JOBCENTER}))
    assert changed(linked) == [("residence.status", "released", "onward_transfer_not_covered")]


def test_what_was_not_proved_by_a_bundle_is_not_asked_again(linked):
    with linked.gateway.store.transaction() as tx:
        client = tx.clients.find(CLIENT)
        withheld = (("residence.status", "bundle_missing"),)
        exchange = StoredExchange(
            id=new_id(),
            client=client.digest,
            partner=JOBCENTER,
            direction=Direction.FROM_PARTNER,
            purpose="housing",
            state=ExchangeState.WITHHELD,
            created_at=TODAY,
            released=(),
            withheld=withheld,
            declarations=(),
        )
        tx.exchanges.add(exchange)
        fields = {"exchange": exchange.id, "partner": JOBCENTER, "purpose": "housing", "withheld": ["residence.status:bundle_missing"]}
        tx.audit(Event(EventName.EXCHANGE_WITHHELD, TODAY, "worker", client.subject, fields))
    assert (changed(linked), limits(linked)) == ([], [("residence.status", "bundle_not_kept")])


def test_a_declaration_that_nobody_can_read_permits_nothing_and_is_named(linked):
    declaration = linked.declare("language.level")
    send(linked, LEVEL)
    behind(linked, "UPDATE declaration_heads SET mac = zeroblob(32)")
    (one,) = compared(linked)
    assert (changed(linked), one.unreadable) == ([("language.level", "released", "no_declaration")], (declaration,))


@pytest.mark.parametrize("signed", [True, False])
def test_where_what_it_rested_on_is_gone_nothing_is_guessed(linked, signed):
    linked.declare("language.level", signed=signed)
    send(linked, LEVEL)
    behind(linked, "DELETE FROM declaration_heads")
    assert (changed(linked), limits(linked)) == ([], [(None, "declarations_gone")])


def test_an_exchange_that_is_gone_from_the_history_is_counted(linked):
    send(linked, LEVEL)
    behind(linked, "DELETE FROM exchanges")
    assert (changed(linked), limits(linked)) == ([], [(None, "exchange_gone")])


def test_a_history_that_contradicts_the_log_is_not_believed(linked):
    linked.declare("language.level")
    send(linked, LEVEL)
    behind(linked, "UPDATE exchanges SET partner = ?", ABH)
    assert (changed(linked), limits(linked)) == ([], [(None, "history_differs")])


def test_an_entry_that_is_not_genuine_is_not_believed(linked):
    linked.declare("language.level")
    send(linked, LEVEL)
    (one,) = compared(linked)
    behind(linked, "UPDATE audit_log SET mac = zeroblob(32) WHERE id = ?", one.entry)
    assert [(each.exchange, each.limits[0][1]) for each in compared(linked)] == [(None, "entry_not_genuine")]


def test_an_erased_clients_decisions_are_asked_again_and_name_nobody(linked):
    linked.declare("language.level")
    send(linked, LEVEL)
    erase_client(linked.gateway.store, CLIENT, linked.now, "operator")
    by_rules(linked, ceiling={})
    assert changed(linked) == [("language.level", "released", "beyond_partner_ceiling")]
    assert not [word for word in (CLIENT, REFERENCE, "Vera", "B1") if word in repr(compared(linked))]


def test_a_long_log_is_read_part_by_part_and_no_decision_is_lost(linked, monkeypatch):
    linked.declare("language.level")
    exchanges = [send(linked, LEVEL) for _ in range(5)]
    whole = compared(linked)
    monkeypatch.setattr(past, "_PART", 2)
    assert compared(linked) == whole
    assert [one.exchange for one in whole] == exchanges


def test_what_is_compared_is_what_is_explained(linked):
    """Whoever is told that it would be decided otherwise is told why."""
    linked.declare("language.level", "residence.status")
    send(linked)
    by_rules(linked, ceiling=ceiling(linked, less=["residence.status"]), name="Jobcenter Stuttgart")
    for one in compared(linked):
        told = explain(linked.corridor, one.exchange)
        (asking,) = [each for each in told.askings if each.rules is Rules.OF_TODAY and each.decision == 0]
        assert {each.scope: each.now for each in one.changed} == {scope: walk.reason for scope, walk in asking.walks.items()}
        assert {each.scope for each in one.changed} == {each.scope for each in told.differences}
