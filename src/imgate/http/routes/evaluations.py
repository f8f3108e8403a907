"""AuthZEN's two endpoints and their metadata document."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange import questions
from imgate.http import examples
from imgate.http.authzen import SEMANTICS, evaluate_many, evaluate_one
from imgate.http.body import check_json_type, read_body
from imgate.http.callers import CaseSystemOrAuditor
from imgate.http.documented import JSON_ONLY, refusals
from imgate.http.replies import blocking, corridor_of, shown
from imgate.http.standard_shapes import Decision, Decisions
from imgate.record import parse_json

router = APIRouter(tags=["authzen"])

_ENTITY = {
    "type": "object",
    "required": ["type", "id"],
    "properties": {"type": {"type": "string"}, "id": {"type": "string"}, "properties": {"type": "object"}},
}
_ACTION = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "properties": {"type": "object"}}}
_TUPLE = {"subject": _ENTITY, "action": _ACTION, "resource": _ENTITY, "context": {"type": "object"}}
_ONE = {"type": "object", "required": ["subject", "action", "resource"], "properties": _TUPLE}
_MANY = {
    "type": "object",
    "properties": {
        **_TUPLE,
        "evaluations": {"type": "array", "items": {"type": "object", "properties": _TUPLE}},
        "options": {"type": "object", "properties": {"evaluations_semantic": {"enum": list(SEMANTICS)}}},
    },
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": "Echoed in the answer, up to 128 visible ASCII characters.",
    "schema": {"type": "string"},
}


def _takes(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}
    return {"requestBody": body, "parameters": [_REQUEST_ID]}


async def _question(request: Request) -> object:
    check_json_type(request.scope)
    return parse_json(await read_body(request.scope, request.receive))


@router.post(
    "/access/v1/evaluation",
    response_model=Decision,
    responses=refusals(*JSON_ONLY, "evaluation_invalid"),
    openapi_extra=_takes(_ONE, examples.EVALUATION),
)
async def evaluate_scope(request: Request, caller: CaseSystemOrAuditor) -> Response:
    """Ask whether one scope may pass. Nothing moves, nothing is stored."""
    question = await _question(request)
    return shown(await blocking(evaluate_one, question, partial(questions.evaluate, corridor_of(request))))


@router.post(
    "/access/v1/evaluations",
    response_model=Decisions | Decision,
    responses=refusals(*JSON_ONLY, "evaluation_invalid"),
    openapi_extra=_takes(_MANY, examples.EVALUATIONS),
)
async def evaluate_scopes(request: Request, caller: CaseSystemOrAuditor) -> Response:
    """Ask about several scopes at once, with defaults; without ``evaluations`` it is one question with one answer."""
    question = await _question(request)
    return shown(await blocking(evaluate_many, question, partial(questions.evaluate, corridor_of(request))))
