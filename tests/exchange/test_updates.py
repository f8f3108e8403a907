"""Updates: each subscribed partner is sent what changed of what the client allowed, nothing else, and nothing twice."""

import asyncio
import dataclasses
import json

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.exchange import updates
from imgate.exchange.answers import Answer
from imgate.exchange.ports import Unavailable
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import UpdateRequest
from tests.exchange.conftest import ABH, CLIENT, JOBCENTER, message
from tests.exchange.updating import (
    B1,
    B2,
    DOCUMENTATION,
    JOBKRAFTWERK,
    LABOUR,
    RECORD,
    RESIDENCE,
    STATUS,
    Updating,
    content,
    released,
)


@pytest.fixture
def update(world):
    return Updating(world)


def test_without_a_permission_nothing_leaves_and_nothing_becomes_known(world, update):
    world.link()
    answer = update(RECORD)
    assert answer["exchanges"] == []
    assert {one["reason"] for one in answer["partners"][0]["withheld"]} == {"no_declaration"}
    assert world.outbox() == []
    assert update.known() == {}


def test_without_a_link_nothing_is_sent_and_that_is_said(world, update):
    world.declare("language.level")
    assert update(RECORD) == {
        "exchanges": [],
        "partners": [{"partner": JOBCENTER, "purpose": LABOUR, "link": False}, {"partner": ABH, "purpose": RESIDENCE, "link": False}],
    }


def test_an_unknown_client_is_nobodys_and_is_not_made(world, update):
    assert update(RECORD, client="K-9")["exchanges"] == []
    with world.corridor.store.reading() as tx:
        assert tx.clients.find("K-9") is None


@pytest.mark.parametrize("barrier", ["unsigned", "paused", "revoked", "expired", "other purpose"])
def test_what_bars_an_exchange_bars_an_update(world, update, barrier):
    world.link()
    purposes = {"purposes": ["housing"]} if barrier == "other purpose" else {}
    declaration = world.declare("language.level", signed=barrier != "unsigned", **purposes)
    if barrier == "paused":
        world.pause(declaration)
    elif barrier == "revoked":
        world.revoke(declaration)
    elif barrier == "expired":
        world.later(days=400)
    assert update(RECORD)["exchanges"] == []
    assert world.outbox() == []
    assert update.known() == {}


def test_a_partner_without_a_subscription_is_sent_nothing(world, update):
    world.link()
    world.declare("language.level")
    update.subscribe({})
    answer = update.answer(RECORD)
    assert (answer.status, json.loads(answer.body)) == (200, {"exchanges": [], "partners": []})
    assert world.outbox() == []


def test_a_permitted_scope_that_is_not_subscribed_does_not_leave(world, update):
    world.link()
    world.declare("language.level", "residence.status")
    update.subscribe({JOBCENTER: {LABOUR: frozenset({"language.level"})}})
    assert released(update(RECORD)) == {JOBCENTER: ["language.level"]}
    (sent,) = content(world)
    assert b"B1" in sent
    assert b"2024-05-02" not in sent


def test_what_changed_leaves_and_what_is_as_it_was_does_not(world, update):
    world.link()
    world.declare("language.level", "residence.status")
    first = update.answer(RECORD)
    assert first.status == 201
    assert released(json.loads(first.body)) == {JOBCENTER: ["language.level", "residence.status"]}
    world.later(minutes=1)
    second = update({"language": {"level": B2}, "residence": {"status": STATUS}})
    assert released(second) == {JOBCENTER: ["language.level"]}
    assert second["partners"][0]["unchanged"] == ["residence.status"]
    earlier, later = content(world)
    assert b"B2" in later
    assert b"2024-05-02" not in later
    assert b"B1" not in earlier, "the later one carries the scope, so it was taken out of the earlier one"
    assert b"2024-05-02" in earlier


def test_a_repeat_sends_nothing(world, update):
    world.link()
    world.declare("language.level")
    update(RECORD)
    answer = update.answer(RECORD)
    assert answer.status == 200
    assert json.loads(answer.body)["exchanges"] == []
    assert json.loads(answer.body)["partners"][0]["unchanged"] == ["language.level"]
    assert len(world.outbox()) == 1


def test_the_order_of_keys_is_no_change(world, update):
    world.link()
    world.declare("language.level")
    update({"language": {"level": {"cefr": "B1", "evidence": "dtz"}}})
    assert update({"language": {"level": {"evidence": "dtz", "cefr": "B1"}}})["exchanges"] == []


def test_an_item_that_is_missing_is_no_deletion_and_an_empty_list_is_a_value(world, update):
    world.link()
    world.declare("language.level", "plan.goals")
    goals = [{"field": "language", "title": "B2 vor Ausbildungsbeginn"}]
    assert released(update({"language": {"level": B1}, "plan": {"goals": goals}})) == {JOBCENTER: ["language.level", "plan.goals"]}
    assert update({"language": {"level": B1}})["exchanges"] == []
    assert released(update({"plan": {"goals": []}})) == {JOBCENTER: ["plan.goals"]}
    assert update({"plan": {"goals": []}})["exchanges"] == []


def test_each_of_two_partners_is_sent_its_own_scopes_only(world, update):
    world.link()
    world.link("ABH-1", partner=ABH)
    world.declare("language.level", "residence.status")
    world.declare("language.level", "residence.file_number", partner=ABH)
    answer = update({"residence": {"status": STATUS, "file_number": "4711-2026"}})
    assert released(answer) == {JOBCENTER: ["residence.status"], ABH: ["residence.file_number"]}
    (to_jobcenter,), (to_abh,) = content(world), content(world, ABH)
    assert b"4711-2026" not in to_jobcenter
    assert b"2024-05-02" not in to_abh
    assert update.known().keys() == {"residence.status"}
    assert update.known(ABH, RESIDENCE).keys() == {"residence.file_number"}


def test_one_partners_failing_adapter_keeps_everything_from_everybody(world, update):
    world.link()
    world.link("ABH-1", partner=ABH)
    world.declare("language.level")
    world.declare("language.level", partner=ABH)

    class Failing:
        id = version = "failing"

        def translate(self, released, envelope):
            raise AdapterFault("auslaenderbehoerde", "crashed")

    partners = dict(world.corridor.partners)
    partners[ABH] = dataclasses.replace(partners[ABH], adapter=Failing())
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    with pytest.raises(AdapterFault):
        update(RECORD)
    assert world.outbox() == []
    assert update.known() == {}


def test_what_waits_counts_as_known_and_what_is_cancelled_is_forgotten(world, update):
    world.link()
    declaration = world.declare("language.level")
    update(RECORD)
    assert update(RECORD)["exchanges"] == []
    world.pause(declaration)
    assert update.known() == {}
    world.resume(declaration)
    assert released(update(RECORD)) == {JOBCENTER: ["language.level"]}


def test_an_ordinary_exchange_counts_as_known(world, update):
    world.link()
    world.declare("language.level")
    world.send({"language": {"level": B1}})
    assert update({"language": {"level": B1}})["exchanges"] == []
    world.send({"language": {"level": B2}})
    assert released(update({"language": {"level": B1}})) == {JOBCENTER: ["language.level"]}


def test_an_exchange_for_another_purpose_is_not_known_for_this_one(world, update):
    world.link()
    world.declare("language.level", purposes=[LABOUR, "housing"])
    world.send({"language": {"level": B1}}, purpose="housing")
    assert released(update({"language": {"level": B1}})) == {JOBCENTER: ["language.level"]}


def test_two_purposes_are_two_exchanges(world, update):
    world.link()
    world.declare("language.level", purposes=[LABOUR, "language_support"])
    update.subscribe({JOBCENTER: {LABOUR: frozenset({"language.level"}), "language_support": frozenset({"language.level"})}})
    assert [exchange["purpose"] for exchange in update(RECORD)["exchanges"]] == [LABOUR, "language_support"]
    assert update(RECORD)["exchanges"] == []


def test_where_a_datum_came_from_must_be_said_for_every_partner_at_once(world, update):
    received = {"status": STATUS, "work_permission": {"code": "01"}}
    update.subscribe(
        {
            JOBCENTER: {LABOUR: frozenset({"residence.status", "language.level"})},
            JOBKRAFTWERK: {DOCUMENTATION: frozenset({"residence.work_permission"})},
        }
    )
    for partner, reference in ((JOBCENTER, "355A1"), (ABH, "ABH-1"), (JOBKRAFTWERK, "JK-1")):
        world.link(reference, partner=partner)
    world.declare("residence.status", "language.level")
    world.declare("residence.status", "residence.work_permission", partner=ABH)
    world.declare("residence.work_permission", partner=JOBKRAFTWERK, purposes=[DOCUMENTATION])
    world.post(message(ABH, "ABH-1", {"residence": received}), partner=ABH)
    world.work()
    assert [item["record"] for item in world.inbox()] == [{"residence": received}]
    record = {"language": {"level": B1}, "residence": received}
    with pytest.raises(Refused, match="provenance_required") as refused:
        update(record)
    assert refused.value.details["scopes"] == ["residence.status", "residence.work_permission"]
    assert world.outbox() == world.outbox(JOBKRAFTWERK) == []
    assert update.known() == update.known(JOBKRAFTWERK, DOCUMENTATION) == {}
    own = update(record, provenance={"residence.status": "self", "residence.work_permission": "self"})
    assert released(own) == {JOBCENTER: ["language.level", "residence.status"], JOBKRAFTWERK: ["residence.work_permission"]}


def test_what_came_from_another_partner_goes_no_further_without_the_clients_word(world, update):
    world.link()
    world.declare("residence.status")
    answer = update({"residence": {"status": STATUS}}, provenance={"residence.status": ABH})
    assert answer["exchanges"] == []
    assert answer["partners"][0]["withheld"] == [{"scope": "residence.status", "reason": "onward_transfer_not_covered"}]


def test_a_provenance_of_no_scope_is_refused(world, update):
    with pytest.raises(Refused, match="scope_unknown"):
        update(RECORD, provenance={"residence.statuss": "self"})


def test_the_same_key_and_body_give_the_same_answer_and_another_body_is_refused(world, update):
    world.link()
    world.declare("language.level")
    call = world.call(key="key-1", body=b"{}")
    first = update.answer(RECORD, call=call)
    again = update.answer(RECORD, call=call)
    assert (again.status, again.body) == (first.status, first.body)
    with pytest.raises(Refused, match="idempotency_key_reused"):
        update(RECORD, call=world.call(key="key-1", body=b"[]"))
    nothing = update.answer(RECORD, call=world.call(key="key-2", body=b"{}"))
    assert nothing.status == 200
    world.send({"language": {"level": B2}})
    assert update.answer(RECORD, call=world.call(key="key-2", body=b"{}")).body == nothing.body


def test_of_two_updates_that_meet_every_partner_holds_the_same_ones_values(world, update):
    world.link()
    world.link("ABH-1", partner=ABH)
    world.declare("language.level")
    world.declare("language.level", partner=ABH)

    async def both():
        requests = [update.request({"language": {"level": level}}) for level in (B1, B2)]
        await asyncio.gather(*[updates.update(world.corridor, world.call(), request) for request in requests])

    asyncio.run(both())
    ((to_jobcenter,), (to_abh,)) = content(world), content(world, ABH)  # the earlier ones were overtaken
    assert (b"B1" in to_jobcenter) == (b"B1" in to_abh)
    assert (b"B2" in to_jobcenter) == (b"B2" in to_abh) != (b"B1" in to_abh)
    for partner, purpose in ((JOBCENTER, LABOUR), (ABH, RESIDENCE)):
        assert update.known(partner, purpose)["language.level"].exchange == world.outbox(partner)[0]["id"]


def test_an_update_whose_ground_is_forgotten_in_between_is_taken_again(world, update, monkeypatch):
    world.link()
    world.declare("language.level", "residence.status")
    update(RECORD)
    make, met = updates._make, []

    async def meeting(corridor, call, finding, at):
        made = await make(corridor, call, finding, at)
        if not met:
            met.append(True)
            with corridor.store.transaction() as tx:
                tx.known.forget(finding.loaded.case.client.digest, JOBCENTER, ["residence.status"])
        return made

    monkeypatch.setattr(updates, "_make", meeting)
    answer = update({"language": {"level": B2}, "residence": {"status": STATUS}})
    assert released(answer) == {JOBCENTER: ["language.level", "residence.status"]}


def test_a_value_is_never_kept_in_what_is_known(world, update, tmp_path):
    world.link()
    world.declare("plan.goals")
    canary = "Kanarienvogel-Ziel"
    update({"plan": {"goals": [{"field": "language", "title": canary}]}})
    assert update.known().keys() == {"plan.goals"}
    files = [path for path in tmp_path.iterdir() if path.name.startswith("imgate.db")]
    assert files
    for path in files:
        assert canary.encode() not in path.read_bytes()


def test_the_digest_of_a_value_is_another_for_another_client_partner_and_scope(world, update):
    for client, reference in ((CLIENT, "A1"), ("K-2", "A2")):
        world.link(reference, client=client)
        world.declare("language.level", client=client)
        update({"language": {"level": B1}}, client=client)
    assert update.known()["language.level"].digest != update.known(client="K-2")["language.level"].digest


def test_a_declaration_that_narrows_forgets_and_a_new_one_sends_again(world, update):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    update(RECORD)
    world.revoke(declaration, ["language.level"])
    assert update.known().keys() == {"residence.status"}
    assert update(RECORD)["exchanges"] == []
    world.declare("language.level")
    assert released(update(RECORD)) == {JOBCENTER: ["language.level"]}


def test_what_is_on_record_is_told_even_if_the_database_is_gone_before_the_hints_are_made(world):
    """Who is told 503 takes it that nothing was sent."""

    class Gone:
        def reading(self):
            raise Unavailable

    answer = Answer.of(201, {"exchanges": []})
    request = UpdateRequest.model_validate({"client": CLIENT, "record": RECORD})
    assert updates.with_hints(dataclasses.replace(world.corridor, store=Gone()), request, answer) is answer
