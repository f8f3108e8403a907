"""The access token: OAuth 2 client credentials, the secret in the form (``client_secret_post``, RFC 6749 §2.3.1)."""

import time
from dataclasses import replace
from urllib.parse import urlencode

from imgate.plugin_api import NotDelivered, RefusedByPartner
from imgate.transports.fit_connect.answers import Answer, failure, mendable
from imgate.transports.fit_connect.connection import Connection

# A token is not used in the last seconds of its life, nor taken to live longer than this where the service does not say.
_MARGIN_SECONDS = 30.0
_LIFE_UNSAID = 300.0
_LONGEST = 16 * 1024


class AccessToken:
    """Fetches the token and keeps it while it lives. Shows it to nobody."""

    def __init__(self, connection: Connection, url: str, client_id: str, secret: str) -> None:
        """Take where and as whom it is fetched."""
        self._connection = connection
        self._url = url
        self._form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}).encode()
        self._kept: tuple[str, float] | None = None

    async def value(self) -> str | NotDelivered:
        """Give a token. Whatever keeps it from us showed nothing of the message, and a refusal is for the operator to mend."""
        if self._kept is not None and time.monotonic() < self._kept[1]:
            return self._kept[0]
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self._connection.request("POST", self._url, headers, self._form)
        if isinstance(answer, NotDelivered):
            return replace(answer, seen=False)
        return self._taken(answer)

    def drop(self, token: str) -> None:
        """Forget this token, which the service no longer takes; another that was fetched meanwhile stays."""
        if self._kept is not None and self._kept[0] == token:
            self._kept = None

    def _taken(self, answer: Answer) -> str | NotDelivered:
        if not answer.is_success:
            refused = answer.status == 401 or isinstance(failure(answer), RefusedByPartner)
            return NotDelivered("token_refused", seen=False) if refused else mendable(answer)
        members = answer.members()
        token, life = members.get("access_token"), members.get("expires_in", _LIFE_UNSAID)
        if not isinstance(token, str) or not 0 < len(token) <= _LONGEST or not token.isascii() or not token.isprintable():
            return NotDelivered("token_unreadable", seen=False)
        seconds = float(life) if isinstance(life, int | float) else _LIFE_UNSAID
        self._kept = token, time.monotonic() + seconds - _MARGIN_SECONDS
        return token
