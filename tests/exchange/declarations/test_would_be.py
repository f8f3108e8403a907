"""The annex shows what would be sent once everybody has signed, and can do nothing else: not store, not send, not permit."""

import ast
import base64
import contextlib
import dataclasses
import sqlite3
from pathlib import Path

import pytest

from imgate.exchange.declarations.would_be import AnnexRequest, WouldBe, would_be_sent
from imgate.exchange.refusals import Refused
from tests.exchange.conftest import ABH, CLIENT, message

SRC = Path(__file__).resolve().parents[3] / "src/imgate"
PURPOSE = "labour_market_integration"
LEVEL = {"cefr": "B1", "evidence": "dtz"}
STATUS = {"code": "1", "since": "2024-05-02"}
RECORD = {"language": {"level": LEVEL}, "residence": {"status": STATUS}, "notes": {"counselling": [{"on": "2026-01-10", "text": "GEHEIM"}]}}
ADDRESS = {"street": "Marktplatz", "house_number": "1", "postal_code": "71364", "city": "Winnenden"}


def annex(world, declaration, record=RECORD, *, purpose=PURPOSE, **more):
    request = AnnexRequest.model_validate({"purpose": purpose, "record": record} | more)
    return would_be_sent(world.corridor, declaration, request)


def reasons(shown):
    return dict(shown.withheld)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}$")


def test_a_draft_shows_what_would_be_sent_and_what_not(world):
    world.link()
    shown = annex(world, world.declare("language.level", signed=False))
    assert shown.record == {"language": {"level": LEVEL}}
    assert reasons(shown) == {"residence.status": "scope_not_covered", "notes.counselling": "beyond_partner_ceiling"}
    assert b"B1" in shown.message.content
    assert b"GEHEIM" not in shown.message.content
    assert b"2024-05-02" not in shown.message.content


def test_the_message_is_byte_for_byte_the_preview_after_signing(world):
    world.link()
    declaration = world.declare("language.level", "residence.status", signed=False)
    before = annex(world, declaration)
    world.sign(declaration)
    after = world.preview(RECORD)
    assert before.message.content == base64.b64decode(after["message"]["content"])
    assert before.message.media_type == after["message"]["media_type"]
    assert sorted(before.origins) == sorted(after["released"])


def test_evidence_that_is_too_weak_counts_as_strong_enough(world):
    """What was only said is shown as it would be once it is written: that is what is about to be signed."""
    world.link()
    declaration = world.declare("language.level", kind="oral_record")
    assert world.preview(RECORD)["released"] == []
    assert set(annex(world, declaration).origins) == {"language.level"}


def test_a_term_that_lies_ahead_is_looked_at_on_its_first_day(world):
    world.link()
    declaration = world.declare("language.level", signed=False, valid_from="2026-06-01")
    shown = annex(world, declaration)
    assert set(shown.origins) == {"language.level"}
    assert shown.judged_on.isoformat() == "2026-06-01"


def test_who_comes_of_age_before_the_first_day_is_an_adult_in_the_annex(world):
    """Minimising asks for the day, and that is the first day then."""
    world.link()
    record = {"family": {"household": [{"relation": "child", "name": {"given": "Mina"}, "birth": {"date": "2008-04-01"}}]}}
    now = annex(world, world.declare("family.household", signed=False), record)
    later = annex(world, world.declare("family.household", signed=False, valid_from="2026-06-01"), record)
    assert "name" in now.record["family"]["household"][0]
    assert later.record["family"]["household"] == [{"relation": "child"}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"purposes": ["housing"]}, "purpose_not_covered"),
        ({"direction": "from_partner"}, "direction_not_covered"),
        ({"clauses": ["confidentiality_release"]}, "clause_missing"),
        ({"valid_from": "2025-01-01", "valid_until": "2026-02-01"}, "expired"),
        ({"scopes": ["residence.status"]}, "scope_not_covered"),
    ],
)
def test_everything_but_the_signature_is_judged_as_usual(world, change, reason):
    world.link()
    shown = annex(world, world.declare("language.level", signed=False, **change), {"language": {"level": LEVEL}})
    assert reasons(shown) == {"language.level": reason}
    assert shown.record == {}
    assert shown.message is None


@pytest.mark.parametrize("block", [{}, {"information_block": True}])
def test_a_blocked_address_is_withheld(world, block):
    world.link()
    record = {"contact": {"address": {**ADDRESS, "information_block": True, **block}}}
    assert reasons(annex(world, world.declare("contact.address", signed=False), record)) == {"contact.address": "address_blocked"}


def test_what_came_from_another_partner_is_withheld_unless_named(world):
    world.link()
    record = {"residence": {"status": STATUS}}
    shown = annex(world, world.declare("residence.status", signed=False), record, provenance={"residence.status": ABH})
    assert reasons(shown) == {"residence.status": "onward_transfer_not_covered"}
    allowed = world.declare("residence.status", signed=False, onward_from=[ABH])
    assert annex(world, allowed, record, provenance={"residence.status": ABH}).origins == {"residence.status": "Ausländerbehörde Winnenden"}


def test_the_origin_must_be_said_where_a_partner_delivered_the_scope(world):
    world.link(partner=ABH)
    world.link()
    world.declare("residence.status", partner=ABH)
    world.post(message(ABH, "355A000815", {"residence": {"status": STATUS}}), partner=ABH)
    world.work()
    assert len(world.inbox()) == 1
    declaration = world.declare("residence.status", signed=False)
    with refused("provenance_required"):
        annex(world, declaration, {"residence": {"status": STATUS}})


def test_of_a_revoked_declaration_nothing_would_be_sent(world):
    world.link()
    for signed in (True, False):
        declaration = world.declare("language.level", signed=signed)
        world.revoke(declaration)
        shown = annex(world, declaration)
        assert reasons(shown)["language.level"] == "revoked"
        assert (shown.record, shown.message) == ({}, None)


def test_a_scope_that_was_revoked_singly_stays_away(world):
    world.link()
    declaration = world.declare("language.level", "residence.status")
    world.revoke(declaration, ["residence.status"])
    shown = annex(world, declaration)
    assert set(shown.origins) == {"language.level"}
    assert reasons(shown)["residence.status"] == "revoked"
    assert b"2024-05-02" not in shown.message.content


def test_of_a_paused_declaration_nothing_would_be_sent_until_it_is_resumed(world):
    world.link()
    declaration = world.declare("language.level")
    world.pause(declaration)
    assert reasons(annex(world, declaration))["language.level"] == "paused"
    assert annex(world, declaration).message is None
    world.resume(declaration)
    assert set(annex(world, declaration).origins) == {"language.level"}


def test_of_a_superseded_declaration_nothing_would_be_sent(world):
    world.link()
    older = world.declare("language.level")
    newer = world.declare("language.level", signed=False, supersedes=older)
    assert set(annex(world, older).origins) == {"language.level"}
    world.sign(newer)
    assert reasons(annex(world, older))["language.level"] == "revoked"
    assert annex(world, older).message is None
    assert set(annex(world, newer).origins) == {"language.level"}


def test_a_successor_that_takes_effect_before_the_first_day_counts(world):
    world.link()
    older = world.declare("language.level", signed=False, valid_from="2026-09-01")
    newer = world.declare("language.level", supersedes=older, valid_from="2026-06-01")
    assert reasons(annex(world, older))["language.level"] == "revoked"
    assert set(annex(world, newer).origins) == {"language.level"}


def test_what_another_declaration_permits_does_not_stand_in_this_ones_annex(world):
    world.link()
    world.declare("residence.status")
    shown = annex(world, world.declare("language.level", signed=False))
    assert set(shown.origins) == {"language.level"}
    assert reasons(shown)["residence.status"] == "scope_not_covered"


def test_without_a_link_there_is_no_annex(world):
    declaration = world.declare("language.level", signed=False)
    with refused("link_missing"):
        annex(world, declaration)


def test_unknown_words_are_refused(world):
    world.link()
    declaration = world.declare("language.level", signed=False)
    with refused("purpose_unknown"):
        annex(world, declaration, purpose="fun")
    with refused("scope_unknown"):
        annex(world, declaration, provenance={"language.leve": "self"})
    with refused("not_found"):
        annex(world, "00000000-0000-4000-8000-000000000000")


def test_a_declaration_that_does_not_match_its_seal_has_no_annex(world):
    world.link()
    declaration = world.declare("language.level", signed=False)
    with contextlib.closing(sqlite3.connect(world.gateway.settings.database.file, isolation_level=None)) as connection:
        connection.execute("update declaration_heads set mac = x'00'")
    with refused("declaration_unreadable"):
        annex(world, declaration)


def test_a_partner_that_is_no_longer_configured_is_refused(world):
    world.link()
    declaration = world.declare("language.level", signed=False)
    world.corridor = dataclasses.replace(world.corridor, partners={})
    with refused("partner_unknown"):
        annex(world, declaration)


def test_a_partner_that_changed_its_name_would_get_nothing(world):
    world.link()
    declaration = world.declare("language.level", signed=False)
    partners = dict(world.corridor.partners)
    renamed = dataclasses.replace(partners["jobcenter-rems-murr"].policy, name="Another unit")
    partners["jobcenter-rems-murr"] = dataclasses.replace(partners["jobcenter-rems-murr"], policy=renamed)
    world.corridor = dataclasses.replace(world.corridor, partners=partners)
    assert reasons(annex(world, declaration))["language.level"] == "recipient_changed"


# ---- and nothing of it can reach what stores or sends ----


def everything_stored(world):
    """Give all rows of all tables."""
    with contextlib.closing(sqlite3.connect(world.gateway.settings.database.file)) as connection:
        return list(connection.iterdump())


def test_nothing_is_stored_sent_or_put_on_record(world):
    world.link()
    declaration = world.declare("language.level", "residence.status", signed=False)
    before = everything_stored(world)
    annex(world, declaration)
    assert everything_stored(world) == before
    assert world.outbox() == []


def test_after_an_annex_the_declaration_permits_as_little_as_before(world):
    world.link()
    declaration = world.declare("language.level", signed=False)
    annex(world, declaration)
    answer = world.send({"language": {"level": LEVEL}})
    assert (answer["state"], answer["withheld"]) == ("withheld", [{"scope": "language.level", "reason": "not_signed"}])
    assert world.outbox() == []


def test_nothing_that_comes_out_is_of_a_type_that_a_step_of_send_takes(world):
    """Plain values only: ``seal`` takes a ``ValidMessage``, ``translate`` a ``ReleasedRecord``, the judge a ``VerifiedDeclaration``."""
    world.link()
    shown = annex(world, world.declare("language.level", signed=False))
    kinds = {type(getattr(shown, field.name)).__module__ for field in dataclasses.fields(shown)}
    assert kinds <= {"builtins", "datetime", "imgate.exchange.declarations.would_be"}
    assert {type(getattr(shown.message, field.name)) for field in dataclasses.fields(shown.message)} == {str, bytes}


def test_no_value_stands_in_the_repr(world):
    world.link()
    shown = annex(world, world.declare("language.level", signed=False))
    assert isinstance(shown, WouldBe)
    for secret in ("B1", CLIENT, "355A000815"):
        assert secret not in repr(shown)


def importers(module):
    """Name the files that import this module, or a name out of it."""
    found = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if module in names:
                found.add(path.relative_to(SRC).as_posix())
    return found


def test_only_the_annex_asks_as_if_something_were_signed():
    """Neither outbound nor delivery, inbound, updates or retry can come by what is wider than what was signed."""
    assert importers("imgate.consent.as_if_signed") == {"exchange/declarations/would_be.py"}
    assert not {
        name for name in importers("imgate.exchange.declarations.would_be") if name.startswith(("exchange/", "transports/", "storage/"))
    }


def test_the_module_takes_no_step_that_writes():
    """It opens a reading only, and names none of the functions that seal, enter, record or commit."""
    tree = ast.parse((SRC / "exchange/declarations/would_be.py").read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }
    assert "reading" in called
    assert called.isdisjoint({"transaction", "commit", "seal", "enter", "put_on_record", "prepare", "send", "audit", "add"})
