"""``transport = { kind = "push", url = "https://…", secret_file = "…" }``: a signed webhook to the partner.

What the partner answers is its status and nothing else: at most 64 KiB of the answer are read, and none of it is kept or logged.
"""

import asyncio
import contextlib
import ipaddress
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import httpx2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_random_exponential

from imgate.plugin_api import Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner, SettingsInvalid, TransportPlugin, hookimpl
from imgate.transports.entries import read_entries
from imgate.transports.webhook import secret_key, signed_headers

_ANSWER_MAX = 64 * 1024
_ANSWER_SECONDS = 5.0
_TRIES = 3
# One attempt with all its tries; well below the lease that the worker has on the message.
_ATTEMPT_SECONDS = 60.0
_WORTH_ANOTHER = {408, 425, 429}
_LONGEST_RETRY_AFTER = 24 * 3600.0
# The partner saw nothing: the one code that delivery does not count as a disclosure.
_NOT_CONNECTED = "not_connected"


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("is not an address such as https://partner.example.org/imgate")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("needs https: personal data would cross the network in clear")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Entries(BaseModel):
    """``secret`` comes by the environment; several secrets, parted by blanks or lines, all sign, so that one can be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    url: Annotated[str, AfterValidator(_address)]
    secret: SecretStr | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0, le=30)] = 10.0

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


class Push:
    """Post each message to one address. ``clock`` and ``pause`` are handed in by tests only."""

    def __init__(self, entries: _Entries, clock: Callable[[], float] = time.time, pause: float = 0.5) -> None:
        """Take what was configured."""
        self._entries = entries
        self._keys = entries.keys()
        self._clock = clock
        self._pause = pause

    @property
    def waits(self) -> bool:
        """Tell that messages are handed over."""
        return False

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._entries.ca_file)

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Post the message, up to three times with short pauses, and tell how it ended."""
        seen: list[Outcome] = []  # by tries after which the partner may know the message
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS), self._client() as client:
                last = await self._tried(client, parcel, seen)
        except TimeoutError:
            return NotDelivered("timeout")
        except (ssl.SSLError, OSError):  # the file of ca_file
            return NotDelivered(_NOT_CONNECTED)
        return seen[-1] if seen and last == NotDelivered(_NOT_CONNECTED) else last

    def _client(self) -> httpx2.AsyncClient:
        timeout = httpx2.Timeout(self._entries.timeout)
        return httpx2.AsyncClient(verify=self._trust, trust_env=False, follow_redirects=False, timeout=timeout)

    async def _tried(self, client: httpx2.AsyncClient, parcel: Parcel, seen: list[Outcome]) -> Outcome:
        retrying = AsyncRetrying(
            retry=retry_if_result(_soon_again),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=self._pause, max=5),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

        async def one_try() -> Outcome:
            outcome = await self._post(client, parcel)
            if outcome != NotDelivered(_NOT_CONNECTED):
                seen.append(outcome)
            return outcome

        outcome: Outcome = await retrying(one_try)
        return outcome

    async def _post(self, client: httpx2.AsyncClient, parcel: Parcel) -> Outcome:
        signed = signed_headers(self._keys, parcel.message_id, int(self._clock()), parcel.content)
        headers = {**signed, "content-type": parcel.media_type, "user-agent": "imgate"}
        try:
            async with client.stream("POST", self._entries.url, content=parcel.content, headers=headers) as answer:
                outcome = self._outcome(answer)
                await _read_some(answer)
                return outcome
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return NotDelivered(_NOT_CONNECTED)
        except httpx2.TimeoutException:
            return NotDelivered("timeout")
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return NotDelivered("connection_broken")

    def _outcome(self, answer: httpx2.Response) -> Outcome:
        status = answer.status_code
        if 200 <= status < 300:
            return Delivered()
        if 400 <= status < 500 and status not in _WORTH_ANOTHER:
            return RefusedByPartner(f"http_{status}")
        return NotDelivered(f"http_{status}", self._retry_after(answer.headers.get("retry-after")))

    def _retry_after(self, said: str | None) -> float | None:
        """Read seconds or a date; what is neither counts as not said."""
        if said is None:
            return None
        try:
            seconds = float(said) if said.isdigit() else parsedate_to_datetime(said).timestamp() - self._clock()
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


async def _read_some(answer: httpx2.Response) -> None:
    """Read the answer's first 64 KiB, undecoded, and forget them: a partner that sees its answer taken does not send again."""
    read = 0
    # The status was said; what comes after it, or does not, changes nothing.
    with contextlib.suppress(httpx2.HTTPError, TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read >= _ANSWER_MAX:
                    return


def _soon_again(outcome: Outcome) -> bool:
    """Tell whether to try again at once: where the partner named a time, or asked for less, the worker comes back later."""
    return (
        isinstance(outcome, NotDelivered)
        and outcome.retry_after is None
        and outcome.code not in {f"http_{status}" for status in _WORTH_ANOTHER}
    )


def configure(entries: Mapping[str, object]) -> Push:
    """Make the transport. Raises SettingsInvalid."""
    return Push(read_entries(_Entries, entries))


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register push."""
    return TransportPlugin("push", configure)
