"""How a route is documented: which answers it gives, which body it takes. The problem documents come from the catalogue."""

from typing import Any

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
        "description": "; ".join(f"`{name}`: {CODES[name].title.lower()}" for name in names),
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def takes(model: type[BaseModel], example: object, *, once: bool = False, required: bool = True) -> dict[str, Any]:
    """Document a JSON body, which the route reads itself. ``once``: the route takes an Idempotency-Key."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {"required": required, "content": {"application/json": {"schema": schema, "example": example}}}
    return {"requestBody": body} | ({"parameters": [_IDEMPOTENCY_KEY]} if once else {})


def takes_bytes(*, description: str) -> dict[str, Any]:
    """Document a body in a format that is agreed elsewhere, under an Idempotency-Key."""
    body = {"required": True, "description": description, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    return {"requestBody": body, "parameters": [_IDEMPOTENCY_KEY]}
