"""OpenID AuthZEN Authorization API 1.0: reading its questions and writing its answers.

400 only for what the standard itself requires (§5, §6.1, §7.1); whatever else is odd is a question like any other, and denied.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from imgate.exchange.questions import Asked, Evaluation
from imgate.exchange.refusals import Refused
from imgate.vocabulary.identifiers import is_client, is_partner
from imgate.vocabulary.reasons import Answer, Reason

SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_TUPLE = ("subject", "action", "resource", "context")
# RFC 3339 §5.6; Python's own reader also takes week dates, bare dates and times without an offset.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

Evaluate = Callable[[Asked], Evaluation]


def evaluate_one(question: object, evaluate: Evaluate) -> dict[str, Any]:
    """Answer one Access Evaluation request (§6). Raises Refused 400."""
    return _answer(_checked(_an_object(question)), evaluate)


def evaluate_many(request: object, evaluate: Evaluate) -> dict[str, Any]:
    """Answer an Access Evaluations request (§7); without evaluations it is a single one. Raises Refused 400."""
    request = _an_object(request)
    evaluations = request.get("evaluations", [])
    if not isinstance(evaluations, list):
        raise _malformed()
    options = _an_object(request.get("options", {}))
    semantic = options.get("evaluations_semantic", SEMANTICS[0])
    if semantic not in SEMANTICS:
        raise _malformed()
    if not evaluations:
        return evaluate_one(request, evaluate)
    defaults = {name: request[name] for name in _TUPLE if name in request}
    questions = [_checked(defaults | _an_object(one)) for one in evaluations]  # all are read before one is answered
    return {"evaluations": list(_answers(questions, semantic, evaluate))}


def _answers(questions: list[Mapping[str, Any]], semantic: str, evaluate: Evaluate) -> Iterator[dict[str, Any]]:
    ends_at = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(semantic)
    for question in questions:
        answer = _answer(question, evaluate)
        yield answer
        if answer["decision"] is ends_at:
            return


def _checked(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check what the standard requires: three entities with their names as strings, objects where it has objects."""
    for entity, names in (("subject", ("type", "id")), ("action", ("name",)), ("resource", ("type", "id"))):
        found = _an_object(question.get(entity))
        if not all(isinstance(found.get(name), str) for name in names):
            raise _malformed()
        _an_object(found.get("properties", {}))
    _an_object(question.get("context", {}))
    return question


def _answer(question: Mapping[str, Any], evaluate: Evaluate) -> dict[str, Any]:
    evaluation = _evaluated(question, evaluate)
    context = {"reason": evaluation.reason}
    if evaluation.declaration is not None:
        context["declaration"] = evaluation.declaration
    return {"decision": evaluation.decision, "context": context}


def _evaluated(question: Mapping[str, Any], evaluate: Evaluate) -> Evaluation:
    subject, action, resource, context = question["subject"], question["action"], question["resource"], question.get("context", {})
    if subject["type"] != "partner" or resource["type"] != "scope":
        return Evaluation(False, Reason.UNKNOWN_SCOPE)
    at = _moment(context["at"]) if "at" in context else None
    if at is None and "at" in context:
        return Evaluation(False, Answer.UNREADABLE_TIME)
    provenance = context.get("provenance", {})
    if not isinstance(provenance, dict) or not isinstance(provenance.get(resource["id"], ""), str):
        return Evaluation(False, Answer.PROVENANCE_REQUIRED)
    client, purpose = resource.get("properties", {}).get("client"), context.get("purpose")
    return evaluate(
        Asked(
            partner=subject["id"] if is_partner(subject["id"]) else "",  # no partner has this name: what cannot be one is unknown
            direction=action["name"],
            purpose=purpose if isinstance(purpose, str) else None,
            scope=resource["id"],
            client=client if isinstance(client, str) and is_client(client) else None,
            at=at,
            provenance={scope: origin for scope, origin in provenance.items() if isinstance(origin, str)},
        )
    )


def _moment(said: object) -> datetime | None:
    """Read an RFC 3339 time with its offset, or give None."""
    if not isinstance(said, str) or _TIME.fullmatch(said) is None:
        return None
    try:
        return datetime.fromisoformat(said.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _an_object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _malformed() -> Refused:
    return Refused(400, "evaluation_invalid")
