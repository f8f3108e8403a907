# mypy: disable-error-code="no-untyped-call"
# (Authlib ships no types)
"""The token endpoint: OAuth 2 client credentials (RFC 6749 §4.4) on Authlib's AuthorizationServer.

Authlib has no integration for Starlette: this is one. Everything here blocks (database, signatures) and runs in the thread pool.
Answers are the bare codes of RFC 6749 §5.2, because Authlib's descriptions repeat the input.
"""

import base64
import binascii
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote_plus

import orjson
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from joserfc.jwk import Key
from starlette.responses import Response

from imgate.http.access_tokens import LIFETIME, AccessTokens
from imgate.http.client_assertion import ASSERTION_TYPE, Assertions
from imgate.keys.signatures import SignatureRefused
from imgate.vocabulary.words import Role

FORM_MAX = 64 * 1024
METHODS = ["client_secret_basic", "private_key_jwt"]
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 §5.1 asks for both


class Access(Protocol):
    """One access as the store has it."""

    @property
    def client_id(self) -> str:
        """The id that the token will name."""

    @property
    def role(self) -> Role:
        """What it may do."""

    @property
    def partner(self) -> str | None:
        """The partner it is bound to."""

    @property
    def public_key(self) -> Key | None:
        """The key of a client that signs assertions; such a one has no secret."""

    def has_secret(self, secret: str) -> bool:
        """Compare in constant time; False for a client that has none."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was posted: the Authorization header and the form, read but not believed."""

    authorization: str | None
    form: Mapping[str, str]


class TokenRequestRefused(Exception):
    """The sender must act: this is no form, or a parameter stands twice (RFC 6749 §3.2)."""


def read_form(body: bytes) -> Mapping[str, str]:
    """Read an urlencoded form, each parameter once. Raises TokenRequestRefused."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20, errors="strict")
    except (ValueError, UnicodeDecodeError):
        pairs = None
    if pairs is None or len(dict(pairs)) != len(pairs):
        raise TokenRequestRefused
    return dict(pairs)


class TokenEndpoint:
    """Authenticates a client and gives it an access token."""

    def __init__(
        self, tokens: AccessTokens, find_access: Callable[[str], Access | None], assertions: Assertions, clock: Callable[[], float]
    ) -> None:
        """``find_access`` gives an access that holds now, or None."""
        logging.getLogger("authlib").setLevel(logging.WARNING)  # its debug lines hold whole tokens
        self._server = _Server(tokens, find_access, assertions, clock)

    def answer(self, request: TokenRequest) -> Response:
        """Give the answer of RFC 6749 §5, whatever was sent."""
        response: Response = self._server.create_token_response(request)
        return response


def refusal(error: str, status: int = 400) -> Response:
    """Make an error answer of RFC 6749 §5.2."""
    challenge = {"WWW-Authenticate": 'Basic realm="imgate"'} if status == 401 else {}
    return Response(orjson.dumps({"error": error}), status, _NO_STORE | challenge, "application/json")


class _Client(ClientMixin):
    def __init__(self, access: Access) -> None:
        self.access = access

    def check_client_secret(self, client_secret: str) -> bool:
        return self.access.has_secret(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method == ("client_secret_basic" if self.access.public_key is None else "private_key_jwt")

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == ClientCredentialsGrant.GRANT_TYPE)


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Request(OAuth2Request):
    def __init__(self, request: TokenRequest) -> None:
        # Authlib refuses an address without TLS; whether there is TLS in front of us it cannot see, and the operator's proxy decides.
        super().__init__("POST", "https://gateway.invalid/oauth/token", headers={"Authorization": request.authorization})
        self.payload: Any = BasicOAuth2Payload(request.form)
        self._form = request.form

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


class _Server(AuthorizationServer):
    def __init__(
        self, tokens: AccessTokens, find_access: Callable[[str], Access | None], assertions: Assertions, clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._tokens, self._find_access, self._assertions, self._clock = tokens, find_access, assertions, clock
        self.register_grant(_Grant)
        self.register_token_generator("default", self._token)
        self.register_client_auth_method("client_secret_basic", _by_secret)
        self.register_client_auth_method("private_key_jwt", self._by_assertion)

    def query_client(self, client_id: str) -> _Client | None:
        access = self._find_access(client_id) if _CLIENT_ID.fullmatch(client_id) else None
        return None if access is None else _Client(access)

    def create_oauth2_request(self, request: TokenRequest) -> _Request:
        return _Request(request)

    def authenticate_client(self, request: _Request, methods: list[str], endpoint: str = "token") -> Any:
        if request.headers["Authorization"] is not None and ("client_assertion" in request.form or "client_secret" in request.form):
            raise InvalidRequestError  # RFC 6749 §2.3: one way to authenticate per request
        return super().authenticate_client(request, methods, endpoint)

    def validate_requested_scope(self, scope: str | None) -> None:
        if scope:
            raise InvalidScopeError

    def save_token(self, token: Mapping[str, object], request: _Request) -> None:
        """Keep nothing: a token is its own evidence, and its access is looked up when it is used."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def handle_response(self, status: int, body: Mapping[str, object], headers: object) -> Response:
        if status == 200:
            return Response(orjson.dumps(body), 200, _NO_STORE, "application/json")
        error = str(body["error"])
        return refusal(error, 401 if error == "invalid_client" else 400)

    def handle_error_response(self, request: _Request, error: OAuth2Error) -> Response:
        grant_type = request.form.get("grant_type")
        if error.error == "unsupported_grant_type" and not grant_type:
            error = InvalidRequestError()  # a missing parameter is another error (RFC 6749 §5.2)
        response: Response = super().handle_error_response(request, error)
        return response

    def _token(self, grant_type: str, client: _Client, **_: object) -> dict[str, object]:
        access = client.access
        token = self._tokens.issue(access.client_id, access.role, access.partner, int(self._clock()))
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}

    def _by_assertion(self, query_client: Callable[[str], _Client | None], request: _Request) -> _Client | None:
        if request.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        unverified_assertion = request.form.get("client_assertion", "")
        try:
            client = query_client(self._assertions.claimed_client(unverified_assertion))
            if client is None or client.access.public_key is None:
                return None
            self._assertions.verify(unverified_assertion, client.access.client_id, client.access.public_key, int(self._clock()))
        except SignatureRefused:
            return None
        return client


def _by_secret(query_client: Callable[[str], _Client | None], request: _Request) -> _Client | None:
    """HTTP Basic with both parts form-encoded (RFC 6749 §2.3.1). Authlib's own raises on what is not UTF-8."""
    scheme, _, encoded = (request.headers["Authorization"] or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        return None
    client = query_client(client_id) if colon and secret else None
    return client if client is not None and client.check_client_secret(secret) else None
