"""Writes the part of ``docs/reference/plugin-api.md`` that is about ``adapter.toml``, from the types that read it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from imgate.adapters.manifest import CodeListUse, DirectionManifest, FromPartnerManifest, Manifest

_TABLES: Mapping[str, type[BaseModel]] = {
    "at the top": Manifest,
    "`[to_partner]`": DirectionManifest,
    "`[from_partner]`, beside what `[to_partner]` has": FromPartnerManifest,
    "`[[code_lists]]`": CodeListUse,
}


def manifest_reference() -> str:
    """Give the section."""
    return "".join(["\n## `adapter.toml`\n\nWhat an adapter is, readable without running code. It lies beside the code.\n", *_tables()])


def _tables() -> Iterator[str]:
    for title, model in _TABLES.items():
        yield f"\n**Entries {title}.** {_text(model)}\n\n| entry | kind | |\n|---|---|---|\n"
        schema = model.model_json_schema(by_alias=True)
        inherited = set[str]().union(*(base.model_fields for base in model.__bases__ if issubclass(base, BaseModel)))
        for name, field in model.model_fields.items():
            entry = field.alias or name
            if name not in inherited:
                kind = _kind(schema["properties"][entry], schema.get("$defs", {}))
                yield f"| `{entry}` | {kind} | {'required' if field.is_required() else 'may be absent'} |\n"


def _text(model: type[BaseModel]) -> str:
    return " ".join(re.sub(r"``(.+?)``", r"`\1`", model.__doc__ or "").split())


def _kind(entry: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    match entry:
        case {"$ref": str(name)}:
            return _kind(definitions[name.rpartition("/")[2]], definitions)
        case {"anyOf": [first, {"type": "null"}]}:
            return _kind(first, definitions)
        case {"enum": list(words)}:
            return " or ".join(f"`{word}`" for word in words)
        case {"const": word}:
            return f"`{word}`"
        case {"type": "array", "items": each}:
            return f"list of {_kind(each, definitions)}"
        case {"type": "string", "pattern": str(pattern)}:
            return f"text `{pattern.replace('|', chr(92) + '|')}`"
        case {"type": "object"}:
            return "table"
        case {"type": "integer"}:
            return "number"
        case _:
            return "text"
