"""A notice of the end of use that another gateway sends: taken as any message, told to the case system, and nothing is changed by it."""

import asyncio
import json
import re

import pytest

from imgate.exchange import boxes, inbound, received_notices
from imgate.exchange.notice import NAMESPACE
from imgate.exchange.notice_reading import NOTICE_TYPE
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor, Page
from imgate.storage.erase import erase_client
from imgate.storage.exchanges import SqlExchanges
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, PROPOSAL, REFERENCE, message
from tests.exchange.noticing import RUN, notice

CONTACTS, PROPOSALS = "contact_persons.jobcenter", "work.proposals"
OTHER = "jobkraftwerk-winnenden"


def written(*scopes, **more):
    """Write a notice as a gateway does, about what the Jobcenter told."""
    return notice(*(scopes or (CONTACTS,)), **more)


def told(world):
    return received_notices.page(world.corridor, Cursor())["items"]


def had(world, record=CONTACT, *covered, fetched=True):
    """Have the partner tell something that is taken; give the declaration."""
    world.link()
    declaration = world.declare(*(covered or (CONTACTS,)))
    world.post(message(JOBCENTER, REFERENCE, record))
    world.work()
    if fetched:
        (item,) = world.inbox()
        boxes.inbox_ack(world.corridor, world.call(), item["id"])
    return declaration


def came(world, body, partner=JOBCENTER):
    receipt = world.post(body, partner=partner)
    world.work()
    return world.report(receipt)


def events(world, name):
    with world.gateway.store.reading() as tx:
        entries = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return [entry["fields"] for entry in entries if entry["event"] == name]


# What is told


def test_the_case_system_is_told_what_it_had_from_this_partner_since_when_and_under_which_id(world):
    had(world)
    report = came(world, written(CONTACTS, PROPOSALS))
    told_of = {"revocation": RUN, "ended_on": "2026-03-01", "scopes": [CONTACTS]}
    assert report["end_of_use"] == told_of
    (person,) = report["people"]
    assert (person["client"], person["taken"], person["withheld"]) == (CLIENT, [], [])
    (open_one,) = told(world)
    assert open_one == told_of | {
        "id": person["exchange"],
        "partner": JOBCENTER,
        "client": CLIENT,
        "received_at": "2026-03-02T09:00:00.000Z",
        "receipt": report["receipt"],
    }


def test_a_reminder_says_that_it_is_one(world):
    had(world)
    assert came(world, written(reminder=2))["end_of_use"]["reminder"] == 2
    assert told(world)[0]["reminder"] == 2


def test_what_still_waits_in_the_inbox_counts_as_told_and_goes_on_waiting(world):
    had(world, fetched=False)
    assert came(world, written())["end_of_use"]["scopes"] == [CONTACTS]
    assert [item["record"] for item in world.inbox()] == [CONTACT]


def test_nothing_is_changed_by_it(world):
    declaration = had(world, CONTACT | PROPOSAL, CONTACTS, PROPOSALS)
    before = world.disclosures()
    came(world, written(CONTACTS, PROPOSALS))
    assert world.disclosures() == before
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    (item,) = world.inbox()
    assert item["record"] == CONTACT
    with world.gateway.store.reading() as tx:
        (declared,) = tx.declarations.of(tx.clients.find(CLIENT).digest, JOBCENTER)
    assert (declared.id, declared.revoked) == (declaration, {})


def test_it_is_no_item_of_the_inbox(world):
    had(world)
    came(world, written())
    assert world.inbox() == []


def test_what_was_never_taken_is_not_told_and_stands_on_record(world):
    world.link()
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    report = came(world, written())
    assert report["end_of_use"]["scopes"] == []
    assert told(world) == []
    assert world.shown(report["people"][0]["exchange"])["state"] == "withheld"


def test_what_another_partner_told_is_not_this_ones(world):
    had(world)
    world.link("ABH-1", partner=ABH)
    assert came(world, written(reference="ABH-1"), ABH)["end_of_use"]["scopes"] == []
    assert told(world) == []


def test_what_we_told_the_partner_did_not_come_from_it(world):
    world.link()
    world.declare("language.level")
    world.send({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    world.outbox()
    assert came(world, written("language.level"))["end_of_use"]["scopes"] == []


def test_a_scope_that_nobody_knows_is_not_told(world):
    had(world)
    assert came(world, written("nonsense.word", CONTACTS))["end_of_use"]["scopes"] == [CONTACTS]


def test_somebody_unknown_is_reported_by_the_reference_and_nobody_is_told(world):
    had(world)
    report = came(world, written(reference="999X000001"))
    assert report["people"] == [{"unknown_reference": "999X000001", "taken": [], "withheld": []}]
    assert report["end_of_use"] == {"revocation": RUN, "ended_on": "2026-03-01", "scopes": []}
    assert told(world) == []
    assert events(world, "end_of_use_received") == []


def test_the_same_reference_with_another_partner_is_somebody_else(world):
    had(world)
    assert "unknown_reference" in came(world, written(), ABH)["people"][0]


@pytest.mark.parametrize("partner", [JOBCENTER, ABH, OTHER])
def test_every_partner_can_send_one_whatever_its_own_format(world, partner):
    world.link("X-1", partner=partner)
    assert came(world, written(reference="X-1"), partner)["people"][0]["client"] == CLIENT


def test_the_log_has_it_with_scopes_and_ids_and_no_reference(world):
    had(world)
    report = came(world, written())
    (fields,) = events(world, "end_of_use_received")
    assert fields == {
        "exchange": report["people"][0]["exchange"],
        "partner": JOBCENTER,
        "receipt": report["receipt"],
        "revocation": RUN,
        "reminder": 0,
        "scopes": [CONTACTS],
    }


def test_after_an_erasure_nobody_is_told_about(world):
    had(world)
    came(world, written())
    erase_client(world.gateway.store, CLIENT, world.now, "operator", 3)
    assert told(world) == []


# Acknowledging


def test_it_is_told_until_it_was_acknowledged(world):
    had(world)
    exchange = came(world, written())["people"][0]["exchange"]
    for _ in range(2):  # repeatable
        boxes.inbox_ack(world.corridor, world.call(), exchange)
    assert told(world) == []
    assert world.shown(exchange)["state"] == "acknowledged"
    assert len([each for each in events(world, "acknowledged") if each["exchange"] == exchange]) == 1


def test_one_that_told_nothing_cannot_be_acknowledged(world):
    world.link()
    exchange = came(world, written())["people"][0]["exchange"]
    with pytest.raises(Refused, match="not_found"):
        boxes.inbox_ack(world.corridor, world.call(), exchange)


def test_data_that_nobody_fetched_can_still_not_be_acknowledged(world):
    had(world, fetched=False)
    with world.gateway.store.reading() as tx:
        item = tx.inbox.page(Cursor()).items[0].exchange.id
    with pytest.raises(Refused, match="not_found"):
        boxes.inbox_ack(world.corridor, world.call(), item)


def test_a_revocation_of_ours_does_not_take_it_away(world):
    declaration = had(world)
    came(world, written())
    world.revoke(declaration)
    world.unlink()
    assert len(told(world)) == 1


# At the door


@pytest.mark.parametrize("known", ["unknown", "known", "had"])
def test_the_answer_is_the_same_for_everyone(world, known):
    if known == "known":
        world.link()
    if known == "had":
        had(world)
    answer = asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, "application/xml", written()))
    assert answer.status == 202
    assert json.loads(answer.body) == {"receipt": json.loads(answer.body)["receipt"], "problems": []}


def test_the_same_notice_twice_has_one_effect(world):
    had(world)
    body = written()
    assert world.post(body) == world.post(body)
    world.work()
    assert world.post(body) is not None
    world.work()
    assert len(told(world)) == 1


def test_another_notice_under_a_used_id_is_reported_and_not_taken(world):
    had(world)
    used = new_id()
    world.post(written(message_id=used))
    assert came(world, written(message_id=used, reminder=1))["outcome"] == "message_id_reused"
    assert [each.get("reminder") for each in told(world)] == [None]


def changed(old, new):
    return lambda body: body.replace(old, new, 1)


BROKEN = {
    "cut": lambda body: body[:-20],
    "with a DTD": changed(b"<n:endOfUse", b'<!DOCTYPE n [<!ENTITY x "y">]><n:endOfUse'),
    "no scope": lambda body: re.sub(rb"<n:scopes>.*?</n:scopes>", b"<n:scopes/>", body),
    "no reference": lambda body: re.sub(rb"<n:reference>.*?</n:reference>", b"", body),
    "a blank reference": lambda body: re.sub(rb"<n:reference>.*?</n:reference>", b"<n:reference> </n:reference>", body),
    "no id": lambda body: re.sub(rb"<n:messageId>.*?</n:messageId>", b"<n:messageId>x</n:messageId>", body),
    "no day": changed(b"2026-03-01", b"2026-02-30"),
    "a day before the calendar": changed(b"2026-03-01", b"0000-03-01"),
    "a reminder without end": changed(b"<n:endedOn>", b"<n:reminder>" + b"9" * 20 + b"</n:reminder><n:endedOn>"),
    "a value": changed(b"<n:scopes>", b"<n:value>B1</n:value><n:scopes>"),
    "another root": lambda body: body.replace(b"endOfUse", b"other"),
    "two megabytes": changed(b"</n:statement>", b" " * 2_000_000 + b"</n:statement>"),
    "in UTF-16": lambda body: body.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
}


@pytest.mark.parametrize("partner", [JOBCENTER, OTHER])
@pytest.mark.parametrize("how", BROKEN)
def test_what_is_not_valid_is_refused_with_where_and_why_and_nothing_is_kept(world, how, partner):
    body = BROKEN[how](written())
    with pytest.raises(Refused, match="message_unreadable") as refused:
        world.post(body, partner=partner)
    assert refused.value.status == 422
    assert refused.value.details["message_problems"]
    assert REFERENCE not in json.dumps(refused.value.details)
    assert world.work() == 0


def test_what_is_wrong_with_it_is_said_by_its_own_schema(world):
    with pytest.raises(Refused) as refused:
        world.post(BROKEN["no scope"](written()))
    assert {problem["column"] for problem in refused.value.details["message_problems"]} == {"scopes"}


@pytest.mark.parametrize("said", [NOTICE_TYPE, NOTICE_TYPE.upper() + "; charset=utf-8", "application/json", "text/plain"])
def test_it_is_xml_and_says_so(world, said):
    with pytest.raises(Refused, match="message_unreadable"):
        asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, said, written()))


def test_a_message_that_only_names_the_namespace_is_the_adapters(world):
    had(world)
    body = message(JOBCENTER, REFERENCE, CONTACT).replace(b"Team 412", NAMESPACE.encode(), 1)
    report = came(world, body)
    assert report["people"][0]["taken"] == [CONTACTS]
    assert "end_of_use" not in report


def test_a_list_that_leads_nowhere_beyond_what_still_settles_ends(world, monkeypatch):
    monkeypatch.setattr(SqlExchanges, "in_states", lambda self, states, cursor: Page((), "the same"))
    assert received_notices.open_notices(world.corridor, 1) == []


def test_no_more_are_given_than_were_asked_for(world):
    had(world)
    for number in range(3):
        came(world, written(reminder=number))
    assert [each.get("reminder", 0) for each in received_notices.open_notices(world.corridor, 2)] == [0, 1]
