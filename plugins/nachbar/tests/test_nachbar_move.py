"""A move: what the old office's gateway writes, the new office's gateway reads, and nothing else gets across."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from imgate.adapters.errors import AdapterFault
from imgate.adapters.registry import load_plugins
from imgate.conformance.released import release
from imgate.plugin_api import Attachment, Envelope, MessageUnreadable, Release, ReleasedRecord
from imgate.vocabulary.words import Direction

PLUGIN = Path(__file__).parents[1]
RECORD = json.loads((PLUGIN / "tests" / "records" / "full.json").read_text(encoding="utf-8"))
CODE = "UMZUG-7K3F-9Q2M"
BUNDLE = Attachment("declaration_bundle", "declaration-0198c0de.json", "application/json", b'{"manifest": {}}')
ENVELOPE = Envelope(
    message_id="0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de",
    created_at="2026-02-02T08:00:00Z",
    sender="Integrationsmanagement Waiblingen",
    recipient="Integrationsmanagement Freiburg",
    reference=CODE,
    purpose="case_handover",
    attachments=(BUNDLE,),
)
SECRET = "Geheimnis-4711"


@pytest.fixture(scope="module")
def old_office():
    return load_plugins().adapter("nachbar", {})


@pytest.fixture(scope="module")
def new_office():
    return load_plugins().adapter("nachbar", {})


def handed_over(old_office, *scopes, record=RECORD, envelope=ENVELOPE):
    return old_office.validate(old_office.translate(release(record, scopes or old_office.ceiling[Direction.TO_PARTNER]), envelope)).content


def test_the_whole_case_arrives_as_it_was_released(old_office, new_office):
    reading = new_office.read(handed_over(old_office), "application/json")
    (person,) = reading.people
    released = release(RECORD, old_office.ceiling[Direction.TO_PARTNER]).record
    assert person.record == {section: dict(items) for section, items in released.items()}
    assert (person.reference, reading.purpose, reading.message_id) == (CODE, "case_handover", ENVELOPE.message_id)


@pytest.mark.parametrize("scope", ["plan.goals", "notes.counselling", "health.constraints", "residence.status"])
def test_one_scope_moves_alone(old_office, new_office, scope):
    message = handed_over(old_office, scope)
    section, _, item = scope.partition(".")
    (person,) = new_office.read(message).people
    assert person.record == {section: {item: RECORD[section][item]}}
    assert set(json.loads(message)["content"]["record"]) == {section}


def test_the_bundle_travels_along_byte_for_byte(old_office, new_office):
    assert new_office.read(handed_over(old_office, "plan.goals")).attachments == (BUNDLE,)


def test_a_message_without_a_bundle_is_read_as_well(old_office, new_office):
    message = handed_over(old_office, "plan.goals", envelope=replace(ENVELOPE, attachments=()))
    assert new_office.read(message).attachments == ()


def test_the_new_office_is_told_under_what_each_scope_passes(old_office):
    releases = {
        "plan.goals": Release("Integrationsmanagement Waiblingen", "self", "2026-12-31"),
        "residence.status": Release("Integrationsmanagement Waiblingen", "abh-waiblingen", "2026-06-30"),
    }
    record = {"plan": {"goals": []}, "residence": {"status": {"code": "1"}}}
    message = old_office.validate(old_office.translate(ReleasedRecord(record, releases), ENVELOPE))
    assert json.loads(message.content)["envelope"]["releases"] == [
        {"scopes": ["plan.goals"], "discloser": "Integrationsmanagement Waiblingen", "origin": "self", "until": "2026-12-31"},
        {
            "scopes": ["residence.status"],
            "discloser": "Integrationsmanagement Waiblingen",
            "origin": "abh-waiblingen",
            "until": "2026-06-30",
        },
    ]


@pytest.mark.parametrize(
    ("section", "item", "value"),
    [
        ("identifiers", "azr_number", "120304050607"),
        ("contact", "address", {"street": SECRET, "postal_code": "71332", "city": "Waiblingen"}),
        ("work", "proposals", []),
        ("housing", "situation", {"kind": "own_flat"}),
    ],
)
def test_what_never_moves_is_neither_written_nor_read(old_office, new_office, section, item, value):
    with pytest.raises(AdapterFault, match="translation_fault"):
        old_office.translate(release({section: {item: value}}, {f"{section}.{item}"}), ENVELOPE)
    message = json.loads(handed_over(old_office, "plan.goals"))
    message["content"]["record"][section] = {item: value}
    body = json.dumps(message).encode()
    with pytest.raises(MessageUnreadable, match="schema_invalid"):
        new_office.read(body)
    (problem,) = [one for one in new_office.explain(body) if one.code == "unexpected_member"]
    assert problem.column == f"content/record/{section}/{item}"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (lambda root: root["content"]["record"].update({SECRET: {}}), "content/record"),
        (lambda root: root["content"].update({SECRET: {}}), "content"),
        (lambda root: root.update({SECRET: {}}), None),
        (lambda root: root["envelope"].pop("releases"), "envelope/releases"),
        (lambda root: root["envelope"].pop("purpose"), "envelope/purpose"),
        (lambda root: root["envelope"].update(confidentiality=SECRET), "envelope/confidentiality"),
        (lambda root: root["content"]["record"]["plan"]["goals"][0].update(field=SECRET), "content/record/plan/goals/0/field"),
        (lambda root: root["content"]["record"]["plan"]["goals"][0].update({SECRET: 1}), "content/record/plan/goals/0"),
        (lambda root: root["content"]["record"]["plan"].update(goals=None), "content/record/plan/goals"),
    ],
)
def test_the_sending_office_is_told_the_place_and_no_value(old_office, new_office, change, column):
    message = json.loads(handed_over(old_office, "plan.goals"))
    change(message)
    body = json.dumps(message).encode()
    with pytest.raises(MessageUnreadable, match="schema_invalid"):
        new_office.read(body)
    problems = new_office.explain(body)
    assert column in [problem.column for problem in problems]
    assert SECRET not in repr(problems)


def test_a_header_is_not_enough_for_another_gateway(new_office):
    header = {"messageId": ENVELOPE.message_id, "createdAt": ENVELOPE.created_at, "reference": CODE}
    with pytest.raises(MessageUnreadable, match="schema_invalid"):
        new_office.read(json.dumps({"header": header, "content": {"record": {}}}).encode())


def test_any_reference_that_two_offices_agree_on_goes(old_office, new_office):
    for reference in (CODE, "x" * 64, '"\\<ü>&', "a" * 16, "\U0001f600"):
        message = handed_over(old_office, "plan.goals", envelope=replace(ENVELOPE, reference=reference))
        assert new_office.read(message).people[0].reference == reference


def test_the_readme_s_message_is_one_that_is_read(new_office):
    (message,) = re.findall(r"^```json\n(.*?)^```$", (PLUGIN / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (person,) = new_office.read(message.encode(), "application/json").people
    assert (person.reference, set(person.record)) == (CODE, {"language", "plan"})


def test_the_samples_are_what_another_gateway_sends(new_office):
    samples = sorted((PLUGIN / "src" / "imgate_nachbar" / "samples").glob("*.json"))
    assert samples
    for sample in samples:
        (person,) = new_office.read(sample.read_bytes()).people
        assert person.reference == "REFERENCE"
        assert person.record
