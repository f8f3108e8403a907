"""How a route is documented: which answers it gives, which body it takes. The problem documents come from the catalogue."""

from typing import Any

import orjson
from pydantic import BaseModel

from imgate.http.codes import CODES
from imgate.http.problems import MEDIA_TYPE

_JSON_BODY = (
    "not_json",
    "not_utf8",
    "duplicate_key",
    "lone_surrogate",
    "number_not_finite",
    "integer_too_large",
    "too_deep",
    "body_too_large",
    "media_type_unsupported",
)
# What every operation that asks for a token can answer, and what each one with a JSON body can.
GUARDED = ("token_missing", "token_invalid", "forbidden", "internal_error", "unavailable")
JSON_ONLY = (*GUARDED, *_JSON_BODY)
WITH_BODY = (*JSON_ONLY, "request_invalid")
ONCE = ("idempotency_key_invalid", "idempotency_key_reused", "busy")

NDJSON = "application/x-ndjson"

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Kept for 24 hours: the same request under the same key is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document problem documents, one answer per status, each with the codes that it can have."""
    by_status: dict[int | str, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code].status, []).append(code)
    return {status: _refusal(names) for status, names in sorted(by_status.items(), key=str)}


def _refusal(names: list[str]) -> dict[str, Any]:
    first = CODES[names[0]]
    schema = {"allOf": [{"$ref": "#/components/schemas/ProblemDocument"}, {"properties": {"code": {"enum": names}}}]}
    example = {"type": first.type, "title": first.title, "status": first.status, "code": first.name}
    return {
        "description": "; ".join(f"`{name}`: {_in_a_sentence(CODES[name].title)}" for name in names),
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def _in_a_sentence(title: str) -> str:
    return title[0].lower() + title[1:]


def takes(model: type[BaseModel], example: object, *, once: bool = False, required: bool = True) -> dict[str, Any]:
    """Document a JSON body, which the route reads itself. ``once``: the route takes an Idempotency-Key."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {"required": required, "content": {"application/json": {"schema": schema, "example": example}}}
    return {"requestBody": body} | ({"parameters": [_IDEMPOTENCY_KEY]} if once else {})


def takes_bytes(*, description: str) -> dict[str, Any]:
    """Document a body in a format that is agreed elsewhere, under an Idempotency-Key."""
    body = {"required": True, "description": description, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    return {"requestBody": body, "parameters": [_IDEMPOTENCY_KEY]}


def takes_lines_too(model: type[BaseModel], example: object) -> dict[str, Any]:
    """Document a body that is one request as JSON, or many of them as one line each, under an Idempotency-Key."""
    documented = takes(model, example, once=True)
    line = orjson.dumps(example).decode()
    schema = {"type": "string", "description": f"One `{model.__name__}` a line."}
    documented["requestBody"]["content"][NDJSON] = {"schema": schema, "example": f"{line}\n"}
    return documented


def gives_lines_too(shape: object, example: list[dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """Document a 200 that is one answer of this shape, or the outcome of many lines as one line each."""
    lines = "".join(f"{orjson.dumps(line).decode()}\n" for line in example)
    schema = {"type": "string", "description": "One object a line: `line` with `exchanges`, or with `problem`, a `ProblemDocument`."}
    description = "Nothing had to be sent; or, of many lines, what became of each."
    return {200: {"model": shape, "description": description, "content": {NDJSON: {"schema": schema, "example": lines}}}}
