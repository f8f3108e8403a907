"""An answer from the pages goes the way of every message from a partner, and whoever answers learns nothing by it."""

import asyncio
import dataclasses
import json

import orjson
import pytest

from imgate.adapters.errors import AdapterFault
from imgate.exchange import answering, inbound
from imgate.exchange.answer_message import ANSWER_TYPE, read_answer, write_answer
from imgate.exchange.refusals import Refused
from imgate.plugin_api import MessageUnreadable, Place
from imgate.record import RecordInvalid
from imgate.storage.erase import erase_client
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Direction, Role
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE
from tests.http.live import Door

LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
MEASURE = {"work": {"measures": [{"title": "Bewerbungskurs", "status": "approved"}]}}


@pytest.fixture
def item(world):
    """A message that the Jobcenter may read, of a client who allows nothing in the other direction."""
    world.link()
    world.declare("language.level")
    return world.send(LEVEL)["id"]


def answer(world, exchange, record, *, partner=JOBCENTER, key=None):
    given = asyncio.run(answering.answer(world.corridor, world.call(key=key or new_id()), partner, exchange, record))
    assert given.status == 202
    return json.loads(given.body)


def refused(world, exchange, record, *, partner=JOBCENTER):
    with pytest.raises(Refused) as refused:
        answer(world, exchange, record, partner=partner)
    return refused.value.status, refused.value.code


def test_what_the_client_allowed_arrives_with_exactly_these_values(world, item):
    world.declare("contact_persons.jobcenter")
    receipt = answer(world, item, CONTACT)["receipt"]
    assert world.inbox() == []  # nothing before the worker
    world.work()
    (got,) = world.inbox()
    assert (got["client"], got["record"]) == (CLIENT, CONTACT)
    assert got["provenance"] == {"contact_persons.jobcenter": JOBCENTER}
    assert world.report(receipt)["people"][0]["taken"] == ["contact_persons.jobcenter"]


def test_what_the_client_did_not_allow_is_withheld_under_the_same_answer(world, item):
    said = answer(world, item, MEASURE)
    assert said.keys() == {"receipt", "problems"}
    assert said["problems"] == []
    world.work()
    assert world.inbox() == []
    assert world.report(said["receipt"])["people"][0]["withheld"] == [{"scope": "work.measures", "reason": "scope_not_covered"}]


def test_the_purpose_is_that_of_the_message(world):
    world.link()
    world.declare("language.level", "contact_persons.jobcenter", purposes=["housing"])
    exchange = world.send(LEVEL, purpose="housing")["id"]
    receipt = answer(world, exchange, CONTACT)["receipt"]
    world.work()
    (person,) = world.report(receipt)["people"]
    assert world.shown(person["exchange"])["purpose"] == "housing"
    assert person["taken"] == ["contact_persons.jobcenter"]


def test_an_answer_waits_sealed(world, item, tmp_path):
    answer(world, item, CONTACT)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("imgate.db*"))
    assert "Müßig".encode() not in kept
    assert REFERENCE.encode() not in kept


@pytest.mark.parametrize("why", ["revoked", "paused", "unlinked", "erased", "acknowledged"])
def test_what_may_not_be_read_now_is_not_answered(world, why):
    world.link()
    declaration = world.declare("language.level", "contact_persons.jobcenter")
    exchange = world.send(LEVEL)["id"]
    match why:
        case "revoked":
            world.revoke(declaration)
        case "paused":
            world.pause(declaration)
        case "unlinked":
            world.unlink()
        case "erased":
            erase_client(world.gateway.store, CLIENT, world.now, "operator")
        case _:
            from imgate.exchange import boxes

            world.outbox()
            boxes.outbox_ack(world.corridor, world.call(), JOBCENTER, exchange)
    assert refused(world, exchange, CONTACT) == refused(world, new_id(), CONTACT) == (404, "not_found")


def test_nobody_answers_another_partners_message(world, item):
    world.link("ABH-1", partner=ABH)
    assert refused(world, item, {"residence": {"file_number": "1"}}, partner=ABH) == (404, "not_found")
    assert refused(world, item, CONTACT, partner="nobody") == (404, "not_found")


def test_asking_what_can_be_answered_hands_nothing_out(world, item):
    assert answering.answered_about(world.corridor, JOBCENTER, item) == (REFERENCE, "labour_market_integration")
    assert world.shown(item)["state"] == "queued"
    assert world.disclosures() == []


@pytest.mark.parametrize(
    "record",
    [
        {"person": {"birth": {"date": "1990-01-01"}}},
        {"health": {"constraints": {"text": "x"}}},
        {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}},
        CONTACT | {"health": {"constraints": {"text": "x"}}},
    ],
)
def test_what_the_format_has_no_place_for_is_refused(world, item, record):
    assert refused(world, item, record) == (422, "scope_unknown")
    assert world.work() == 0


def test_a_leaf_that_the_format_has_no_place_for_is_refused(world, item, monkeypatch):
    places = {"contact_persons.jobcenter": Place(("content/jobcenterContact",), ("channels.note",))}
    monkeypatch.setattr(answering, "answerable", lambda partner: places)
    with_note = {"jobcenter": {"unit": "x", "channels": [{"kind": "phone", "value": "1", "note": "x"}]}}
    assert refused(world, item, {"contact_persons": with_note}) == (422, "scope_unknown")
    answer(world, item, CONTACT)


@pytest.mark.parametrize("record", [{"work": {"measures": [{"title": "x"}]}}, {"work": {"x": 1}}, {"contact_persons": {"jobcenter": {}}}])
def test_what_is_no_record_is_refused(world, item, record):
    with pytest.raises(RecordInvalid):
        answer(world, item, record)


def test_identity_and_closed_scopes_are_never_offered(world):
    for partner in world.corridor.partners.values():
        offered = answering.answerable(partner)
        assert not any(scope.startswith("person.") for scope in offered)
        assert partner.policy.closed.isdisjoint(offered)
        assert offered.keys() <= partner.policy.ceiling["from_partner"]


def test_sent_twice_it_is_one_answer(world, item):
    world.declare("contact_persons.jobcenter")
    key = new_id()
    assert answer(world, item, CONTACT, key=key) == answer(world, item, CONTACT, key=key)
    assert world.work() == 1
    assert len(world.inbox()) == 1


def test_changed_and_sent_from_the_same_form_it_is_another_answer(world, item):
    world.declare("contact_persons.jobcenter", "work.measures")
    key = new_id()
    assert answer(world, item, CONTACT, key=key) != answer(world, item, MEASURE, key=key)
    assert world.work() == 2
    assert len(world.inbox()) == 2


def test_a_ceiling_that_became_narrower_is_the_judges_to_see(world, item):
    world.declare("contact_persons.jobcenter")
    receipt = answer(world, item, CONTACT)["receipt"]
    partner = world.corridor.partners[JOBCENTER]
    policy = dataclasses.replace(partner.policy, ceiling=partner.policy.ceiling | {Direction.FROM_PARTNER: frozenset()})
    partners = {**world.corridor.partners, JOBCENTER: dataclasses.replace(partner, policy=policy)}
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    world.work()
    assert world.inbox() == []
    assert world.report(receipt)["people"][0]["withheld"][0]["reason"] == "beyond_partner_ceiling"


@pytest.mark.parametrize("media_type", [ANSWER_TYPE, f"{ANSWER_TYPE}; charset=utf-8", ANSWER_TYPE.upper(), f" {ANSWER_TYPE} "])
def test_a_partners_machine_cannot_hand_one_in(world, item, media_type):
    body = write_answer(new_id(), REFERENCE, "labour_market_integration", CONTACT)
    with pytest.raises(Refused) as refused:
        asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, media_type, body))
    assert (refused.value.status, refused.value.code) == (422, "message_unreadable")
    assert refused.value.details["message_problems"] == [{"code": "media_type_unsupported"}]
    assert world.work() == 0


@pytest.mark.parametrize("media_type", [ANSWER_TYPE, f"{ANSWER_TYPE};v=1", "application/json"])
def test_the_door_of_the_api_refuses_it(world, item, media_type):
    body = write_answer(new_id(), REFERENCE, "labour_market_integration", CONTACT)
    door, path = Door(world.gateway), f"/v1/partners/{JOBCENTER}/messages"
    answer = door.ask("POST", path, body, role=Role.PARTNER, partner=JOBCENTER, Content_Type=media_type)
    assert (answer.status_code, answer.json()["code"]) == (422, "message_unreadable")
    assert world.work() == 0


def test_not_even_where_an_adapter_says_that_it_reads_them(world, item, monkeypatch):
    manifest = world.corridor.partners[JOBCENTER].adapter.manifest.from_partner
    monkeypatch.setitem(manifest.__dict__, "media_types", (*manifest.media_types, ANSWER_TYPE))
    body = write_answer(new_id(), REFERENCE, "labour_market_integration", CONTACT)
    with pytest.raises(Refused, match="message_unreadable"):
        asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, ANSWER_TYPE, body))


def test_without_a_media_type_it_is_the_adapters_to_refuse(world, item):
    body = write_answer(new_id(), REFERENCE, "labour_market_integration", CONTACT)
    with pytest.raises((Refused, AdapterFault)):
        asyncio.run(inbound.accept(world.corridor, world.call(), JOBCENTER, None, body))


GOOD = {"message_id": new_id(), "reference": REFERENCE, "purpose": "labour_market_integration", "record": CONTACT}


def test_an_answer_is_read_as_it_was_written():
    reading = read_answer(write_answer(**GOOD))
    (person,) = reading.people
    assert (person.reference, person.record) == (REFERENCE, CONTACT)
    assert (reading.message_id, reading.purpose) == (GOOD["message_id"], GOOD["purpose"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"[]", "answer_invalid"),
        (b'{"record": {}, "record": {}}', "duplicate_key"),
        (orjson.dumps(GOOD | {"partner": "abh"}), "answer_invalid"),
        (orjson.dumps({name: value for name, value in GOOD.items() if name != "purpose"}), "answer_invalid"),
        (orjson.dumps(GOOD | {"message_id": "x"}), "answer_invalid"),
        (orjson.dumps(GOOD | {"message_id": None}), "answer_invalid"),
        (orjson.dumps(GOOD | {"reference": ""}), "reference_invalid"),
        (orjson.dumps(GOOD | {"reference": "a\nb"}), "reference_invalid"),
        (orjson.dumps(GOOD | {"purpose": "anything"}), "purpose_unknown"),
        (orjson.dumps(GOOD | {"record": {"work": {"geheim": 1}}}), "unknown_field"),
    ],
)
def test_what_is_no_answer_is_unreadable_and_nothing_of_it_is_told(body, code):
    with pytest.raises(MessageUnreadable) as unreadable:
        read_answer(body)
    assert unreadable.value.code == code
    assert unreadable.value.__context__ is None
