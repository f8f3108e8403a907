"""What a browser keeps for a few minutes between two steps: sealed, so that it can neither read nor change it.

A cookie and no hidden field: it binds the second step to the browser of the first, does not stand in the page's source, and lets
several gateways answer without a table of half-done steps.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from imgate.exchange.ports import Unreadable
from imgate.storage.sealing import place, seal, unseal

_LONGEST = 4096  # what browsers take for one cookie


class Sealed:
    """Keeps short texts in cookies, each kind for one purpose only. ``secure``: the gateway is reached by https."""

    def __init__(self, key: bytes, *, secure: bool) -> None:
        self._cipher = AESGCM(key)
        self._secure = secure

    def put(self, response: Response, kind: str, said: Mapping[str, str], until: datetime) -> None:
        """Hand it to the browser until a moment, in place of what it had of this kind."""
        plain = json.dumps({"until": until.timestamp(), "said": dict(said)}).encode()
        sealed = base64.urlsafe_b64encode(seal(self._cipher, plain, _place(kind))).rstrip(b"=").decode()
        response.set_cookie(self._name(kind), sealed, path="/", secure=self._secure, httponly=True, samesite="lax")

    def get(self, request: Request, kind: str, at: datetime) -> Mapping[str, str] | None:
        """Give what this browser was handed; None where there is nothing, it has run out, or somebody else made it."""
        unverified = request.cookies.get(self._name(kind), "")
        if not 0 < len(unverified) <= _LONGEST:
            return None
        try:
            sealed = base64.urlsafe_b64decode(unverified + "=" * (-len(unverified) % 4))
            kept = json.loads(unseal(self._cipher, sealed, _place(kind)))
        except (binascii.Error, ValueError, Unreadable):
            return None
        said: Mapping[str, str] = kept["said"]
        return said if at.timestamp() < kept["until"] else None

    def forget(self, response: Response, kind: str) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self._name(kind), path="/", secure=self._secure, httponly=True, samesite="lax")

    def _name(self, kind: str) -> str:
        return f"{'__Host-' if self._secure else ''}imgate-{kind}"


def _place(kind: str) -> bytes:
    return place("sign-in", kind, "", "")
