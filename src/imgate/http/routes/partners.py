"""The partner's side: hand in a message, fetch and acknowledge what waits. A partner sees its own path only."""

from fastapi import APIRouter, Request, Response

from imgate.exchange import boxes, inbound, receipts
from imgate.exchange.refusals import Refused
from imgate.exchange.requests import RejectRequest
from imgate.http import examples
from imgate.http.body import header, read_body
from imgate.http.callers import OWN_PARTNER, OwnPartner
from imgate.http.documented import GUARDED, ONCE, WITH_BODY, refusals, takes, takes_bytes
from imgate.http.replies import Id, ListCursor, PartnerInPath, answered, blocking, call_of, corridor_of, nothing_more, read_request, shown
from imgate.http.shapes import Listed, MessageTaken, OutboxItemShown

router = APIRouter(tags=["partners"])

_CALLBACK_MAX = 64 * 1024


@router.post(
    "/v1/partners/{partner}/messages",
    status_code=202,
    response_model=MessageTaken,
    responses=refusals(*GUARDED, *ONCE, "not_found", "body_too_large", "media_type_unsupported", "message_unreadable"),
    openapi_extra=takes_bytes(description="One message in the partner's own format."),
)
async def hand_in_message(request: Request, caller: OwnPartner, partner: PartnerInPath) -> Response:
    """Take a message in. The answer is the same whoever it is about; ``problems`` holds only what the bytes alone show."""
    if header(request.scope, b"content-encoding") not in (None, b"", b"identity"):
        raise Refused(415, "media_type_unsupported")
    body = await read_body(request.scope, request.receive)
    media_type = header(request.scope, b"content-type")
    said = None if media_type is None else media_type.decode("latin-1")
    return answered(await inbound.accept(corridor_of(request), call_of(request.scope, caller, body), partner, said, body))


async def hand_in_message_at_once(request: Request) -> Response:
    """Do the same without a router."""
    return await hand_in_message(request, await OWN_PARTNER(request), request.path_params["partner"])


@router.get(
    "/v1/partners/{partner}/outbox",
    response_model=Listed[OutboxItemShown],
    responses=refusals(*GUARDED, "not_found", "request_invalid", "cursor_invalid", "idempotency_key_invalid"),
)
async def fetch_outbox(request: Request, caller: OwnPartner, partner: PartnerInPath, cursor: ListCursor) -> Response:
    """Hand out what waits, oldest first; each item is decided again before the answer goes, and comes with its signed receipt."""
    return shown(await blocking(boxes.outbox, corridor_of(request), call_of(request.scope, caller), partner, cursor))


@router.post(
    "/v1/partners/{partner}/outbox/{id}/ack",
    status_code=204,
    responses=refusals(*GUARDED, "not_found", "already_rejected", "idempotency_key_invalid"),
)
async def acknowledge_message(request: Request, caller: OwnPartner, partner: PartnerInPath, id: Id) -> Response:  # noqa: A002  # the path's own word
    """Say that the message has arrived: its content is deleted. Repeatable."""
    await blocking(boxes.outbox_ack, corridor_of(request), call_of(request.scope, caller), partner, id)
    return nothing_more()


@router.post(
    "/v1/partners/{partner}/outbox/{id}/reject",
    status_code=204,
    responses=refusals(*WITH_BODY, "not_found", "already_acknowledged", "idempotency_key_invalid"),
    openapi_extra=takes(RejectRequest, examples.REJECTION),
)
async def reject_message(request: Request, caller: OwnPartner, partner: PartnerInPath, id: Id) -> Response:  # noqa: A002
    """Say that the message is not taken: its content is deleted. Repeatable."""
    body, rejection = await read_request(request, RejectRequest)
    await blocking(boxes.outbox_reject, corridor_of(request), call_of(request.scope, caller, body), partner, id, rejection)
    return nothing_more()


@router.post(
    "/v1/partners/{partner}/callback",
    status_code=204,
    responses=refusals("callback_not_genuine", "body_too_large", "internal_error", "unavailable"),
    openapi_extra=takes_bytes(description="Whatever the partner's system sends; only its signature is looked at."),
)
async def call_back(request: Request, partner: PartnerInPath) -> Response:
    """Hear from a partner's system (FIT-Connect, for one) that there is news: it is asked for soon, and never believed from the call.

    Without a token: the call carries the signature of that system. Which partners there are cannot be found out here.
    """
    body = await read_body(request.scope, request.receive, _CALLBACK_MAX)
    said = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in request.scope["headers"]}
    if not await blocking(receipts.called_back, corridor_of(request), partner, said, body):
        raise Refused(401, "callback_not_genuine")
    return nothing_more()
