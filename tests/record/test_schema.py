"""What is published about the record is what the types say."""

import copy
import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgate.record import CATALOGUE, RecordInvalid, validate_record
from imgate.record.publish import case_record_schema, published_texts

WRITE_ANEW = (
    "from pathlib import Path; from imgate.record.publish import published_texts; "
    "[Path(p).write_text(t, encoding='utf-8') for p, t in published_texts().items()]"
)


@pytest.mark.parametrize("path", published_texts())
def test_the_published_file_says_what_the_types_say(repository, path):
    file = repository / path
    assert file.exists(), f'write it: .venv/bin/python -c "{WRITE_ANEW}"'
    current = file.read_text(encoding="utf-8") == published_texts()[path]
    assert current, f'{path} is not what the types say. In the repository: .venv/bin/python -c "{WRITE_ANEW}"'


@pytest.fixture(scope="session")
def validator():
    return jsonschema_rs.Draft202012Validator(case_record_schema())


def test_the_schema_is_a_valid_schema():
    jsonschema_rs.meta.validate(case_record_schema())


def test_samples_are_valid_by_the_schema(validator, sample):
    validator.validate(json.loads(sample.read_text(encoding="utf-8")))


def test_shared_cases_are_valid_by_the_schema(validator, shared):
    for file in sorted((shared / "data" / "cases").glob("*.json")):
        validator.validate(json.loads(file.read_text(encoding="utf-8")))


def test_each_scope_stands_in_the_schema_with_its_sensitivity():
    definitions = case_record_schema()["$defs"]
    marks = [item["x-imgate"] for kind in definitions.values() for item in kind.get("properties", {}).values() if "x-imgate" in item]
    assert {mark["scope"]: (mark["sensitivity"], mark["closed"]) for mark in marks} == {
        scope: (entry.sensitivity, entry.closed) for scope, entry in CATALOGUE.scopes.items()
    }


def _places(value: Any, place=()):
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from _places(one, (*place, step))


@given(
    data=st.data(),
    value=st.sampled_from(
        [
            None,
            True,
            0,
            201,
            -1,
            1.5,
            "",
            "other",
            "A1",
            "1",
            "01",
            "475",
            "08",
            "1990",
            "1990-02",
            "2023-02-29",
            "2024-02-29",
            "sgb2",
            "ʿAlī",
            "علی",
            "a\nb",
            "a\x00b",
            "x" * 2000,
            "x" * 2001,
            "+4917612345678",
            "a@b.de",
            "355A123456",
            "2026-02-03T09:30:00Z",
            [],
            [None],
            ["475"],
            {},
            {"family": "X"},
            {"family": None},
            {"date": "1990"},
            {"x": 1},
        ],
    ),
)
def test_schema_and_validation_agree(validator, repository, data, value):
    record = json.loads((repository / "samples" / "K-2026-1101.json").read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from([place for place in _places(record) if place]))
    changed = copy.deepcopy(record)
    at = changed
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    try:
        validate_record(changed)
        valid = True
    except RecordInvalid:
        valid = False
    assert validator.is_valid(changed) == valid, place


def test_the_reference_page_names_every_scope_and_every_label():
    page = published_texts()["docs/reference/record.md"]
    for entry in CATALOGUE.scopes.values():
        assert f"| `{entry.scope}` | {entry.label} | {entry.sensitivity} | {'closed' if entry.closed else ''} |" in page
