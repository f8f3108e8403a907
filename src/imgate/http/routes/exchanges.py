"""Exchanges: send, preview, look at."""

from fastapi import APIRouter, Request, Response

from imgate.exchange import foreseen, history, outbound
from imgate.exchange import retry as retrying
from imgate.exchange.requests import ExchangeRequest
from imgate.http import examples
from imgate.http.callers import CASE_SYSTEM, Admin, CaseSystem, CaseSystemOrAuditor
from imgate.http.documented import GUARDED, ONCE, WITH_BODY, refusals, takes
from imgate.http.replies import (
    ClientInQuery,
    Id,
    ListCursor,
    answered,
    blocking,
    call_of,
    corridor_of,
    is_large,
    read_content,
    read_json,
    read_request,
    shown,
    typesetting,
)
from imgate.http.shapes import ExchangeMade, ExchangeRetried, ExchangeShown, Listed, Preview

router = APIRouter(tags=["exchanges"])

_DECIDED = ("partner_unknown", "purpose_unknown", "scope_unknown", "link_missing", "provenance_required")
_REFUSED = (*WITH_BODY, *_DECIDED, "adapter_fault", "paper_too_long", "papers_unavailable")


@router.post(
    "/v1/exchanges",
    status_code=201,
    response_model=ExchangeMade,
    responses=refusals(*_REFUSED, *ONCE),
    openapi_extra=takes(ExchangeRequest, examples.EXCHANGE, once=True),
)
async def create_exchange(request: Request, caller: CaseSystem) -> Response:
    """Pass a client's data to a partner, as far as the client allowed it; 201 once it is on record, whatever was withheld."""
    body, corridor = await read_json(request), corridor_of(request)
    call = call_of(request.scope, caller, body)
    if is_large(body):  # nobody is to wait for it: what follows is quick
        return answered(await outbound.send(corridor, call, await read_content(body, ExchangeRequest)))
    async with corridor.cohort:
        return answered(await outbound.send(corridor, call, await read_content(body, ExchangeRequest)))


async def create_exchange_at_once(request: Request) -> Response:
    """Do the same without a router."""
    return await create_exchange(request, await CASE_SYSTEM(request))


@router.post(
    "/v1/exchanges/preview",
    response_model=Preview,
    responses=refusals(*_REFUSED),
    openapi_extra=takes(ExchangeRequest, examples.EXCHANGE),
)
async def preview_exchange(request: Request, caller: CaseSystem) -> Response:
    """Show what would be released and withheld, and what would leave, byte for byte but for message id and time. Stores nothing."""
    _, content = await read_request(request, ExchangeRequest)
    corridor = corridor_of(request)
    partner = corridor.partners.get(content.partner)
    if partner is not None and partner.paper:
        return shown(await typesetting(request, foreseen.preview, corridor, content))
    return shown(await blocking(foreseen.preview, corridor, content))


@router.get("/v1/exchanges", response_model=Listed[ExchangeShown], responses=refusals(*GUARDED, "request_invalid", "cursor_invalid"))
async def list_exchanges(request: Request, caller: CaseSystemOrAuditor, client: ClientInQuery, cursor: ListCursor) -> Response:
    """List a client's exchanges, in the order of acceptance."""
    return shown(await blocking(history.page, corridor_of(request), client, cursor))


@router.get("/v1/exchanges/{id}", response_model=ExchangeShown, responses=refusals(*GUARDED, "not_found"))
async def show_exchange(request: Request, caller: CaseSystemOrAuditor, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Show one exchange: state and history, scopes and reasons, never values."""
    return shown(await blocking(history.show, corridor_of(request), id))


@router.post(
    "/v1/exchanges/{id}/retry",
    response_model=ExchangeRetried,
    responses=refusals(*GUARDED, "not_found", "not_failed", "idempotency_key_invalid"),
)
async def retry_exchange(request: Request, caller: Admin, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Queue a message again that was given up; whether it may still leave is decided at the attempt."""
    return shown(await blocking(retrying.retry, corridor_of(request), call_of(request.scope, caller), id))
