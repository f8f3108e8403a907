"""The identity provider as a server: what it publishes about itself, and the exchange of a code for an ID token.

Every address comes from the document at the configured issuer, never from a request. No redirect is followed, no proxy used, and no
answer read beyond a limit. What it says when something is wrong is not passed on.
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx2
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from imgate.keys.signatures import SignatureRefused
from imgate.record import JsonRefused, parse_json
from imgate.settings.pages import LOOPBACK, OpenIdSettings
from imgate.web.sign_in.id_token import Expected, UnknownKey, checked_claims

_SECONDS = 10.0
_ANSWER_MAX = 256 * 1024
_FRESH_SECONDS = 3600.0
_FORM = "application/x-www-form-urlencoded"


class ProviderUnusable(Exception):
    """The provider must act, or whoever configured it: it cannot be reached, or does not say what it must."""


@dataclass(frozen=True, slots=True)
class Question:
    """One browser's way to the provider and back.

    ``max_age``: for how many seconds a sign-in there counts, which also has the provider say when it was; at 0 they sign in anew.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    max_age: int

    @property
    def fresh(self) -> bool:
        """Whether the person is to sign in there anew."""
        return self.max_age == 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider publishes about itself, as far as we ask for it."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_by_basic: bool
    names_itself: bool


class Provider:
    """One identity provider. ``callback`` is our address that it sends people back to."""

    def __init__(self, settings: OpenIdSettings, callback: str) -> None:
        self._settings = settings
        self._callback = callback
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: Sequence[Any] | None = None
        self._trust: ssl.SSLContext | None = None

    async def address(self, question: Question) -> str:
        """Give where to send the browser. Raises ProviderUnusable."""
        metadata = await self._known()
        fresh = {"prompt": "login"} if question.fresh else {}
        address = prepare_grant_uri(  # type: ignore[no-untyped-call]  # Authlib has no types
            metadata.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=self._callback,
            scope=" ".join(("openid", *self._settings.scopes)),
            state=question.state,
            nonce=question.nonce,
            code_challenge=create_s256_code_challenge(question.verifier),  # type: ignore[no-untyped-call]  # as above
            code_challenge_method="S256",
            max_age=str(question.max_age),
            **fresh,
        )
        return str(address)

    async def claims(self, code: str, named: str | None, question: Question, begun: float, at: datetime) -> Mapping[str, Any]:
        """Exchange a code, and give what the ID token says. ``named``: which issuer the answer said it came from (RFC 9207).

        Raises ProviderUnusable, SignatureRefused.
        """
        metadata = await self._known()
        if named != self._settings.issuer and (named is not None or metadata.names_itself):
            raise SignatureRefused
        unverified_token = await self._exchanged(metadata, code, question.verifier)
        fresh_since = begun if question.fresh else None
        expected = Expected(self._settings.issuer, self._settings.client_id, question.nonce, fresh_since)
        try:
            return checked_claims(unverified_token, self._keys or await self._fetched_keys(metadata), expected, at)
        except UnknownKey:
            try:
                return checked_claims(unverified_token, await self._fetched_keys(metadata), expected, at)
            except UnknownKey:
                raise SignatureRefused from None

    async def _known(self) -> Metadata:
        if self._metadata is None or time.monotonic() - self._metadata[0] > _FRESH_SECONDS:
            address = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"  # OpenID Connect Discovery, 4.1
            self._metadata = (time.monotonic(), self._read(await self._asked("GET", address)))
            self._keys = None
        return self._metadata[1]

    def _read(self, said: Mapping[str, Any]) -> Metadata:
        if said.get("issuer") != self._settings.issuer:
            raise ProviderUnusable
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Metadata(
            _address(said, "authorization_endpoint"),
            _address(said, "token_endpoint"),
            _address(said, "jwks_uri"),
            isinstance(methods, list) and "client_secret_basic" in methods,
            said.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _fetched_keys(self, metadata: Metadata) -> Sequence[Any]:
        keys = (await self._asked("GET", metadata.jwks_uri)).get("keys")
        if not isinstance(keys, list):
            raise ProviderUnusable
        self._keys = keys
        return keys

    async def _exchanged(self, metadata: Metadata, code: str, verifier: str) -> str:
        said = {"code": code, "code_verifier": verifier}
        headers, secret = {"content-type": _FORM}, self._settings.client_secret
        if secret is not None and metadata.secret_by_basic:
            headers["authorization"] = _basic(self._settings.client_id, secret.get_secret_value())
        else:
            said["client_id"] = self._settings.client_id
            if secret is not None:
                said["client_secret"] = secret.get_secret_value()
        body = prepare_token_request("authorization_code", redirect_uri=self._callback, **said)  # type: ignore[no-untyped-call]  # as above
        token = (await self._asked("POST", metadata.token_endpoint, headers, body)).get("id_token")
        if not isinstance(token, str):
            raise ProviderUnusable
        return token

    async def _asked(self, method: str, address: str, headers: Mapping[str, str] | None = None, body: str = "") -> Mapping[str, Any]:
        """Ask, and give the JSON object that was answered. Raises ProviderUnusable for whatever is none."""
        said = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "imgate", **(headers or {})}
        try:
            self._trust = self._trust or ssl.create_default_context(cafile=self._settings.ca_file)
            async with (
                asyncio.timeout(_SECONDS),
                httpx2.AsyncClient(verify=self._trust, trust_env=False, follow_redirects=False, timeout=_SECONDS) as client,
                client.stream(method, address, headers=said, content=body or None) as answer,
            ):
                read = await _bounded(answer) if answer.status_code == 200 else None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
            read = None
        if not isinstance(read, dict):
            raise ProviderUnusable  # outside the except block: the foreign error may quote what was sent
        return read


async def _bounded(answer: httpx2.Response) -> object:
    body = bytearray()
    async for chunk in answer.aiter_raw():  # undecoded: nothing compressed was asked for
        body += chunk
        if len(body) > _ANSWER_MAX:
            return None
    try:
        return parse_json(bytes(body))
    except JsonRefused:
        return None


def _address(said: Mapping[str, Any], name: str) -> str:
    """Take an address that the provider publishes: https, or a server on this machine."""
    address = said.get(name)
    if not isinstance(address, str):
        raise ProviderUnusable
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        raise ProviderUnusable from None
    if not host or parts.fragment or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise ProviderUnusable
    return address


def _basic(client_id: str, secret: str) -> str:
    """Write id and secret as RFC 6749 2.3.1 has them: encoded before they are joined, which Authlib leaves out."""
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
