"""An export is what is stored, whole and signed; what is stored and does not fit together is never signed."""

import dataclasses
import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from imgate.audit.events import EventName
from imgate.consent import bundle as format_of
from imgate.exchange.declarations import bundles, register
from imgate.exchange.ports import ProofOver
from imgate.exchange.refusals import Refused
from imgate.storage.erase import erase_client
from imgate.storage.sweep import sweep
from imgate.vocabulary.identifiers import new_id
from tests.consent.bundled import failures, outcome, verify
from tests.exchange.conftest import CLIENT

SCAN = b"%PDF-1.7 scan"


def export(world, declaration, *, evidence=False, erased=False):
    corridor, issuer = world.corridor, world.gateway.issuer
    return bundles.export(corridor, issuer, "case-system-1", declaration, with_evidence=evidence, also_erased=erased)


def checked(file):
    return verify(file, trusted=None)


def refused(world, declaration, **more):
    with pytest.raises(Refused) as caught:
        export(world, declaration, **more)
    return caught.value.status, caught.value.code


def run(world, sql, **values):
    with world.gateway.store.engine.begin() as connection:
        assert connection.execute(text(sql), values).rowcount


def entries(world, name):
    with world.gateway.store.reading() as tx:
        told = [json.loads(entry.content) for entry in tx.audit_log.entries()]
    return [entry for entry in told if entry["event"] == name]


@pytest.fixture
def declared(world):
    return world.declare("language.level", "contact_persons.jobcenter")


def test_a_bundle_says_what_the_declaration_is_shown_to_be(world, declared):
    shown = register.show(world.corridor, declared)
    bundle = json.loads(export(world, declared))
    assert bundle["declaration"] == {"id": declared, "digest": shown["digest"], "content": shown["content"]}
    assert bundle["life"]["state"] == shown["state"] == "active"
    assert [line["event"] for line in bundle["history"]] == [line["event"] for line in shown["history"]]
    assert bundle["evidence"][0]["sha256"] == hashlib.sha256(SCAN).hexdigest()
    assert bundle["gateway"]["id"] == "im-winnenden"
    assert bundle["gateway"]["name"] == "Integrationsmanagement Winnenden"


def test_an_export_is_verified_by_the_key_that_the_gateway_publishes(world, declared):
    kid = next(reversed(world.gateway.keyring.statement_keys))
    assert failures(verify(export(world, declared), trusted={kid})) == []
    assert failures(verify(export(world, declared), trusted={world.gateway.keyring.signing_key.thumbprint()})) == ["key"]


def test_evidence_is_in_it_only_if_it_was_asked_for(world, declared):
    without, with_it = export(world, declared), export(world, declared, evidence=True)
    assert "content" not in json.loads(without)["evidence"][0]
    assert outcome(checked(without), "evidence 0") == "not_checked"
    assert outcome(checked(with_it), "evidence 0") == "passed"


def test_a_bundle_holds_at_every_step_of_a_declarations_life(world, declared):
    def holds():
        world.later(minutes=7)
        report = checked(export(world, declared, evidence=True))
        assert failures(report) == []
        return json.loads(export(world, declared))["life"]["state"]

    assert holds() == "active"
    world.pause(declared)
    assert holds() == "paused"
    world.resume(declared)
    world.revoke(declared, ["language.level"])
    assert holds() == "active"
    successor = world.declare("language.level", supersedes=declared, signed=False)
    assert holds() == "active"
    world.sign(successor)
    assert holds() == "revoked"
    world.revoke(declared)
    assert holds() == "revoked"


def test_clocks_that_run_backwards_make_no_contradiction(world, declared):
    world.later(hours=-1)
    world.pause(declared)
    world.later(hours=-1)
    world.resume(declared)
    world.revoke(declared, ["language.level"])
    world.later(hours=-1)
    world.sign(declared)
    assert failures(checked(export(world, declared))) == []


def test_a_draft_is_exported_and_does_not_pass_for_more(world):
    declaration = world.declare("language.level", signed=False)
    report = checked(export(world, declaration))
    assert failures(report) == ["signers"]


def test_why_somebody_revoked_stands_in_no_bundle(world, declared):
    request = register.RevocationRequest.model_validate({"scopes": None, "reason": "Streit mit dem Amt"})
    register.revoke(world.corridor, world.call(), declared, request)
    assert "Streit" not in export(world, declared, evidence=True).decode()


def test_each_export_is_on_the_audit_log_before_anything_is_signed(world, declared):
    class NoToken:
        profile = world.corridor.signature.profile

        def sign(self, payload, kind):
            raise RuntimeError("no token")

    export(world, declared, evidence=True)
    world.corridor = dataclasses.replace(world.corridor, signature=NoToken())
    with pytest.raises(RuntimeError):
        export(world, declared)
    told = entries(world, EventName.DECLARATION_EXPORTED)
    assert [(entry["actor"], entry["fields"]["declaration"], entry["fields"]["evidence"]) for entry in told] == [
        ("case-system-1", declared, True),
        ("case-system-1", declared, False),
    ]
    assert {entry["subject"] for entry in told} == {entries(world, EventName.DECLARATION_CREATED)[0]["subject"]}


def test_there_is_no_bundle_of_what_is_not_there(world):
    assert refused(world, new_id()) == (404, "not_found")
    assert entries(world, EventName.DECLARATION_EXPORTED) == []


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE declaration_heads SET mac = zeroblob(32) WHERE id = :id",
        "UPDATE declaration_heads SET head = replace(head, '2026-12-31', '2027-12-31') WHERE id = :id",
        "UPDATE declarations SET content = zeroblob(64) WHERE id = :id",
        "UPDATE declarations SET content = (SELECT content FROM declarations WHERE id <> :id) WHERE id = :id",
        "DELETE FROM evidence WHERE declaration = :id",
        "UPDATE evidence SET detail = zeroblob(64) WHERE declaration = :id",
        "UPDATE declaration_events SET event = 'revoked' WHERE declaration = :id AND line = 3",
        "UPDATE declaration_events SET at = '2020-01-01 00:00:00.000000' WHERE declaration = :id AND line = 2",
        "DELETE FROM declaration_events WHERE declaration = :id AND line = 3",
        "DELETE FROM declaration_events WHERE declaration = :id AND line = 1",
    ],
)
def test_what_was_changed_in_the_database_is_not_signed(world, declared, spoil):
    world.declare("language.level")
    run(world, spoil, id=declared)
    assert refused(world, declared, evidence=True) == (409, "declaration_unreadable")
    assert entries(world, EventName.DECLARATION_EXPORTED) == []


def test_evidence_whose_content_was_changed_is_not_signed(world, declared):
    run(world, "UPDATE evidence SET content = zeroblob(64) WHERE declaration = :id", id=declared)
    assert refused(world, declared, evidence=True) == (409, "declaration_unreadable")
    assert failures(checked(export(world, declared))) == []


def test_evidence_whose_content_is_gone_is_not_signed_as_if_there_had_been_none(world, declared):
    run(world, "UPDATE evidence SET content = NULL WHERE declaration = :id", id=declared)
    assert refused(world, declared, evidence=True) == (409, "declaration_unreadable")


def test_more_evidence_than_a_bundle_holds_is_refused_and_goes_without(world, declared, monkeypatch):
    monkeypatch.setattr(bundles, "SIZE_MAX", 10)
    assert refused(world, declared, evidence=True) == (409, "bundle_too_large")
    monkeypatch.setattr(format_of, "SIZE_MAX", 100)
    assert refused(world, declared) == (409, "bundle_too_large")


def test_after_erasure_only_the_operator_gets_it_and_the_log_names_nobody(world, declared):
    erase_client(world.gateway.store, CLIENT, world.now, "operator")
    assert refused(world, declared) == (404, "not_found")
    file = export(world, declared, evidence=True, erased=True)
    assert failures(checked(file)) == []
    assert json.loads(file)["declaration"]["content"]["client"] == CLIENT
    assert [entry.get("subject") for entry in entries(world, EventName.DECLARATION_EXPORTED)] == [None]


def test_when_the_term_of_proof_is_over_there_is_nothing_left_to_export(world, declared):
    erase_client(world.gateway.store, CLIENT, world.now, "operator", 1)
    sweep(world.gateway.store, world.now + timedelta(days=366))
    assert refused(world, declared) == (404, "not_found")
    with pytest.raises(ProofOver):
        export(world, declared, erased=True)
