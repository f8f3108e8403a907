"""A renewal is a new declaration with the old content, to be signed anew; until then the old one holds."""

import dataclasses

import pytest

from imgate.exchange.declarations import register
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RenewalRequest
from tests.exchange.renewing import TERM, renewed

ADDED = {"recipient", "catalogue", "wording", "nonce"}
LEVEL = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}


def content_of(world, declaration):
    return register.show(world.corridor, declaration)["content"]


def state_of(world, declaration):
    return register.show(world.corridor, declaration)["state"]


def problems(raised):
    return {(problem.code, problem.pointer) for problem in raised.value.problems}


def test_what_is_not_there_can_not_be_renewed(world):
    with pytest.raises(Refused, match="not_found"):
        renewed(world, "00000000-0000-4000-8000-000000000000")


def test_what_does_not_match_its_seal_can_not_be_renewed(world):
    declaration = world.declare("language.level")
    with world.corridor.store.transaction() as tx:
        tx.session.driver.execute("UPDATE declaration_heads SET mac = zeroblob(32)")
    with pytest.raises(Refused, match="declaration_unreadable") as raised:
        renewed(world, declaration)
    assert raised.value.status == 409


def test_all_problems_are_named_at_once_and_nothing_is_stored(world):
    declaration = world.declare("language.level")
    with pytest.raises(Refused) as raised:
        renewed(world, declaration, valid_until="2026-12-31", informed_of=["voluntariness"], occasion="für die Beratung")
    assert raised.value.code == "declaration_invalid"
    assert problems(raised) == {
        ("term_reversed", "/valid_until"),
        ("information_missing", "/informed_of"),
        ("occasion_too_short", "/occasion"),
        ("occasion_blanket", "/occasion"),
    }
    assert len(register.show(world.corridor, declaration)["history"]) == 3


def test_a_scope_that_may_no_longer_be_asked_for_is_a_problem(world):
    declaration = world.declare("language.level", "residence.status")
    partner = world.corridor.policy.partners["jobcenter-rems-murr"]
    narrowed = dataclasses.replace(partner, ceiling={way: scopes - {"residence.status"} for way, scopes in partner.ceiling.items()})
    policy = dataclasses.replace(world.corridor.policy, partners={"jobcenter-rems-murr": narrowed})
    world.corridor = dataclasses.replace(world.corridor, policy=policy)
    with pytest.raises(Refused) as raised:
        renewed(world, declaration)
    assert problems(raised) == {("scope_beyond_ceiling", "/scopes/1")}


@pytest.mark.parametrize("changes", [{"scopes": ["residence.status"]}, {"supersedes": None}, {"client": "K-2"}, {"valid_from": None}])
def test_nothing_else_can_be_changed_by_a_renewal(changes):
    with pytest.raises(ValueError, match="RenewalRequest"):
        RenewalRequest.model_validate(TERM | changes)


def test_everything_that_is_not_named_stays_as_it_was(world):
    declaration = world.declare("language.level", "residence.status", interpreter={"name": "Samir Beispiel", "language": "ar"})
    made = renewed(world, declaration)
    assert made["state"] == "draft"
    before, after = content_of(world, declaration), content_of(world, made["id"])
    assert after == before | {"valid_from": "2027-01-01", "valid_until": "2027-12-31", "supersedes": declaration, "nonce": after["nonce"]}
    assert after["nonce"] != before["nonce"]
    assert before.keys() >= ADDED


def test_language_occasion_and_interpreter_can_be_others(world):
    declaration = world.declare("language.level", interpreter="Samir Beispiel")
    occasion = "Beginn der Ausbildung zur Pflegefachkraft im Oktober"
    after = content_of(world, renewed(world, declaration, language="de", occasion=occasion, interpreter=None)["id"])
    assert (after["language"], after["occasion"], after["interpreter"]) == ("de", occasion, None)
    after = content_of(world, renewed(world, declaration, interpreter="Andere Person", language=None)["id"])
    assert (after["language"], after["interpreter"]) == ("ar", "Andere Person")


def test_a_partner_that_was_renamed_is_named_as_it_is_today(world):
    declaration = world.declare("language.level")
    partner = world.corridor.policy.partners["jobcenter-rems-murr"]
    renamed = dataclasses.replace(partner, name="Jobcenter Rems-Murr, Team 7")
    policy = dataclasses.replace(world.corridor.policy, partners={"jobcenter-rems-murr": renamed})
    world.corridor = dataclasses.replace(world.corridor, policy=policy)
    assert content_of(world, renewed(world, declaration)["id"])["recipient"] == "Jobcenter Rems-Murr, Team 7"


def test_an_unsigned_renewal_changes_nothing(world):
    world.link()
    declaration = world.declare("language.level")
    renewed(world, declaration, valid_from="2026-02-01")
    assert state_of(world, declaration) == "active"
    assert world.send(LEVEL)["declarations"] == [declaration]


def test_a_signed_renewal_takes_the_place_of_the_old_one_on_its_first_day(world):
    world.link()
    declaration = world.declare("language.level")
    successor = renewed(world, declaration, valid_from="2026-03-10")["id"]
    assert world.sign(successor) == "active"
    assert state_of(world, declaration) == "active"
    world.later(days=9)
    assert state_of(world, declaration) == "revoked"
    assert world.send(LEVEL)["declarations"] == [successor]


def test_a_revoked_declaration_can_be_renewed_and_needs_a_new_signature(world):
    world.link()
    declaration = world.declare("language.level")
    world.revoke(declaration)
    successor = renewed(world, declaration, valid_from="2026-02-01")["id"]
    assert world.send(LEVEL)["released"] == []
    world.sign(successor)
    assert world.send(LEVEL)["declarations"] == [successor]


def test_scopes_that_were_revoked_stand_in_the_renewal_again_for_the_client_to_sign(world):
    declaration = world.declare("language.level", "residence.status")
    world.revoke(declaration, ["residence.status"])
    made = renewed(world, declaration)["id"]
    assert content_of(world, made)["scopes"] == ["language.level", "residence.status"]
    assert register.show(world.corridor, made)["revoked_scopes"] == []


def test_the_same_renewal_under_the_same_key_is_made_once(world):
    declaration = world.declare("language.level")
    call = world.call(key="once", body=b"body")
    assert renewed(world, declaration, call=call) == renewed(world, declaration, call=call)
    with world.corridor.store.reading() as tx:
        assert len(tx.declarations.get(declaration)[1].siblings) == 2
