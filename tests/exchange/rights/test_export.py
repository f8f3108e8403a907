"""An export holds all that is kept about one client, in the published shape, and nothing of anybody else."""

import hashlib
import json

import jsonschema_rs
import pytest
from sqlalchemy import text

from imgate.exchange import boxes
from imgate.exchange.declarations import register
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RevocationRequest
from imgate.exchange.rights.export import export_client
from imgate.storage.audit_pages import audit_page
from imgate.storage.erase import erase_client
from tests.conftest import ROOT
from tests.exchange.conftest import ABH, CLIENT, CONTACT, JOBCENTER, REFERENCE, message

RECORD = {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}, "work": {"status": {"kind": "job_seeking"}}}
OTHER = "K-2026-2202"
SCHEMA = json.loads((ROOT / "schemas/client-export.schema.json").read_text(encoding="utf-8"))
CASE_RECORD = json.loads((ROOT / "schemas/case-record.schema.json").read_text(encoding="utf-8"))


def exported(world, client=CLIENT):
    return {file.path: file for file in export_client(world.corridor, "operator", client, world.gateway.terms)}


def read(files, path):
    return json.loads(files[path].content)


@pytest.fixture
def full(world):
    """A client with something of everything."""
    world.link()
    declaration = world.declare("language.level", "work.status", "contact_persons.jobcenter")
    world.send(RECORD)
    world.outbox()
    world.send({"work": {"status": {"kind": "in_training"}}})
    world.post(message(JOBCENTER, REFERENCE, CONTACT))
    world.work()
    world.later(days=1)
    register.revoke(
        world.corridor, world.call(), declaration, RevocationRequest(scopes=["language.level"], reason="Das will ich nicht mehr")
    )
    return world


def test_every_file_has_the_published_shape_and_stands_in_the_index_with_its_digest(full):
    files = exported(full)
    index = read(files, "index.json")
    assert list(files)[-1] == "index.json"
    assert {one["path"]: one["sha256"] for one in index["files"]} == {
        path: hashlib.sha256(file.content).hexdigest() for path, file in files.items() if path != "index.json"
    }
    registry = jsonschema_rs.Registry([(CASE_RECORD["$id"], CASE_RECORD), (SCHEMA["$id"], SCHEMA)])
    named = {one["path"]: one["schema"] for one in index["files"] if "schema" in one} | {"index.json": f"{SCHEMA['$id']}#/$defs/Index"}
    assert set(named) == set(SCHEMA["properties"])
    for path, schema in named.items():
        jsonschema_rs.validator_for({"$schema": SCHEMA["$schema"], "$ref": schema}, registry=registry).validate(read(files, path))
    assert index["unreadable"] == []


def test_the_declaration_its_evidence_and_its_reason_are_in_it(full):
    files = exported(full)
    (item,) = read(files, "declarations.json")["items"]
    assert item["declaration"]["content"]["client"] == CLIENT
    (piece,) = item["files"]
    assert files[piece["path"]].content == b"%PDF-1.7 scan"
    assert piece["path"].endswith(".pdf")
    assert [reason["reason"] for reason in item["reasons"]] == ["Das will ich nicht mehr"]


def test_links_history_and_hand_outs_are_in_it(full):
    files = exported(full)
    assert read(files, "links.json")["items"] == [{"partner": JOBCENTER, "name": "Jobcenter Rems-Murr, Team 412", "reference": REFERENCE}]
    assert len(read(files, "exchanges.json")["items"]) == 3
    assert len(read(files, "disclosures.json")["disclosures"]) == 1
    (notice,) = read(files, "notices.json")["items"]
    assert (notice["partner"], notice["reference"], notice["scopes"]) == (JOBCENTER, REFERENCE, ["language.level"])


def test_what_waits_is_in_it_with_its_part_of_the_record(full):
    waiting = read(exported(full), "waiting.json")["items"]
    assert {"work": {"status": {"kind": "in_training"}}} in [item["record"] for item in waiting]
    assert [(item["partner"], item["provenance"]) for item in waiting if item["direction"] == "from_partner"] == [
        (JOBCENTER, {"contact_persons.jobcenter": JOBCENTER})
    ]


def test_an_export_hands_nothing_out_and_takes_nothing_away(full):
    before = full.disclosures(), exported(full)["waiting.json"].content
    assert (full.disclosures(), exported(full)["waiting.json"].content) == before
    assert len(full.inbox()) == 1


def test_nothing_of_another_client_is_in_it(full):
    full.link("A-2", client=OTHER)
    full.declare("housing.situation", client=OTHER)
    full.send({"housing": {"situation": {"kind": "homeless"}}}, client=OTHER)
    content = b"".join(file.content for file in exported(full).values())
    assert not [told for told in (OTHER, "A-2", "homeless") if told.encode() in content]
    theirs = b"".join(file.content for file in exported(full, OTHER).values())
    assert not [told for told in (CLIENT, REFERENCE, "in_training") if told.encode() in theirs]


def test_it_is_on_record_before_anything_is_given_and_names_nobody(full):
    files = export_client(full.corridor, "operator", CLIENT, full.gateway.terms)
    next(files)
    files.close()
    entry = audit_page(full.gateway.store, limit=1).entries[0]
    assert (entry.event, entry.actor, dict(entry.fields)) == ("client_exported", "operator", {})


@pytest.mark.parametrize("erased", [False, True])
def test_of_an_unknown_or_erased_client_nothing_is_given_and_nothing_put_on_record(full, erased):
    client = CLIENT if erased else "K-nobody"
    if erased:
        erase_client(full.gateway.store, CLIENT, full.now, "operator")
    last = audit_page(full.gateway.store, limit=1).entries[0].id
    with pytest.raises(Refused) as refused:
        exported(full, client)
    assert refused.value.status == 404
    assert audit_page(full.gateway.store, limit=1).entries[0].id == last


def test_what_cannot_be_opened_is_left_out_and_named(full):
    with full.gateway.store.engine.begin() as connection:
        for place in ("links SET mac", "evidence SET content", "declaration_reasons SET reason", "inbox SET record"):
            connection.execute(text(f"UPDATE {place} = :spoilt"), {"spoilt": b"\x00"})
    files = exported(full)
    unreadable = read(files, "index.json")["unreadable"]
    assert sorted(place.partition("/")[0] for place in unreadable) == ["evidence", "exchange", "link", "reasons"]
    assert read(files, "links.json")["items"] == []
    assert not [path for path in files if path.startswith("evidence/")]


def test_no_name_of_a_file_is_anybodys(full):
    assert not [path for path in exported(full) if CLIENT in path or REFERENCE in path or JOBCENTER in path or ABH in path]


def test_what_the_case_system_acknowledged_waits_no_more(full):
    (item,) = full.inbox()
    boxes.inbox_ack(full.corridor, full.call(), item["id"])
    assert [one for one in read(exported(full), "waiting.json")["items"] if one["direction"] == "from_partner"] == []
