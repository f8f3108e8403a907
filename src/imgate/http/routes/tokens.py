"""``POST /oauth/token``."""

from typing import Any

from fastapi import APIRouter, Request, Response

from imgate.exchange.refusals import Refused
from imgate.http.body import headers, read_body
from imgate.http.oauth import FORM_MAX, TokenEndpoint, TokenRequest, TokenRequestRefused, read_form, refusal
from imgate.http.replies import blocking
from imgate.http.standard_shapes import AccessToken, TokenError

router = APIRouter(tags=["tokens"])

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        "client_assertion": {"type": "string", "description": "RFC 7523: ES256, EdDSA or RS256 by the key, at most ten minutes."},
    },
}
_BODY = {
    "required": True,
    "content": {"application/x-www-form-urlencoded": {"schema": _FORM, "example": {"grant_type": "client_credentials"}}},
}


@router.post(
    "/oauth/token",
    response_model=AccessToken,
    responses={
        400: {"model": TokenError, "description": "`invalid_request`, `unsupported_grant_type`, `invalid_scope` or `unauthorized_client`."},
        401: {"model": TokenError, "description": "`invalid_client`."},
        413: {"model": TokenError, "description": "`invalid_request`: the form is over 64 KiB."},
    },
    openapi_extra={"requestBody": _BODY, "security": [{"client": []}, {}]},
)
async def give_token(request: Request) -> Response:
    """Give an access token to a client that proves itself by its secret (HTTP Basic) or by ``private_key_jwt``."""
    content_type = headers(request.scope, b"content-type")
    if len(content_type) != 1 or content_type[0].partition(b";")[0].strip().lower() != b"application/x-www-form-urlencoded":
        return refusal("invalid_request")
    try:
        form = read_form(await read_body(request.scope, request.receive, FORM_MAX))
    except TokenRequestRefused:
        return refusal("invalid_request")
    except Refused as too_large:
        return refusal("invalid_request", too_large.status)
    authorization = headers(request.scope, b"authorization")
    if len(authorization) > 1:
        return refusal("invalid_request")
    endpoint: TokenEndpoint = request.app.state.token_endpoint
    said = authorization[0].decode("latin-1") if authorization else None
    return await blocking(endpoint.answer, TokenRequest(said, form))
