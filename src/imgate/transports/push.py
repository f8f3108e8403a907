"""``transport = { kind = "push", url = "https://…", secret_file = "…" }``: a signed webhook, encrypted where the partner has a key.

The message's receipt travels as a header, encrypted where the message is. What the partner answers is its status and nothing else: at most
64 KiB of the answer are read, and none of it is kept or logged.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

import httpx2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_random_exponential

from imgate.plugin_api import (
    NOT_CONNECTED,
    PARTNER_KEY_UNAVAILABLE,
    PARTNER_KEY_UNUSABLE,
    NotDelivered,
    Outcome,
    Parcel,
    SettingsInvalid,
    TransportPlugin,
    hookimpl,
)
from imgate.transports import encryption
from imgate.transports.connections import Connections
from imgate.transports.entries import https_address, read_entries
from imgate.transports.http_outcomes import outcome_of, soon_again
from imgate.transports.http_requests import answered, body_of
from imgate.transports.message_receipt import RECEIPT_HEADER, RECEIPT_TYPE
from imgate.transports.partner_keys import KeysUnavailable, PublishedKeys, key_in
from imgate.transports.webhook import secret_key, signed_headers

_ANSWER_MAX = 64 * 1024
_ANSWER_SECONDS = 5.0
_TRIES = 3
# One attempt with all its tries; the core ends it after a minute.
_ATTEMPT_SECONDS = 50.0


class _EncryptTo(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    jwks_url: Annotated[str, AfterValidator(https_address)] | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.jwks_url is None) == (self.key_file is None):
            raise ValueError("needs either jwks_url or key_file")
        return self


class _Entries(BaseModel):
    """``secret`` comes by the environment; several secrets, parted by blanks or lines, all sign, so that one can be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    url: Annotated[str, AfterValidator(https_address)]
    secret: SecretStr | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0, le=30)] = 10.0
    encrypt_to: _EncryptTo | None = None

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs either secret_file, or the secret by the environment")
        return self

    def keys(self) -> tuple[bytes, ...]:
        """Read the secrets. Raises SettingsInvalid."""
        try:
            text = self.secret.get_secret_value() if self.secret else (self.secret_file or Path()).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SettingsInvalid("secret_file", "cannot be read") from None
        try:
            keys = tuple(secret_key(secret) for secret in text.split())
        except ValueError as error:
            raise SettingsInvalid("secret", str(error)) from None
        if not keys:
            raise SettingsInvalid("secret", "is empty")
        return keys

    def partner_key(self) -> encryption.PartnerKey | PublishedKeys | None:
        """Give the key to encrypt to, or where it is published; None where messages leave as they are. Raises SettingsInvalid."""
        to = self.encrypt_to
        if to is None:
            return None
        if to.jwks_url is not None:
            return PublishedKeys(to.jwks_url, self.timeout)
        try:
            key = key_in(to.key_file or Path())
        except OSError:
            raise SettingsInvalid("encrypt_to.key_file", "cannot be read") from None
        if key is None:
            raise SettingsInvalid("encrypt_to.key_file", 'has no public key for ECDH-ES: a JWK set with an EC or X25519 key of use "enc"')
        return key


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is posted, the same at each try."""

    message_id: str
    media_type: str
    content: bytes = field(repr=False)
    receipt: str = field(repr=False)


class Push:
    """Post each message to one address. ``clock`` and ``pause`` are handed in by tests only."""

    def __init__(self, entries: _Entries, clock: Callable[[], float] = time.time, pause: float = 0.5) -> None:
        """Take what was configured."""
        self._url = httpx2.URL(entries.url)
        self._keys = entries.keys()
        self._encrypt_to = entries.partner_key()
        # More may be handed over than there are connections: for a free one a message waits longer than for the partner.
        self._timeouts = {"timeout": httpx2.Timeout(entries.timeout, pool=_ATTEMPT_SECONDS).as_dict()}
        self._connections = Connections(lambda: ssl.create_default_context(cafile=entries.ca_file))
        self._clock = clock
        self._pause = pause

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Post the message, up to three times with short pauses, and tell how it ended."""
        try:
            http = await self._connections.here()
        except OSError:  # the file of ca_file
            return NotDelivered(NOT_CONNECTED)
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                letter = await self._letter(http, parcel)
                return letter if isinstance(letter, NotDelivered) else await self._tried(http, letter)
        except TimeoutError:
            return NotDelivered("timeout")

    async def _letter(self, http: httpx2.AsyncHTTPTransport, parcel: Parcel) -> _Letter | NotDelivered:
        """Encrypt the message if it is to be; a message that should be encrypted and cannot be stays here."""
        key = self._encrypt_to
        if key is None:
            return _Letter(parcel.message_id, parcel.media_type, parcel.content, parcel.receipt)
        try:
            key = await key.key(http) if isinstance(key, PublishedKeys) else key
        except KeysUnavailable:
            return NotDelivered(PARTNER_KEY_UNAVAILABLE)
        content = None if key is None else encryption.encrypted(parcel.content, parcel.media_type, key)
        receipt = None if key is None else encryption.encrypted(parcel.receipt.encode("ascii"), RECEIPT_TYPE, key)
        if content is None or receipt is None:
            return NotDelivered(PARTNER_KEY_UNUSABLE)
        return _Letter(parcel.message_id, encryption.MEDIA_TYPE, content, receipt.decode("ascii"))

    async def _tried(self, http: httpx2.AsyncHTTPTransport, letter: _Letter) -> Outcome:
        """Post, and again where that may help at once."""
        outcomes = [await self._post(http, letter)]
        if soon_again(outcomes[0]):
            # Not around the first try: making this costs as much as a good part of the post itself.
            retrying = AsyncRetrying(
                retry=retry_if_result(soon_again),
                stop=stop_after_attempt(_TRIES),
                wait=wait_random_exponential(multiplier=self._pause, max=5),
                retry_error_callback=lambda _state: None,
            )
            begun = False

            async def one_try() -> Outcome:
                nonlocal begun
                if begun:
                    outcomes.append(await self._post(http, letter))
                begun = True
                return outcomes[-1]

            await retrying(one_try)
        return _told(outcomes)

    async def _post(self, http: httpx2.AsyncHTTPTransport, letter: _Letter) -> Outcome:
        signed = signed_headers(self._keys, letter.message_id, int(self._clock()), letter.content)
        headers = {**signed, "content-type": letter.media_type, RECEIPT_HEADER: letter.receipt, "user-agent": "imgate"}
        request = httpx2.Request("POST", self._url, headers=headers, content=letter.content, extensions=self._timeouts)
        answer = await answered(http, request)
        if isinstance(answer, NotDelivered):
            return answer
        # Read and forgotten: a partner that sees its answer taken does not send again.
        await body_of(answer, _ANSWER_MAX, _ANSWER_SECONDS)
        return outcome_of(answer.status_code, answer.headers, self._clock)


def _told(outcomes: list[Outcome]) -> Outcome:
    """Give the last outcome after which the partner may know the message: a later try that found nobody does not undo it."""
    seen = [outcome for outcome in outcomes if outcome != NotDelivered(NOT_CONNECTED)]
    return seen[-1] if seen else outcomes[-1]


def configure(entries: Mapping[str, object]) -> Push:
    """Make the transport. Raises SettingsInvalid."""
    return Push(read_entries(_Entries, entries))


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register push."""
    return TransportPlugin("push", configure)
