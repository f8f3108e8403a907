"""One HTTPS connection to the XTA server: posts an envelope, reads a bounded answer, follows no redirect and logs no content."""

import ssl
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx2
from lxml import etree

from imgate.transports.http_outcomes import retry_after
from imgate.transports.xta.failure import CallFailed, by_status
from imgate.transports.xta.mtom import Package, packed, unpacked
from imgate.transports.xta.soap import Answer, envelope, read_envelope

# Of ordinary answers; a status list of a hundred entries has about 200 KiB.
ANSWER_MAX = 2 * 1024 * 1024


class Connection:
    """Calls to one XTA server. A context manager."""

    def __init__(self, trust: ssl.SSLContext, timeout: float) -> None:
        """Take the certificates and the seconds that each single read and write may take."""
        self._client = httpx2.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(timeout))

    async def __aenter__(self) -> Self:
        """Open."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        await self._client.__aexit__(kind, error, trace)

    async def call(
        self,
        url: str,
        action: str,
        headers: Sequence[etree._Element],
        body: etree._Element | None,
        parts: Mapping[str, bytes] | None = None,
        answer_max: int = ANSWER_MAX,
    ) -> Answer:
        """Ask, and give the answer. Raises CallFailed, and nothing else."""
        content_type, content = packed(Package(envelope(action, url, headers, body), parts or {}), action)
        request = {"content-type": content_type, "accept": "multipart/related, application/soap+xml", "accept-encoding": "identity"}
        try:
            async with self._client.stream("POST", url, content=content, headers={**request, "user-agent": "imgate"}) as answer:
                return await _read(answer, answer_max)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            failure = CallFailed("not_connected", unconnected=True)
        except httpx2.TimeoutException:
            failure = CallFailed("timeout")
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError):
            failure = CallFailed("connection_broken")
        raise failure  # outside the except block: the foreign error may quote what was sent or said


async def _read(answer: httpx2.Response, answer_max: int) -> Answer:
    status = by_status(answer.status_code, retry_after(answer.headers, time.time))
    if answer.status_code not in {200, 400, 500}:
        raise status
    body = bytearray()
    async for chunk in answer.aiter_raw():  # undecoded: nothing compressed was asked for
        body += chunk
        if len(body) > answer_max:
            raise CallFailed("answer_too_large")
    try:
        package = unpacked(answer.headers.get("content-type", ""), bytes(body))
        read = read_envelope(package.envelope, package.parts)
    except CallFailed as failure:
        # SOAP 1.2 sends faults with 400 and 500; where there is none, the status is all that was said.
        raise status if not answer.is_success and failure.code in {"answer_unusable", "answer_too_large"} else failure from None
    if not answer.is_success:
        raise status
    return read
