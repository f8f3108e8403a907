"""``transport = { kind = "gateway", url = "https://…", partner = "…", client_id = "…", secret_file = "…" }``: another office's imgate.

Each message goes to the door by which that gateway takes partners' messages, with a token of its own. Of its answers the status is used and
the token; what stands in the one about a message is read up to a limit and neither kept nor logged.
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote, urlsplit

import httpx2
import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from imgate.plugin_api import (
    NOT_CONNECTED,
    Delivered,
    NotDelivered,
    Outcome,
    Parcel,
    RefusedByPartner,
    SettingsInvalid,
    TransportPlugin,
    hookimpl,
)
from imgate.transports.connections import Connections
from imgate.transports.entries import https_address, read_entries
from imgate.transports.http_outcomes import failure_of
from imgate.transports.http_requests import answered, body_of
from imgate.transports.message_receipt import RECEIPT_HEADER
from imgate.vocabulary.identifiers import is_partner

KIND = "gateway"
_ANSWER_MAX = 64 * 1024
_ANSWER_SECONDS = 5.0
# One attempt with everything in it; the core ends it after a minute.
_ATTEMPT_SECONDS = 50.0
# A token is not used in the last seconds of its life, nor taken to live longer than this where nobody says.
_MARGIN_SECONDS = 30.0
_LIFE_UNSAID = 300.0
_TOKEN_MAX = 16 * 1024
_TAKEN = 202
# About the access, and not about the message: an operator mends it, and the message is tried again.
_ACCESS = (401, 403)
_GRANT = b"grant_type=client_credentials"


def _address(url: str) -> str:
    parts = urlsplit(https_address(url))
    if parts.query or parts.fragment:
        raise ValueError("is not an address such as https://imgate.example.org: paths are put behind it")
    return url.rstrip("/")


def _partner(text: str) -> str:
    if not is_partner(text):
        raise ValueError("is not the id of a partner: 1 to 64 of a-z, 0-9 and -")
    return text


class _Entries(BaseModel):
    """``partner`` is the id under which the other gateway has us in its configuration; ``secret`` comes by the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    url: Annotated[str, AfterValidator(_address)]
    partner: Annotated[str, AfterValidator(_partner)]
    client_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]
    secret: SecretStr | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0, le=30)] = 10.0

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs either secret_file, or the secret by the environment")
        return self

    def authorization(self) -> str:
        """Give the header by which we fetch a token (RFC 6749 §2.3.1). Raises SettingsInvalid."""
        try:
            text = self.secret.get_secret_value() if self.secret is not None else (self.secret_file or Path()).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SettingsInvalid("secret_file", "cannot be read") from None
        secret = text.strip()
        if not secret or not secret.isprintable():
            raise SettingsInvalid("secret", "is empty, or more than one line")
        pair = f"{quote(self.client_id, safe='')}:{quote(secret, safe='')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


class OtherGateway:
    """Hand each message to one gateway. ``clock`` is handed in by tests only."""

    def __init__(self, entries: _Entries, clock: Callable[[], float] = time.time) -> None:
        """Take what was configured."""
        self._token_url = httpx2.URL(f"{entries.url}/oauth/token")
        self._url = httpx2.URL(f"{entries.url}/v1/partners/{entries.partner}/messages")
        self._authorization = entries.authorization()
        # More may be handed over than there are connections: for a free one a message waits longer than for the gateway.
        self._timeouts = {"timeout": httpx2.Timeout(entries.timeout, pool=_ATTEMPT_SECONDS).as_dict()}
        self._connections = Connections(lambda: ssl.create_default_context(cafile=entries.ca_file))
        self._clock = clock
        self._kept: tuple[str, float] | None = None

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Post the message under its id as Idempotency-Key, and tell how it ended; once more where the token was no longer taken."""
        try:
            http = await self._connections.here()
        except OSError:  # the file of ca_file
            return NotDelivered(NOT_CONNECTED)
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                kept = self._kept is not None
                outcome = await self._handed_over(http, parcel)
                if kept and outcome == NotDelivered("http_401"):
                    self._kept = None
                    outcome = await self._handed_over(http, parcel)
                return outcome
        except TimeoutError:
            return NotDelivered("timeout")

    async def _handed_over(self, http: httpx2.AsyncHTTPTransport, parcel: Parcel) -> Outcome:
        token = await self._token(http)
        if isinstance(token, NotDelivered):
            return token
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": parcel.media_type,
            "idempotency-key": parcel.message_id,
            RECEIPT_HEADER: parcel.receipt,
        }
        answer = await self._posted(http, self._url, headers, parcel.content)
        if isinstance(answer, NotDelivered):
            return answer
        status, said, _ = answer
        if status == _TAKEN:
            return Delivered()
        if 200 <= status < 300:  # somebody else than a gateway answered
            return NotDelivered("answer_unexpected")
        return NotDelivered(f"http_{status}") if status in _ACCESS else failure_of(status, said, self._clock)

    async def _token(self, http: httpx2.AsyncHTTPTransport) -> str | NotDelivered:
        """Give a token. Whatever keeps it from us showed nothing of the message, and a refusal is for the operator to mend."""
        if self._kept is not None and time.monotonic() < self._kept[1]:
            return self._kept[0]
        headers = {"authorization": self._authorization, "content-type": "application/x-www-form-urlencoded"}
        answer = await self._posted(http, self._token_url, headers, _GRANT)
        if isinstance(answer, NotDelivered):
            return NotDelivered(answer.code, seen=False)
        status, said, body = answer
        if status != 200:
            failed = failure_of(status, said, self._clock)
            if isinstance(failed, RefusedByPartner):
                return NotDelivered("token_refused", seen=False)
            return NotDelivered(failed.code, failed.retry_after, seen=False)
        return self._read(body)

    def _read(self, body: bytes) -> str | NotDelivered:
        try:
            members: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            members = None
        token = members.get("access_token") if isinstance(members, dict) else None
        if not isinstance(token, str) or not 0 < len(token) <= _TOKEN_MAX or not token.isascii() or not token.isprintable():
            return NotDelivered("token_unreadable", seen=False)
        life = members.get("expires_in")
        seconds = float(life) if type(life) in (int, float) else _LIFE_UNSAID
        self._kept = token, time.monotonic() + seconds - _MARGIN_SECONDS
        return token

    async def _posted(
        self, http: httpx2.AsyncHTTPTransport, url: httpx2.URL, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, Mapping[str, str], bytes] | NotDelivered:
        """Post, and give status, headers and what was read. It follows no redirect."""
        asked = {"user-agent": "imgate", "accept": "application/json", "accept-encoding": "identity", **headers}
        answer = await answered(http, httpx2.Request("POST", url, headers=asked, content=content, extensions=self._timeouts))
        if isinstance(answer, NotDelivered):
            return answer
        return answer.status_code, answer.headers, await body_of(answer, _ANSWER_MAX, _ANSWER_SECONDS)


def configure(entries: Mapping[str, object]) -> OtherGateway:
    """Make the transport. Raises SettingsInvalid."""
    return OtherGateway(read_entries(_Entries, entries))


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register the way to another gateway."""
    return TransportPlugin(KIND, configure)
