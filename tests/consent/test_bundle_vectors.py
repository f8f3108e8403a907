"""Bundles of this release and of those before get the report that they had when they were made. They are never made anew."""

import json

import jsonschema_rs
import pytest

from tests.conftest import ROOT
from tests.consent.bundled import FOLDER, MANIFEST, vector, verify


def test_each_vector_is_in_the_manifest_and_the_other_way_round():
    besides = {"manifest.json", "keys.json", "jwks.json"}
    assert {file.name for file in FOLDER.glob("*.json")} - besides == MANIFEST.keys()
    assert len(MANIFEST) >= 14


@pytest.mark.parametrize("name", MANIFEST)
def test_a_bundle_gets_the_report_that_it_had_when_it_was_made(name):
    report = verify(vector(name))
    assert [[check.name, check.outcome.value, *check.parts] for check in report.checks] == MANIFEST[name]["checks"]


def test_the_vectors_show_every_state_and_both_algorithms():
    shown = [json.loads(vector(name)) for name in MANIFEST]
    assert {bundle["life"]["state"] for bundle in shown} == {"draft", "active", "paused", "revoked", "expired"}
    assert {bundle["profile"]["algorithm"] for bundle in shown} == {"ES256", "Ed25519"}
    assert {piece["kind"] for bundle in shown for piece in bundle["evidence"]} >= {"paper_scan", "drawn", "oral_record", "pades"}


@pytest.mark.parametrize("name", MANIFEST)
def test_every_vector_is_what_the_published_schema_says(name):
    schema = json.loads((ROOT / "schemas/declaration-bundle.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(schema).validate(json.loads(vector(name)))
