"""The published forms of the record: the JSON Schema for machines, the reference page for people.

Both are generated from the types and stand in the repository, so that they can be read without running anything; a test
compares them with the types. The schema describes a record as ``validate_record`` returns it: text in NFC and, but for free text, trimmed.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from imgate.record.case_record import CaseRecord
from imgate.record.catalogue import CATALOGUE
from imgate.record.fields import fields_of, record_types_within
from imgate.record.marks import Label
from imgate.record.reference import record_reference
from imgate.record.text import TEXT_TYPES

Schema = dict[str, Any]


def published_texts() -> dict[str, str]:
    """Return the text of each published file by its path in the repository."""
    return {
        "schemas/case-record.schema.json": json.dumps(case_record_schema(), ensure_ascii=False, indent=2) + "\n",
        "docs/reference/record.md": record_reference(),
    }


def case_record_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a case record, with German titles and, on each item, what it is as a scope."""
    schema = TypeAdapter(CaseRecord).json_schema()
    kinds: dict[str, Schema] = {name: _plain(kind) for name, kind in schema["$defs"].items()}
    record = _plain(schema)
    for record_type in record_types_within(CaseRecord):
        described = record if record_type is CaseRecord else kinds[record_type.__name__]
        for field in fields_of(record_type):
            if label := field.mark(Label):
                described["properties"][field.name]["title"] = label.german
    for section in fields_of(CaseRecord):
        for item, described in kinds[section.kind.__name__]["properties"].items():  # type: ignore[attr-defined]  # a TypedDict
            entry = CATALOGUE.scopes[f"{section.name}.{item}"]
            described["title"] = entry.label
            described["x-imgate"] = {"scope": entry.scope, "sensitivity": entry.sensitivity.value, "closed": entry.closed}
    texts = {f"text.{kind.name}": {"title": kind.german, **kind.shape()} for kind in TEXT_TYPES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:imgate:schema:case-record:{CATALOGUE.version}",
        "title": f"Case record, catalogue {CATALOGUE.version}",
        **record,
        "$defs": {**kinds, **texts},
    }


_TEXT_REFERENCES = [(kind.shape(), {"$ref": f"#/$defs/text.{kind.name}"}) for kind in TEXT_TYPES]


def _plain(schema: Schema) -> Schema:
    """Take off what pydantic made of the names and docstrings of our classes, and name the kinds of text."""
    plain: Schema = {key: value for key, value in schema.items() if key not in ("title", "description", "$defs")}
    for shape, reference in _TEXT_REFERENCES:
        if plain == shape:
            return dict(reference)
    if "properties" in plain:
        plain["properties"] = {name: _plain(inner) for name, inner in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = _plain(plain["items"])
    if "anyOf" in plain:
        plain["anyOf"] = [_plain(inner) for inner in plain["anyOf"]]
    return plain
