"""A plugin's JSON Schema reaches what imgate publishes and nothing else, and leaves nothing open."""

import json

import pytest

from imgate.adapters.json_schema import DIALECT, JsonSchemaUnusable, compile_json_schema
from imgate.adapters.published_schemas import CASE_RECORD, MESSAGE

CLOSED = {"$schema": DIALECT, "type": "object", "additionalProperties": False}


def compiled(**changed):
    return compile_json_schema(json.dumps({**CLOSED, **changed}).encode())


@pytest.mark.parametrize(
    "reference",
    [
        CASE_RECORD,
        MESSAGE,
        f"{CASE_RECORD}#/$defs/Address",
        f"{MESSAGE}#/$defs/envelope",
        f"{MESSAGE}#/$defs/header",
        "#/$defs/own",
    ],
)
def test_what_imgate_publishes_can_be_referred_to(reference):
    schema = compiled(properties={"a": {"$ref": reference}}, **{"$defs": {"own": {"type": "string"}}})
    assert {"a"} <= schema.names
    assert not schema.compiled.is_valid({"a": 1, "b": 1})


@pytest.mark.parametrize(
    "reference",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.json",
        "https://json-schema.org/draft/2020-12/schema",
        "case-record.schema.json",
        "../schemas/case-record.schema.json",
        "/etc/hostname",
        "urn:imgate:schema:case-record:2",
        "urn:imgate:schema:declaration:1",
        "",
        "%2e%2e/x",
    ],
)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_nothing_else_can_be(reference, keyword):
    with pytest.raises(JsonSchemaUnusable, match="does not publish"):
        compiled(properties={"a": {"type": "array", "items": {"anyOf": [{keyword: reference}]}}})


@pytest.mark.parametrize("reference", [f"{CASE_RECORD}#/$defs/Nobody", "#/$defs/nobody", f"{MESSAGE}#nobody"])
def test_what_a_published_schema_does_not_have_is_not_found_later(reference):
    with pytest.raises(JsonSchemaUnusable, match="does not compile"):
        compiled(properties={"a": {"$ref": reference}})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"[]",
        b"true",
        b"{}",
        b"\xff",
        b'{"type": "object", "additionalProperties": false}',
        b'{"$schema": "http://json-schema.org/draft-07/schema#", "additionalProperties": false}',
    ],
)
def test_what_is_no_schema_of_this_dialect_is_refused(content):
    with pytest.raises(JsonSchemaUnusable):
        compile_json_schema(content)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "nobody"},
        {"properties": {"a": {"format": "bogus"}}},
        {"properties": {"a": {"pattern": "["}}},
        {"properties": {"a": {"pattern": "(?=a)b"}}},
        {"properties": {"a": {"pattern": "(a)\\1"}}},
        {"properties": {"a": {"minLength": -1}}},
    ],
)
def test_what_does_not_compile_is_refused(changed):
    with pytest.raises(JsonSchemaUnusable, match="does not compile"):
        compiled(**changed)


@pytest.mark.parametrize(
    ("schema", "at"),
    [
        ({"$schema": DIALECT}, "#"),
        ({"$schema": DIALECT, "type": "object"}, "#"),
        ({"$schema": DIALECT, "properties": {}}, "#"),
        ({**CLOSED, "properties": {"a": {"properties": {}}}}, "#/properties/a"),
        ({**CLOSED, "properties": {"a": {"items": {"properties": {}}}}}, "#/properties/a/items"),
        ({**CLOSED, "properties": {"a": {"prefixItems": [{"properties": {}}]}}}, "#/properties/a/prefixItems/0"),
        ({**CLOSED, "$defs": {"a": {"properties": {}}}}, "#/$defs/a"),
        ({**CLOSED, "properties": {"properties": {"properties": {}}}}, "#/properties/properties"),
        ({"$schema": DIALECT, "$ref": "#/$defs/a", "$defs": {"a": {"properties": {}}}}, "#/$defs/a"),
        ({"$schema": DIALECT, "unevaluatedProperties": {"properties": {}}}, "#/unevaluatedProperties"),
    ],
)
def test_an_object_that_is_left_open_is_refused_with_its_place(schema, at):
    with pytest.raises(JsonSchemaUnusable) as caught:
        compile_json_schema(json.dumps(schema).encode())
    assert f"in {at}:" in str(caught.value)


def test_more_about_a_published_object_may_be_said_beside_its_reference():
    narrowed = {"$ref": CASE_RECORD, "properties": {"identifiers": {"properties": {"azr_number": False}}}}
    schema = compiled(properties={"record": narrowed})
    assert schema.compiled.is_valid({"record": {"identifiers": {"jobcenter_number": "123A456789"}}})
    assert not schema.compiled.is_valid({"record": {"identifiers": {"azr_number": "123456789012"}}})
    assert not schema.compiled.is_valid({"record": {"identifiers": {"more": 1}}})


def test_dates_are_looked_at_and_not_only_named():
    schema = compiled(properties={"a": {"type": "string", "format": "date"}})
    assert schema.compiled.is_valid({"a": "2024-02-29"})
    assert not schema.compiled.is_valid({"a": "2026-02-29"})
