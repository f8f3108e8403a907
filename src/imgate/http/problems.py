"""Problem documents (RFC 9457) and what they are made from. None carries a word of the input."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Protocol

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from imgate.adapters.errors import AdapterFault
from imgate.consent.declaration import OCCASION_MIN
from imgate.exchange.ports import BadCursor, Unavailable
from imgate.exchange.refusals import Refused
from imgate.http.codes import CODE_OF_STATUS, CODES
from imgate.record import JsonRefused

MEDIA_TYPE = "application/problem+json"
# RFC 6750 §3: no error is named to somebody who sent no token.
_CHALLENGE = {False: 'Bearer realm="imgate"', True: 'Bearer realm="imgate", error="invalid_token"'}
# What a code alone does not say, where no finder of the problem says more.
_HINTS = {"occasion_too_short": f"at least {OCCASION_MIN} characters"}


class Placed(Protocol):
    """One thing that is wrong at one place; the record and the corridor each have such a type."""

    @property
    def code(self) -> str:
        """A stable code."""

    @property
    def pointer(self) -> str:
        """An RFC 6901 pointer with known names only."""

    @property
    def hint(self) -> str | None:
        """What to do about it, in a sentence, where there is more to say than the code does."""


def problem(
    code: str,
    problems: Iterable[Placed] = (),
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, object] | None = None,
) -> Response:
    """Make a problem document. ``details`` are ids and scopes of our own that go into it as they are."""
    known = CODES.get(code)
    status = status if status is not None else known.status if known is not None else 500
    document: dict[str, Any] = {
        "type": f"urn:imgate:problem:{code}",
        "title": known.title if known is not None else code,
        "status": status,
        "code": code,
    }
    listed = [_placed(one) for one in problems]
    if listed:
        document["problems"] = listed
    if details:
        document |= details
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": _CHALLENGE[code == "token_invalid"]}
    return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)


def _placed(one: Placed) -> dict[str, str]:
    hint = one.hint if one.hint is not None else _HINTS.get(one.code)
    return {"code": one.code, "pointer": one.pointer} | ({} if hint is None else {"hint": hint})


def problem_of(error: Exception) -> Response | None:
    """Give the document for what a step refused, or None for what nobody foresaw."""
    match error:
        case Refused():
            return problem(error.code, error.problems, status=error.status, details=error.details)
        case BadCursor():
            return problem("cursor_invalid")
        case AdapterFault():
            return problem("adapter_fault")
        case Unavailable():
            return problem("unavailable")
        case JsonRefused():
            return problem(error.code.value)
        case RequestValidationError():
            return _of_parameters(error)
        case HTTPException():
            return problem(CODE_OF_STATUS.get(error.status_code, "bad_request"), status=error.status_code, headers=error.headers)
        case _:
            return None


async def foreseen(_: Request, error: Exception) -> Response:
    """Answer FastAPI's exceptions and the corridor's refusals."""
    return problem_of(error) or problem("internal_error")


class _InQuery:
    def __init__(self, code: str, name: str) -> None:
        self.code, self.pointer, self.hint = code, f"/{name}", None


_PARAMETER_CODES = {
    "missing": "missing",
    "int_parsing": "wrong_type",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_too_long": "too_long",
}


def _of_parameters(error: RequestValidationError) -> Response:
    """A path that no id can have leads nowhere; of a query, name the parameter, which is one of ours."""
    found = error.errors()
    if any(one["loc"][0] == "path" for one in found):
        return problem("not_found")
    return problem("request_invalid", [_InQuery(_PARAMETER_CODES.get(one["type"], "shape"), str(one["loc"][-1])) for one in found])
