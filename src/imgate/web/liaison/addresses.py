"""What stands in a liaison's addresses: ids of messages, and where a list goes on.

The place in a list is a number that counts what waits for everybody. So it is sealed before it leaves, for this user alone.
"""

import base64
import binascii
from typing import Protocol, cast

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Request

from imgate.exchange.ports import BadCursor, Unreadable
from imgate.exchange.stored import Cursor
from imgate.storage.sealing import place, seal, unseal
from imgate.web.house import house_of
from imgate.web.visitors import Visitor

ON_A_PAGE = 25


class _Keys(Protocol):
    def derived(self, key: str, use: str) -> bytes:
        """Derive 32 bytes for one use."""


class _Keyed(Protocol):
    @property
    def keyring(self) -> _Keys:
        """The gateway's keys."""


def after_of(request: Request, visitor: Visitor, following: str | None) -> str | None:
    """Give what an address says for ``next``."""
    if following is None:
        return None
    sealed = seal(_key(request), following.encode(), _place(visitor))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def cursor_of(request: Request, visitor: Visitor, unverified_after: str | None) -> Cursor:
    """Give where a list begins. Raises BadCursor for what was not given to this user."""
    if not unverified_after:
        return Cursor(None, ON_A_PAGE)
    try:
        sealed = base64.urlsafe_b64decode(unverified_after.encode("ascii") + b"==")
        return Cursor(unseal(_key(request), sealed, _place(visitor)).decode(), ON_A_PAGE)
    except (Unreadable, binascii.Error, UnicodeError):
        raise BadCursor from None


def _key(request: Request) -> AESGCM:
    return AESGCM(cast("_Keyed", house_of(request).gateway).keyring.derived("index", "liaison-list"))


def _place(visitor: Visitor) -> bytes:
    return place("liaison_list", visitor.partner, visitor.id, "")
