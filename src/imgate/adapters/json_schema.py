"""A plugin's JSON Schema: compiled once, able to reach nothing but the schemas that imgate publishes, and closed.

JSON Schema leaves an object open unless it says otherwise, and a word that it does not know it ignores. An open object lets out
what nobody looked at, so a schema that does not say of each object what else may stand in it is refused at start.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from imgate.adapters.published_schemas import PUBLISHED_JSON, published_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCES = ("$ref", "$dynamicRef")
# Keywords with one schema, and with several by name or in a list, that describe a value of its own. What stands below allOf, if and
# the like describes the same value again; the object around it says that it is closed.
_ONE = ("items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_NAMED = ("properties", "patternProperties", "$defs")
_CLOSING = ("additionalProperties", "unevaluatedProperties")


class JsonSchemaUnusable(Exception):
    """A plugin's schema does not compile, refers to something other than what imgate publishes, or is open. A part of a sentence."""


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A plugin's schema: the bytes whose digest the manifest names, what jsonschema-rs made of them, and the names that it knows.

    ``compiled`` may be used by several threads at once.
    """

    content: bytes
    compiled: jsonschema_rs.Draft202012Validator
    names: frozenset[str]


def compile_json_schema(content: bytes) -> JsonSchema:
    """Compile a plugin's schema. Raises JsonSchemaUnusable."""
    try:
        schema = json.loads(content)
    except ValueError:
        raise JsonSchemaUnusable("is not JSON") from None
    if not isinstance(schema, dict) or schema.get("$schema") != DIALECT:
        raise JsonSchemaUnusable(f'does not say "$schema": "{DIALECT}"')
    _refuse_other_schemas(schema)
    _refuse_open_objects(schema, "#", root=True)
    try:
        # Patterns by the engine whose time is linear in the text: a stranger's text meets them.
        compiled = jsonschema_rs.Draft202012Validator(
            schema,
            registry=_published(),
            offline=True,
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise JsonSchemaUnusable(f"does not compile: {str(error).splitlines()[0]}") from None
    return JsonSchema(content, compiled, frozenset(_names(schema)) | _published_names())


@cache
def _published_schemas() -> dict[str, Any]:
    return {urn: json.loads(published_schema(name)) for urn, name in PUBLISHED_JSON.items()}


@cache
def _published() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry(list(_published_schemas().items()), draft=jsonschema_rs.Draft202012)


@cache
def _published_names() -> frozenset[str]:
    return frozenset(name for schema in _published_schemas().values() for name in _names(schema))


def _refuse_other_schemas(schema: object) -> None:
    for inner in _objects(schema):
        for keyword in _REFERENCES:
            target = inner.get(keyword)
            if isinstance(target, str) and not target.startswith("#") and target.partition("#")[0] not in PUBLISHED_JSON:
                raise JsonSchemaUnusable("refers to a schema that imgate does not publish")


def _refuse_open_objects(schema: object, at: str, *, root: bool = False) -> None:
    """Ask of the root and of each object with named members that it says what else may stand in it.

    What stands beside a reference narrows something that is closed already.
    """
    if not isinstance(schema, dict):
        return
    referring = "$ref" in schema
    if (root or "properties" in schema) and not referring and not any(word in schema for word in _CLOSING):
        raise JsonSchemaUnusable(f'leaves open what else may stand in {at}: it needs "additionalProperties": false')
    for keyword in () if referring else _ONE:
        _refuse_open_objects(schema.get(keyword), f"{at}/{keyword}")
    for keyword in ("$defs",) if referring else _NAMED:
        inner = schema.get(keyword)
        for name, one in inner.items() if isinstance(inner, dict) else ():
            _refuse_open_objects(one, f"{at}/{keyword}/{name}")
    for number, one in enumerate(() if referring else schema.get("prefixItems") or ()):
        _refuse_open_objects(one, f"{at}/prefixItems/{number}")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _names(schema: object) -> Iterator[str]:
    """Yield the names of members that a schema knows."""
    for inner in _objects(schema):
        named = inner.get("properties")
        if isinstance(named, dict):
            yield from named
