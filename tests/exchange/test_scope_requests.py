"""Asking for more is a question to the client: it brings no data, says nothing back, and is asked once."""

import json

import pytest

from imgate.exchange import boxes, reading, reading_list, scope_requests
from imgate.exchange.refusals import Refused
from imgate.exchange.scope_requests import RequestAnswer
from imgate.exchange.stored import Cursor
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER
from tests.exchange.told import LEVEL


def waiting(world):
    """Have a message wait; give its declaration and its id."""
    world.link()
    declaration = world.declare("language.level")
    return declaration, world.send(LEVEL)["id"]


def ask(world, exchange, *scopes, partner=JOBCENTER):
    scope_requests.ask(world.corridor, world.call(), partner, exchange, scopes)


def listed(world, limit=100):
    return scope_requests.open_requests(world.corridor, Cursor(None, limit))["items"]


def answer(world, request, said=RequestAnswer.DECLINED):
    scope_requests.answer(world.corridor, world.call(), request, said)


def read(world, exchange):
    return reading.read(world.corridor, world.call(), JOBCENTER, exchange)


def events(world, name):
    """Give the fields of each audit event of this name."""
    with world.corridor.store.reading() as tx:
        told = [json.loads(row[0]) for row in tx.session.driver.execute("SELECT entry FROM audit_log ORDER BY position")]
    return [event["fields"] for event in told if event["event"] == name]


def test_a_request_is_listed_for_the_integration_manager_with_whom_and_what_for(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status", "person.name")
    (request,) = listed(world)
    assert {name: part for name, part in request.items() if name != "id"} == {
        "client": CLIENT,
        "partner": JOBCENTER,
        "purpose": "labour_market_integration",
        "scopes": ["person.name", "work.status"],
        "asked_at": "2026-03-02T09:00:00.000Z",
    }


def test_asking_and_answering_are_on_record(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    (request,) = listed(world)
    answer(world, request["id"])
    asked = {"request": request["id"], "partner": JOBCENTER, "purpose": "labour_market_integration", "scopes": ["work.status"]}
    assert events(world, "scope_requested") == [asked]
    assert events(world, "scope_request_answered") == [{"request": request["id"], "partner": JOBCENTER, "answer": "declined"}]


def test_asking_brings_nothing_that_was_not_there_before(world):
    _, exchange = waiting(world)
    before = read(world, exchange)
    ask(world, exchange, "work.status")
    after = read(world, exchange)
    assert (after.content, after.released) == (before.content, before.released)
    assert len(world.disclosures()) == 1


def test_the_same_asked_twice_is_one_request(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    ask(world, exchange, "work.status")
    assert len(listed(world)) == 1


def test_the_same_asked_from_two_messages_is_listed_and_answered_once(world):
    _, first = waiting(world)
    read(world, first)  # else it would be overtaken
    second = world.send(LEVEL)["id"]
    ask(world, first, "work.status")
    ask(world, second, "work.status")
    (request,) = listed(world)
    answer(world, request["id"])
    assert listed(world) == []


def test_more_asked_later_from_the_same_message_is_a_request_for_the_rest(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    ask(world, exchange, "work.status", "person.name")
    assert [request["scopes"] for request in listed(world)] == [["work.status"], ["person.name"]]


@pytest.mark.parametrize("said", [None, *RequestAnswer])
def test_whoever_asked_sees_that_it_was_asked_and_never_what_became_of_it(world, said):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    if said is not None:
        answer(world, listed(world)[0]["id"], said)
    message = read(world, exchange)
    assert message.asked == ("work.status",)
    assert "work.status" not in message.missing
    ask(world, exchange, "work.status")
    assert read(world, exchange).asked == ("work.status",)


def test_another_message_about_the_same_client_does_not_say_what_was_asked_before(world):
    _, first = waiting(world)
    ask(world, first, "work.status")
    second = world.send(LEVEL)["id"]
    assert read(world, second).asked == ()


@pytest.mark.parametrize(
    "scope", ["language.level", "health.constraints", "asylum.grounds", "residence.title", "work.nothing", "", "x" * 500]
)
def test_what_is_there_closed_beyond_the_ceiling_or_unknown_cannot_be_asked_for(world, scope):
    _, exchange = waiting(world)
    with pytest.raises(Refused, match="scope_unknown"):
        ask(world, exchange, "work.status", scope)
    assert listed(world) == []


def test_asking_for_nothing_is_refused(world):
    _, exchange = waiting(world)
    with pytest.raises(Refused, match="scopes_empty"):
        ask(world, exchange)


@pytest.mark.parametrize("case", ["another partner's", "unknown", "acknowledged", "revoked", "expired", "erased"])
def test_only_from_a_message_that_can_be_read_now_can_be_asked(world, case):
    declaration, exchange = waiting(world)
    partner = JOBCENTER
    match case:
        case "another partner's":
            partner = ABH
        case "unknown":
            exchange = new_id()
        case "acknowledged":
            read(world, exchange)
            boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
        case "revoked":
            world.revoke(declaration)
        case "expired":
            world.later(days=365)
        case "erased":
            erase_client(world.gateway.store, CLIENT, world.now, "operator")
    with pytest.raises(Refused, match="not_found"):
        ask(world, exchange, "work.status", partner=partner)
    assert listed(world) == []


def test_a_notice_of_the_end_of_use_is_nothing_to_ask_from(world):
    declaration, exchange = waiting(world)
    read(world, exchange)
    world.later(minutes=1)
    world.revoke(declaration)
    (line,) = reading_list.page(world.corridor, world.call(), JOBCENTER, Cursor()).items
    with pytest.raises(Refused, match="not_found"):
        ask(world, line.id, "work.status")


def test_an_answer_stands_and_an_unknown_request_is_not_found(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    (request,) = listed(world)
    answer(world, request["id"], RequestAnswer.DECLARED)
    answer(world, request["id"], RequestAnswer.DECLINED)
    with world.corridor.store.reading() as tx:
        assert tx.scope_requests.get(request["id"]).answer == "declared"
    with pytest.raises(Refused, match="not_found"):
        answer(world, new_id())


def test_what_was_asked_goes_with_the_client(world):
    _, exchange = waiting(world)
    ask(world, exchange, "work.status")
    (request,) = listed(world)
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    assert listed(world) == []
    with pytest.raises(Refused, match="not_found"):
        answer(world, request["id"])
