"""Whoever can write to the database and has no keys, or a disk that went bad: nobody's signature counts, and nobody's word is stopped."""

import contextlib
import json
import sqlite3

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from imgate.bootstrap import make_first_keys, open_gateway
from imgate.documents.papers import Papers
from imgate.exchange.declarations import bundles, register
from imgate.exchange.declarations.course import course_of
from imgate.exchange.declarations.recheck import recheck
from imgate.exchange.expiry import end_due
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RevocationRequest
from imgate.exchange.stored import Cursor, Evidence
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole
from tests.exchange.conftest import CLIENT, CONFIG, World
from tests.exchange.declarations.examining import sign
from tests.exchange.renewing import renewed

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}}
# Each leaves a declaration that the judge still goes by: its head is as it was.
DAMAGE = {
    "evidence that does not open": ["UPDATE evidence SET detail = '' WHERE declaration = :id"],
    "evidence that is gone": ["DELETE FROM evidence WHERE declaration = :id"],
    "content that does not open": ["UPDATE declarations SET content = '' WHERE id = :id"],
    "no history": ["DELETE FROM declaration_events WHERE declaration = :id"],
    "its row is gone": ["DELETE FROM declarations WHERE id = :id"],
}
_HEAD, _OTHER = "client, partner, id, version, mac, unit, head", "'abh-winnenden'"
# And these leave all that is said of it as it was.
MOVED = {
    "another partner beside it": ["UPDATE declarations SET partner = 'abh-winnenden' WHERE id = :id"],
    "another client beside it": ["UPDATE declarations SET client = (SELECT max(client) FROM declarations WHERE id <> :id) WHERE id = :id"],
    "another version beside the head": ["UPDATE declaration_heads SET version = 99 WHERE id = :id"],
    "a hole in the history": ["UPDATE declaration_events SET line = 4 WHERE declaration = :id AND line = 2"],
    "another head under its id": [
        f"INSERT INTO declaration_heads ({_HEAD}) SELECT {_HEAD.replace('partner', _OTHER)} FROM declaration_heads WHERE id = :id"  # noqa: S608
    ],
}


@pytest.fixture
def world(url, tmp_path):
    config = tmp_path / "imgate.toml"
    told = CONFIG.replace("sqlite:///imgate.db", url).replace("[gateway]\n", '[gateway]\nurl = "https://imgate.example.org"\n')
    config.write_text(told, encoding="utf-8")
    settings = load_settings(config)
    make_first_keys(settings)
    with open_gateway(settings, make_keys=False) as gateway:
        world = World(gateway)
        world.declare("language.level", client="K-2")
        world.link()
        yield world


def damage(world, declaration, *statements):
    """Write to the database past the gateway, and past its foreign keys."""
    engine = world.gateway.store.engine
    if engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(engine.url.database, isolation_level=None)) as file:
            for statement in statements:
                assert file.execute(statement, {"id": declaration}).rowcount
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            assert connection.execute(text(statement), {"id": declaration}).rowcount


def unreadable(step, *args, **kwargs):
    with pytest.raises(Refused) as raised:
        step(*args, **kwargs)
    return (raised.value.status, raised.value.code) == (409, "declaration_unreadable")


def states(world, client=CLIENT):
    return {item["id"]: item["state"] for item in register.page(world.corridor, client, Cursor())["items"]}


@pytest.mark.parametrize("how", [*DAMAGE, *MOVED])
def test_what_permits_can_be_revoked_whatever_else_is_damaged(world, how):
    declaration = world.declare("language.level")
    world.send(RECORD)
    damage(world, declaration, *(DAMAGE | MOVED)[how])
    assert world.send(RECORD)["released"] == ["language.level"]
    request = RevocationRequest.model_validate({"scopes": None, "reason": "Streit mit dem Amt"})
    answer = json.loads(register.revoke(world.corridor, world.call(), declaration, request).body)
    assert (answer["state"], answer["cancelled"]) == ("revoked", 1)
    assert world.send(RECORD)["withheld"] == [{"scope": "language.level", "reason": "revoked"}]


@pytest.mark.parametrize("how", [*DAMAGE, *MOVED])
def test_what_permits_can_be_paused_and_resumed_whatever_else_is_damaged(world, how):
    declaration = world.declare("language.level")
    damage(world, declaration, *(DAMAGE | MOVED)[how])
    assert world.pause(declaration)["state"] == "paused"
    assert world.send(RECORD)["released"] == []
    assert world.resume(declaration)["state"] == "active"
    assert world.revoke(declaration, ["language.level"])["state"] == "revoked"


def test_a_revocation_holds_even_if_the_key_is_gone_that_its_reason_would_be_sealed_under(world):
    declaration = world.declare("language.level")
    damage(world, declaration, "UPDATE client_keys SET proof_key = '' WHERE client = (SELECT client FROM declarations WHERE id = :id)")
    request = RevocationRequest.model_validate({"scopes": None, "reason": "Streit mit dem Amt"})
    with capture_logs() as logs:
        answer = json.loads(register.revoke(world.corridor, world.call(), declaration, request).body)
    assert answer["state"] == "revoked"
    assert [(line["event"], line["declaration"]) for line in logs] == [("reason_not_kept", declaration)]
    assert register.show(world.corridor, declaration)["state"] == "unreadable"


def test_a_partner_that_was_handed_something_is_told_of_the_end_even_if_the_declarations_row_is_gone(world):
    declaration = world.declare("language.level")
    world.send(RECORD)
    assert len(world.outbox()) == 1
    damage(world, declaration, *DAMAGE["its row is gone"])
    assert "revocation" in world.revoke(declaration)


@pytest.mark.parametrize("how", DAMAGE)
def test_what_is_damaged_is_shown_as_unreadable_beside_the_others(world, how):
    bad, good = world.declare("language.level"), world.declare("language.level")
    before = register.show(world.corridor, good)
    damage(world, bad, *DAMAGE[how])
    assert register.show(world.corridor, bad)["state"] == "unreadable"
    assert register.show(world.corridor, good) == before
    listed = states(world)
    assert listed.pop(bad, "unreadable") == "unreadable"
    assert listed == {good: "active"}


@pytest.mark.parametrize("how", MOVED)
def test_columns_that_decide_nothing_make_nothing_unreadable(world, how):
    declaration = world.declare("language.level")
    before = register.show(world.corridor, declaration)
    damage(world, declaration, *MOVED[how])
    after = register.show(world.corridor, declaration)
    assert (after["state"], after["content"], after["evidence"]) == ("active", before["content"], before["evidence"])
    assert states(world) == {declaration: "active"}
    assert declaration not in states(world, "K-2")


@pytest.mark.parametrize("how", DAMAGE)
def test_nothing_is_signed_renewed_printed_or_exported_of_what_is_damaged(world, how):
    declaration = world.declare("language.level")
    damage(world, declaration, *DAMAGE[how])
    papers = Papers(world.corridor)
    assert unreadable(sign, world, declaration, "paper_scan")
    assert unreadable(renewed, world, declaration)
    assert unreadable(course_of, world.corridor, declaration)
    assert unreadable(papers.form, declaration)
    assert unreadable(papers.copy, declaration)
    assert unreadable(
        bundles.export, world.corridor, world.gateway.issuer, "case-system-1", declaration, with_evidence=False, also_erased=False
    )


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE declaration_heads SET mac = unit WHERE id = :id",
        "UPDATE declaration_heads SET head = '{}' WHERE id = :id",
        "UPDATE declaration_heads SET head = '[1,2,3,4,5,6,7,8,9,1,2,3,4]' WHERE id = :id",
        "DELETE FROM declaration_heads WHERE id = :id",
    ],
)
def test_without_a_head_under_its_mac_nothing_is_permitted_and_nothing_fails(world, spoil):
    bad, good = world.declare("language.level"), world.declare("language.level", signed=False)
    damage(world, bad, spoil)
    assert world.send(RECORD)["released"] == []
    for step in (world.revoke, world.pause, world.resume):
        assert unreadable(step, bad)
    assert unreadable(recheck, world.corridor, "operator", bad)
    assert register.show(world.corridor, bad)["state"] == "unreadable"
    assert states(world) == {bad: "unreadable", good: "draft"}


def test_what_was_never_there_is_not_found(world):
    for step in (world.revoke, world.pause, world.resume):
        with pytest.raises(Refused, match="not_found"):
            step("00000000-0000-4000-8000-000000000000")


def test_the_end_of_what_is_damaged_is_dealt_with_all_the_same(world):
    declaration = world.declare("language.level", valid_until="2026-03-02")
    damage(world, declaration, *DAMAGE["content that does not open"])
    world.later(days=2)
    assert end_due(world.corridor) == 1
    assert end_due(world.corridor) == 0


@pytest.mark.parametrize("first", [True, False])
def test_a_signature_that_was_moved_from_another_declaration_completes_nothing(world, first):
    """``first``: before the client signs; else the client's own is there already, and a further piece would complete it."""
    ours = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    theirs = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    sign(world, theirs, "drawn", role="guardian")
    if not first:
        sign(world, ours, "paper_scan")
    damage(world, ours, f"UPDATE evidence SET declaration = :id WHERE declaration = '{theirs}'")  # noqa: S608  # an id of this test
    assert unreadable(sign, world, ours, "paper_scan")
    assert unreadable(sign, world, theirs, "paper_scan")
    assert register.show(world.corridor, ours)["state"] == register.show(world.corridor, theirs)["state"] == "unreadable"
    assert world.send(RECORD)["released"] == []


def test_a_piece_that_the_head_does_not_name_completes_nothing(world):
    """Sealed for this very declaration, as an older row that is put back would be."""
    ours = world.declare("language.level", signed=False, signers_required=["client", "guardian"])
    with world.corridor.store.transaction() as tx:
        client, _ = tx.declarations.get(ours)
        piece = Evidence(
            id=new_id(),
            role=SignerRole.GUARDIAN,
            kind=EvidenceKind.ORAL_RECORD,
            level=EvidenceLevel.WRITTEN,
            signed_on="2026-01-14",
            recorded_at=world.now,
            attested_by="Vera Beispiel",
            signer=None,
            media_type=None,
            sha256=None,
        )
        tx.declarations.add_evidence(client, ours, piece)
    assert unreadable(sign, world, ours, "paper_scan")
    assert register.show(world.corridor, ours)["state"] == "unreadable"
    report = recheck(world.corridor, "operator", ours)
    assert (report["failed"], [piece["refused"] for piece in report["evidence"]]) == (1, ["evidence_changed"])
