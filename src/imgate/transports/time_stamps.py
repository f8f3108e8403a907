"""Asks a time-stamping authority (RFC 3161) over HTTP to say that a text existed now.

It learns a hash and nothing else. What it answers is verified before anybody keeps it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import httpx2

from imgate.plugin_api import NotDelivered
from imgate.transports.http_requests import answered, body_of
from imgate.transports.time_stamp_answers import TimeStampInvalid, TimeStampTrust, verify_time_stamp

_SECONDS = 20.0
_LONGEST = 64 * 1024
_HEADERS = {
    "content-type": "application/timestamp-query",  # RFC 3161, 3.4
    "accept": "application/timestamp-reply",
    "accept-encoding": "identity",
    "user-agent": "imgate",
}


class NoTimeStamp(Exception):
    """There is no time-stamp this time. Its text says why, in words of ours."""


@dataclass(frozen=True, slots=True)
class TimeStampAuthority:
    """One authority: its address, as configured, and whose stamps count. No redirect is followed and no proxy used."""

    url: str
    trust: TimeStampTrust
    seconds: float = _SECONDS

    async def stamp(self, text: bytes, at: datetime) -> bytes:
        """Give the authority's answer for this text, verified as one that came ``at``. Raises NoTimeStamp.

        Raises ModuleNotFoundError without the extra ``tsa``.
        """
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        wanted = not self.trust.names_signer
        request = TimestampRequestBuilder(text, HashAlgorithm.SHA256, nonce=True, cert_req=wanted).build()
        answer = await self._asked(request.as_bytes())
        try:
            verify_time_stamp(answer, text, self.trust, nonce=request.nonce, arrived_at=at)
        except TimeStampInvalid as invalid:
            raise NoTimeStamp(f"the answer is not taken: {invalid}") from None
        return answer

    async def _asked(self, query: bytes) -> bytes:
        timeouts = {"timeout": httpx2.Timeout(self.seconds).as_dict()}
        request = httpx2.Request("POST", self.url, headers=_HEADERS, content=query, extensions=timeouts)
        try:
            async with asyncio.timeout(self.seconds), httpx2.AsyncHTTPTransport(trust_env=False) as http:
                answer = await answered(http, request)
                if isinstance(answer, NotDelivered):
                    raise NoTimeStamp(f"the authority was not reached: {answer.code}")
                body = await body_of(answer, _LONGEST)
        except TimeoutError:
            raise NoTimeStamp("the authority was not reached: timeout") from None
        if answer.status_code != 200:
            raise NoTimeStamp(f"the authority answered with the status {answer.status_code}")
        return body
