"""Outbound: exactly what the client signed for leaves, and everything else is named with its reason."""

import base64
import dataclasses
import json

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.exchange.refusals import Refused
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, message

LEVEL = {"cefr": "B1", "evidence": "dtz"}
STATUS = {"code": "1", "since": "2024-05-02"}
RECORD = {"language": {"level": LEVEL}, "residence": {"status": STATUS}, "notes": {"counselling": [{"on": "2026-01-10", "text": "GEHEIM"}]}}


def test_released_and_withheld_name_every_present_scope_once(world):
    world.link()
    world.declare("language.level")
    answer = world.send(RECORD)
    assert answer["released"] == ["language.level"]
    assert {entry["scope"]: entry["reason"] for entry in answer["withheld"]} == {
        "residence.status": "scope_not_covered",
        "notes.counselling": "beyond_partner_ceiling",
    }
    assert answer["state"] == "queued"


def test_the_bytes_hold_what_was_released_and_nothing_else(world):
    world.link()
    world.declare("language.level")
    world.send(RECORD)
    (item,) = world.outbox()
    content = base64.b64decode(item["content"])
    assert b"B1" in content
    assert b"GEHEIM" not in content
    assert b"2024-05-02" not in content
    assert CLIENT.encode() not in content


def test_nothing_permitted_is_withheld_and_nothing_waits(world):
    world.link()
    answer = world.send(RECORD)
    assert answer["state"] == "withheld"
    assert answer["released"] == []
    assert {entry["reason"] for entry in answer["withheld"]} == {"no_declaration", "beyond_partner_ceiling"}
    assert world.outbox() == []


def test_an_unsigned_declaration_permits_nothing(world):
    world.link()
    world.declare("language.level", signed=False)
    assert world.send({"language": {"level": LEVEL}})["withheld"] == [{"scope": "language.level", "reason": "not_signed"}]


def test_without_a_link_nothing_is_sent(world):
    world.declare("language.level")
    with pytest.raises(Refused, match="link_missing"):
        world.send(RECORD)
    with pytest.raises(Refused, match="link_missing"):
        world.preview(RECORD)


@pytest.mark.parametrize(("change", "code"), [({"partner": "nobody"}, "partner_unknown"), ({"purpose": "fun"}, "purpose_unknown")])
def test_unknown_words_are_refused(world, change, code):
    world.link()
    with pytest.raises(Refused, match=code):
        world.send(RECORD, **change)


def test_a_declaration_for_another_partner_permits_nothing_here(world):
    world.link()
    world.declare("language.level", partner=ABH)
    assert world.send({"language": {"level": LEVEL}})["withheld"][0]["reason"] == "no_declaration"


def test_a_declaration_of_another_client_permits_nothing_here(world):
    world.link()
    world.declare("language.level", client="K-2026-1102")
    assert world.send({"language": {"level": LEVEL}})["withheld"][0]["reason"] == "no_declaration"


def test_preview_is_what_would_leave_but_for_id_and_time_and_stores_nothing(world):
    world.link()
    world.declare("language.level")
    previewed = world.preview(RECORD)
    assert world.outbox() == []
    answer = world.send(RECORD)
    (item,) = world.outbox()
    expected = base64.b64decode(item["content"]).replace(answer["id"].encode(), b"00000000-0000-0000-0000-000000000000")
    expected = expected.replace(item["created_at"].encode(), b"1970-01-01T00:00:00Z")
    assert base64.b64decode(previewed["message"]["content"]) == expected
    assert {name: previewed[name] for name in ("released", "withheld", "declarations")} == {
        name: answer[name] for name in ("released", "withheld", "declarations")
    }


def test_preview_of_nothing_permitted_has_no_message(world):
    world.link()
    assert "message" not in world.preview(RECORD)


def test_the_same_key_and_body_give_the_same_answer_and_one_exchange(world):
    world.link()
    world.declare("language.level")
    call = world.call(key="key-1", body=b"{}")
    first = world.send(RECORD, call=call)
    assert world.send(RECORD, call=call) == first
    assert len(world.outbox()) == 1


def test_the_same_key_with_another_body_is_refused(world):
    world.link()
    world.declare("language.level")
    world.send(RECORD, call=world.call(key="key-1", body=b"{}"))
    with pytest.raises(Refused, match="idempotency_key_reused"):
        world.send(RECORD, call=world.call(key="key-1", body=b"[]"))


def test_a_key_is_forgotten_after_a_day(world):
    world.link()
    world.declare("language.level")
    first = world.send(RECORD, call=world.call(key="key-1", body=b"{}"))
    world.later(hours=25)
    assert world.send(RECORD, call=world.call(key="key-1", body=b"[]"))["id"] != first["id"]


def test_an_adapter_that_leaves_a_released_scope_out_stops_the_exchange(world):
    world.link()
    world.declare("language.level", "residence.status")

    class Forgetful:
        def __init__(self, real):
            self.real = real
            self.fields, self.media_type = real.fields, real.media_type

        def to_partner(self, released, envelope):
            kept = {"language": released.record["language"]}
            return self.real.to_partner(
                dataclasses.replace(released, record=kept, releases={"language.level": released.releases["language.level"]}), envelope
            )

    partners = dict(world.corridor.partners)
    partner = partners[JOBCENTER]
    adapter = dataclasses.replace(partner.adapter, translator=Forgetful(partner.adapter.translator))
    partners[JOBCENTER] = dataclasses.replace(partner, adapter=adapter)
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    with pytest.raises(AdapterFault):
        world.send(RECORD)
    assert world.outbox() == []


def test_what_a_partner_delivered_before_needs_its_provenance(world):
    world.link("ABH-1", partner=ABH)
    world.declare("residence.status", partner=ABH)
    world.link()
    world.declare("residence.status")
    receive_status(world)
    with pytest.raises(Refused, match="provenance_required") as refused:
        world.send({"residence": {"status": STATUS}})
    assert refused.value.details["scopes"] == ["residence.status"]
    as_own_word = world.send({"residence": {"status": STATUS}}, provenance={"residence.status": "self"})
    assert as_own_word["released"] == ["residence.status"]
    passed_on = world.send({"residence": {"status": STATUS}}, provenance={"residence.status": ABH})
    assert passed_on["withheld"] == [{"scope": "residence.status", "reason": "onward_transfer_not_covered"}]


def test_onward_transfer_passes_where_the_client_named_the_source(world):
    world.link()
    world.declare("residence.status", onward_from=[ABH])
    assert world.send({"residence": {"status": STATUS}}, provenance={"residence.status": ABH})["released"] == ["residence.status"]
    unknown = world.send({"residence": {"status": STATUS}}, provenance={"residence.status": "nobody"})
    assert unknown["withheld"][0]["reason"] == "onward_transfer_not_covered"


def receive_status(world):
    """Let the Ausländerbehörde's word about the residence status come in and be fetched."""
    world.post(message(ABH, "ABH-1", {"residence": {"status": STATUS}}), partner=ABH)
    world.work()
    assert [item["record"] for item in world.inbox()] == [{"residence": {"status": STATUS}}]


def test_the_answer_is_json(world):
    world.link()
    assert json.dumps(world.send({}))
