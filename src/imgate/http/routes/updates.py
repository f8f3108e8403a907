"""Updates: what changed goes to whoever has a subscription; one client as JSON, many as one line of JSON each."""

from collections.abc import AsyncIterator, Iterator

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Scope

from imgate.adapters.errors import AdapterFault
from imgate.exchange import updates
from imgate.exchange.answers import Answer, Call
from imgate.exchange.bulk import Taken, update_each
from imgate.exchange.context import Corridor
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import UpdateRequest
from imgate.http import examples
from imgate.http.access_tokens import Caller
from imgate.http.body import header, read_body
from imgate.http.callers import CaseSystem
from imgate.http.documented import NDJSON, ONCE, WITH_BODY, gives_lines_too, refusals, takes_lines_too
from imgate.http.problems import problem, problem_of
from imgate.http.replies import answered, call_of, corridor_of, is_large, read_content, read_json
from imgate.http.shapes import UpdateTaken
from imgate.record import JsonRefused

router = APIRouter(tags=["updates"])

_ROUTE = "/v1/updates"
# As many lines as go through the corridor together: enough to share a sync of the disk, few enough for others to get between.
_AT_ONCE = 32
_REFUSED = (*WITH_BODY, *ONCE, "scope_unknown", "provenance_required", "adapter_fault", "paper_too_long", "papers_unavailable")

_log = structlog.get_logger("imgate.http")


@router.post(
    _ROUTE,
    status_code=201,
    response_model=UpdateTaken,
    responses=refusals(*_REFUSED) | gives_lines_too(UpdateTaken, examples.UPDATED_LINES),
    openapi_extra=takes_lines_too(UpdateRequest, examples.UPDATE),
)
async def update_client(request: Request, caller: CaseSystem) -> Response:
    """Send each subscribed partner what changed of a client's record since it was last sent it, as far as the client allowed it.

    An item that the record does not hold is no deletion; an empty list is a value. Many clients go as `application/x-ndjson`, one
    such request a line: the answer has one line for each, in their order, and a line that is refused stops no other.
    """
    if _says_lines(request.scope):
        return await _update_lines(request, caller)
    body, corridor = await read_json(request), corridor_of(request)
    call = call_of(request.scope, caller, body)
    if is_large(body):  # nobody is to wait for it: what follows is quick
        return await _update_one(corridor, call, body)
    async with corridor.cohort:
        return await _update_one(corridor, call, body)


async def _update_one(corridor: Corridor, call: Call, body: bytes) -> Response:
    asked = await read_content(body, UpdateRequest)
    return answered(updates.with_hints(corridor, asked, await updates.update(corridor, call, asked)))


def _says_lines(scope: Scope) -> bool:
    said = header(scope, b"content-type") or b""
    return said.partition(b";")[0].strip().lower() == NDJSON.encode()


async def _update_lines(request: Request, caller: Caller) -> Response:
    if header(request.scope, b"content-encoding") not in (None, b"", b"identity"):
        raise Refused(415, "media_type_unsupported")
    body = await read_body(request.scope, request.receive)
    call = call_of(request.scope, caller)

    async def read(line: bytes) -> UpdateRequest:
        return await read_content(line, UpdateRequest)

    async def told() -> AsyncIterator[bytes]:
        async for taken in update_each(corridor_of(request), call, _lines(body), read, at_once=_AT_ONCE):
            yield orjson.dumps(_told(taken)) + b"\n"

    return StreamingResponse(told(), media_type=NDJSON)


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut the lines out one after the other; one that is blank counts and asks for nothing."""
    number = start = 0
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        number += 1
        line = body[start:end].strip(b" \t\r")
        if line:
            yield number, line
        start = end + 1


def _told(taken: Taken) -> dict[str, object]:
    """Say which exchanges a line made, or what was wrong with it, as the problem document of a single request would."""
    outcome = taken.outcome
    if isinstance(outcome, Answer):
        return {"line": taken.number, "exchanges": updates.exchanges_of(outcome)}
    if not isinstance(outcome, Refused | JsonRefused):
        _log_fault(taken.number, outcome)
    document = problem_of(outcome) or problem("internal_error")
    return {"line": taken.number, "problem": orjson.Fragment(bytes(document.body))}


def _log_fault(line: int, fault: Exception) -> None:
    """Log a fault as the front does: the exception's class and no more, its text and its frames hold what was being worked on."""
    adapter = {"adapter": fault.adapter_id, "kind": fault.kind, "where": fault.where} if isinstance(fault, AdapterFault) else {}
    _log.error("fault", route=_ROUTE, line=line, exception=type(fault).__name__, **adapter)
