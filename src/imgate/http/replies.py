"""From a request to a call of the corridor, and from its result to a response."""

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ParamSpec, TypeVar

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from imgate.exchange.answers import Answer, Call
from imgate.exchange.context import Corridor
from imgate.exchange.refusals import Refused
from imgate.exchange.stored import Cursor
from imgate.http.access_tokens import Caller
from imgate.http.body import check_json_type, headers, read_body, read_model
from imgate.vocabulary.identifiers import CLIENT_PATTERN, PARTNER_PATTERN, UUID_PATTERN

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

JSON = "application/json"
# A larger body is read in a thread, so that one caller does not hold up everybody.
_INLINE_MAX = 256 * 1024
_KEY = re.compile(rb"[\x21-\x7e]{1,255}")


def corridor_of(request: Request) -> Corridor:
    """Give the corridor that this app was made for."""
    corridor: Corridor = request.app.state.corridor
    return corridor


def call_of(scope: Scope, caller: Caller, body: bytes = b"") -> Call:
    """Say who asks what, for idempotency and the audit log. Raises Refused 400 for a key that cannot be one."""
    keys = headers(scope, b"idempotency-key")
    if not keys:
        return Call(caller.id, scope["path"], None, body)
    if len(keys) > 1 or _KEY.fullmatch(keys[0]) is None:
        raise Refused(400, "idempotency_key_invalid")
    return Call(caller.id, scope["path"], keys[0].decode("ascii"), body)


async def read_request(request: Request, model: type[M], *, empty: bytes = b"") -> tuple[bytes, M]:
    """Read the body, and what it says. ``empty`` is what no body at all stands for. Raises Refused, JsonRefused."""
    body = await read_json(request) or empty
    return body, await read_content(body, model)


async def read_json(request: Request) -> bytes:
    """Read a body that says it is JSON. Raises Refused."""
    check_json_type(request.scope)
    return await read_body(request.scope, request.receive)


async def read_content(body: bytes, model: type[M]) -> M:
    """Read what a body says. Raises Refused, JsonRefused."""
    return await run_in_threadpool(read_model, model, body) if is_large(body) else read_model(model, body)


def is_large(body: bytes) -> bool:
    """Tell whether a body is to be read in a thread."""
    return len(body) > _INLINE_MAX


async def blocking(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step of the corridor that waits for the database in a thread."""
    return await run_in_threadpool(step, *args, **kwargs)


async def examining(request: Request, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step that may examine evidence, which takes seconds: few at once, in threads that nobody else waits for."""
    limiter: CapacityLimiter = request.app.state.examinations
    return await run_sync(partial(step, *args, **kwargs), limiter=limiter)


async def typesetting(request: Request, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step that sets a paper. One is set at a time, so that whoever waits must not hold a thread that others need."""
    limiter: CapacityLimiter = request.app.state.typesetting
    return await run_sync(partial(step, *args, **kwargs), limiter=limiter)


def answered(answer: Answer) -> Response:
    """Send what the corridor answered, byte for byte."""
    return Response(answer.body, answer.status, media_type=JSON)


def shown(content: dict[str, Any]) -> Response:
    """Send what the corridor showed."""
    return Response(orjson.dumps(content), media_type=JSON)


def nothing_more() -> Response:
    """Say that it is done, and no more."""
    return Response(status_code=204)


def _cursor(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items at most.")] = 100,
    after: Annotated[str | None, Query(max_length=512, description="`next` of the page before.")] = None,
) -> Cursor:
    return Cursor(after, limit)


ListCursor = Annotated[Cursor, Depends(_cursor)]
Id = Annotated[str, Path(pattern=UUID_PATTERN)]
ClientInPath = Annotated[str, Path(json_schema_extra={"pattern": CLIENT_PATTERN}, description="The case system's own reference.")]
PartnerInPath = Annotated[str, Path(json_schema_extra={"pattern": PARTNER_PATTERN}, description="The partner's id in imgate.toml.")]
ClientInQuery = Annotated[str, Query(pattern=CLIENT_PATTERN, description="The case system's own reference.")]
