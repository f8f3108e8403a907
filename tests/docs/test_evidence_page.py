"""The page about evidence says what the code does: its examples are read, its codes and claims are those of the code."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from imgate.documents.eid import ASSURANCE, OPTIONAL, REQUIRED, UNCHECKED
from imgate.exchange.requests import RenewalRequest, SignatureRequest
from imgate.http.body import read_model
from imgate.http.codes import CODES
from imgate.settings.eid import EidSettings
from imgate.vocabulary.words import EvidenceKind

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
SECTION = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def rows(section):
    return [re.findall(r"`([a-z_]+)`", line.split("|")[1]) for line in SECTION[section].splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(("model", "number"), [(SignatureRequest, 0), (RenewalRequest, 1)])
def test_the_examples_are_requests_that_are_read(model, number):
    example = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[number]
    assert set(json.loads(example)) <= set(model.model_fields)
    read_model(model, example.encode())


def test_the_service_is_a_configuration():
    configured = tomllib.loads(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0])["eid"]["bund"]
    assert EidSettings.model_validate(configured).max_age_seconds == EidSettings.model_fields["max_age_seconds"].default


def test_every_kind_has_its_row():
    assert [row[0] for row in rows("Kinds")] == [kind.value for kind in EvidenceKind]


def test_every_claim_is_named():
    assert {claim for row in rows("Assertions of an eID service") for claim in row} == REQUIRED | ASSURANCE | OPTIONAL
    (unchecked,) = re.findall(r"Deliberately not looked at: (.*?)\. Any", PAGE, re.DOTALL)
    assert set(re.findall(r"`([a-z_]+)`", unchecked)) == UNCHECKED


def test_every_refusal_that_is_named_is_in_the_catalogue():
    named = set(re.findall(r"`((?:evidence|signature|eid|authority|declaration)_[a-z_]+)`", PAGE)) - {"evidence_changed"}
    assert named
    assert named <= set(CODES)
