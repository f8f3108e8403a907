"""Inbound: the same 202 for everyone, and only what the client allowed reaches the case system."""

import asyncio
import json

import pytest

from imgate.exchange import inbound
from imgate.exchange.refusals import Refused
from imgate.storage.sweep import sweep
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, PROPOSAL, REFERENCE, message


def test_what_the_client_allowed_reaches_the_inbox_with_its_provenance(world):
    world.link()
    world.declare("contact_persons.jobcenter")
    receipt = world.post(message(JOBCENTER, REFERENCE, CONTACT | PROPOSAL))
    assert world.inbox() == []  # nothing before the worker
    assert world.work() == 1
    (item,) = world.inbox()
    assert item["client"] == CLIENT
    assert item["record"] == CONTACT
    assert item["provenance"] == {"contact_persons.jobcenter": JOBCENTER}
    (person,) = world.report(receipt)["people"]
    assert person["taken"] == ["contact_persons.jobcenter"]
    assert person["withheld"] == [{"scope": "work.proposals", "reason": "scope_not_covered"}]


@pytest.mark.parametrize("known", ["unknown", "no_declaration", "with_declaration"])
def test_the_answer_is_the_same_for_everyone(world, known):
    if known != "unknown":
        world.link()
    if known == "with_declaration":
        world.declare("contact_persons.jobcenter")
    answer = asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, None, message(JOBCENTER, REFERENCE, CONTACT)))
    content = json.loads(answer.body)
    assert answer.status == 202
    assert content.keys() == {"receipt", "problems"}
    assert content["problems"] == []


def test_an_unknown_person_is_reported_to_the_case_system_only(world):
    receipt = world.post(message(JOBCENTER, "unbekannt-1", CONTACT))
    world.work()
    assert world.inbox() == []
    assert world.report(receipt)["people"] == [{"unknown_reference": "unbekannt-1", "taken": [], "withheld": []}]


def test_an_unknown_reference_is_deleted_after_thirty_days(world):
    receipt = world.post(message(JOBCENTER, "unbekannt-1", CONTACT))
    world.work()
    world.later(days=31)
    sweep(world.gateway.store, world.now)
    assert world.report(receipt)["people"] == [{"taken": [], "withheld": []}]


def test_a_client_without_declaration_gives_nothing_away_and_the_data_is_dropped(world):
    world.link()
    receipt = world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    assert world.inbox() == []
    assert world.report(receipt)["people"][0]["withheld"] == [{"scope": "contact_persons.jobcenter", "reason": "no_declaration"}]
    world.declare("contact_persons.jobcenter")
    world.work()
    assert world.inbox() == []  # a later declaration does not bring it back


def test_a_declaration_in_the_other_direction_lets_nothing_in(world):
    world.link()
    world.declare("contact_persons.jobcenter", direction="to_partner")
    receipt = world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    assert world.report(receipt)["people"][0]["withheld"][0]["reason"] == "direction_not_covered"


def test_the_purpose_in_the_message_counts(world):
    world.link()
    world.declare("contact_persons.jobcenter")
    receipt = world.post(message(JOBCENTER, REFERENCE, CONTACT, purpose="housing"))
    world.work()
    assert world.report(receipt)["people"][0]["withheld"][0]["reason"] == "purpose_not_covered"


def test_the_same_message_twice_has_one_effect(world):
    world.link()
    world.declare("contact_persons.jobcenter")
    body = message(JOBCENTER, REFERENCE, CONTACT)
    assert world.post(body) == world.post(body)
    world.work()
    assert world.post(body) is not None
    world.work()
    assert len(world.inbox()) == 1


def test_another_message_under_a_used_id_is_reported_and_not_taken(world):
    world.link()
    world.declare("contact_persons.jobcenter")
    used = "11111111-2222-4333-8444-555555555555"
    first = world.post(message(JOBCENTER, REFERENCE, CONTACT, message_id=used))
    second = world.post(message(JOBCENTER, REFERENCE, CONTACT | PROPOSAL, message_id=used))
    assert first != second
    world.work()
    assert world.report(second)["outcome"] == "message_id_reused"
    assert world.report(first)["outcome"] == "taken"
    assert len(world.inbox()) == 1


def test_the_same_id_of_another_partner_is_another_message(world):
    used = "11111111-2222-4333-8444-555555555555"
    status = {"residence": {"status": {"code": "1"}}}
    assert world.post(message(JOBCENTER, REFERENCE, CONTACT, message_id=used)) != world.post(
        message(ABH, "ABH-1", status, message_id=used), partner=ABH
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"<", b"\xff\xfe<", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 1000 + b"</a>" * 1000],
    ids=["empty", "cut", "utf16", "foreign", "dtd", "deep"],
)
def test_what_cannot_be_read_is_refused_with_where_and_why_and_nothing_is_kept(world, body):
    with pytest.raises(Refused, match="message_unreadable") as refused:
        world.post(body)
    assert refused.value.status == 422
    assert refused.value.details["message_problems"]
    assert world.work() == 0


def test_what_was_revoked_before_it_is_fetched_is_cancelled(world):
    world.link()
    declaration = world.declare("contact_persons.jobcenter")
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    assert world.revoke(declaration)["cancelled"] == 1
    assert world.inbox() == []


def test_part_of_it_revoked_leaves_the_rest(world):
    world.link()
    declaration = world.declare("contact_persons.jobcenter", "work.proposals")
    world.post(message(JOBCENTER, REFERENCE, CONTACT | PROPOSAL))
    world.work()
    world.revoke(declaration, ["work.proposals"])
    (item,) = world.inbox()
    assert item["record"] == CONTACT


def test_a_fetched_item_is_a_disclosure_with_its_declaration(world):
    world.link()
    declaration = world.declare("contact_persons.jobcenter")
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    assert world.disclosures() == []
    world.inbox()
    world.inbox()
    (disclosure,) = world.disclosures()
    assert disclosure["declarations"] == [declaration]
    assert disclosure["scopes"] == ["contact_persons.jobcenter"]
    assert disclosure["direction"] == "from_partner"
