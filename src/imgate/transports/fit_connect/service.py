"""The submission service as this gateway may use it: its addresses below one base, each call with the token."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from imgate.plugin_api import NOT_CONNECTED, NotDelivered
from imgate.transports.fit_connect.answers import Answer
from imgate.transports.fit_connect.connection import Connection
from imgate.transports.fit_connect.settings import Entries
from imgate.transports.fit_connect.token import AccessToken

JSON = "application/json"
JOSE = "application/jose"


class SubmissionService:
    """Calls the Submission API v2."""

    def __init__(self, entries: Entries) -> None:
        """Take what was configured. Raises SettingsInvalid where the secret cannot be read."""
        self._base = entries.submission_url
        self._connection = Connection(entries.ca_file, entries.timeout)
        self._token = AccessToken(self._connection, entries.token_url, entries.client_id, entries.client_secret())

    async def get(self, path: str) -> Answer | NotDelivered:
        """Read something."""
        return await self._call("GET", path)

    async def post(self, path: str, body: Mapping[str, object]) -> Answer | NotDelivered:
        """Make something."""
        return await self._call("POST", path, orjson.dumps(body), JSON)

    async def put(self, path: str, content: bytes, content_type: str) -> Answer | NotDelivered:
        """Put content to its place."""
        return await self._call("PUT", path, content, content_type)

    async def public(self, path: str) -> Answer | NotDelivered:
        """Read what is public, without a token."""
        return await self._connection.request("GET", self._base + path, {})

    async def _call(self, method: str, path: str, content: bytes | None = None, content_type: str | None = None) -> Answer | NotDelivered:
        """Send a request with the token; where the service no longer takes it, once more with a new one."""
        token = await self._token.value()
        if isinstance(token, NotDelivered):
            return token
        headers = {} if content_type is None else {"content-type": content_type}
        answer = await self._connection.request(method, self._base + path, {**headers, **_bearer(token)}, content)
        if isinstance(answer, NotDelivered) or answer.status != 401:
            return answer
        self._token.drop(token)
        token = await self._token.value()
        if isinstance(token, NotDelivered):
            return _after(answer, token)
        return _after(answer, await self._connection.request(method, self._base + path, {**headers, **_bearer(token)}, content))


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _after(first: Answer, second: Answer | NotDelivered) -> Answer | NotDelivered:
    """Give the second end of a call; that the service saw nothing then does not undo that it was given it before."""
    if isinstance(second, Answer):
        return second
    return first if second.code == NOT_CONNECTED else replace(second, seen=True)
