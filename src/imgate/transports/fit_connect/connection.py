"""Requests to the service: connections that stay open, answers read up to a limit, no redirect, no proxy."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import httpx2

from imgate.plugin_api import NOT_CONNECTED, NotDelivered
from imgate.transports.connections import Connections
from imgate.transports.fit_connect.answers import ANSWER_MAX, Answer
from imgate.transports.http_requests import body_of

_UNREACHED = NotDelivered(NOT_CONNECTED, seen=False)


class Connection:
    """Sends requests."""

    def __init__(self, ca_file: Path | None, timeout: float) -> None:
        """Take the only authorities to trust, if they are named, and the seconds that each step of a request may take."""
        self._connections = Connections(lambda: ssl.create_default_context(cafile=ca_file))
        self._timeouts = {"timeout": httpx2.Timeout(timeout).as_dict()}

    async def request(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer | NotDelivered:
        """Send one request; a status is an answer even where the rest of it is lost."""
        try:
            http = await self._connections.here()
        except OSError:  # the file of ca_file
            return _UNREACHED
        asked = {"user-agent": "imgate", "accept": "application/json", "accept-encoding": "identity", **headers}
        try:
            request = httpx2.Request(method, url, headers=asked, content=content, extensions=self._timeouts)
            answer = await http.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return _UNREACHED
        except httpx2.TimeoutException:
            return NotDelivered("timeout")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):  # OSError: TLS that breaks after the handshake
            return NotDelivered("connection_broken")
        return Answer(answer.status_code, answer.headers, await body_of(answer, ANSWER_MAX))
