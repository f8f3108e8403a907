"""What every page works with: the gateway behind it, and how pages are written."""

from dataclasses import dataclass, field
from typing import Protocol

from anyio import CapacityLimiter
from starlette.requests import Request

from imgate.documents.papers import Papers
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.keys import Keyring
from imgate.settings import Settings
from imgate.storage import SqlStore
from imgate.web.rendering import Rendering
from imgate.web.visitors import Visitor

_PAPERS_AT_ONCE = 2  # one is set, the next is made ready


class Gateway(Protocol):
    """What the pages need of the gateway."""

    @property
    def settings(self) -> Settings:
        """The configuration."""

    @property
    def store(self) -> SqlStore:
        """Where people and sessions are kept."""

    @property
    def keyring(self) -> Keyring:
        """The keys; signing in seals with one that is derived from them."""

    @property
    def corridor(self) -> Corridor:
        """The corridor that answers."""

    @property
    def papers(self) -> Papers:
        """What makes forms."""

    @property
    def name(self) -> str:
        """The unit's name."""

    @property
    def url(self) -> str:
        """The gateway's own address, without a slash at the end."""


@dataclass(frozen=True)
class House:
    """One process's pages."""

    gateway: Gateway
    rendering: Rendering
    typesetting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_PAPERS_AT_ONCE))

    @property
    def corridor(self) -> Corridor:
        """The corridor that answers."""
        return self.gateway.corridor


def house_of(request: Request) -> House:
    """Give what these pages were made for."""
    house: House = request.app.state.house
    return house


def corridor_of(request: Request) -> Corridor:
    """Give the corridor that answers."""
    return house_of(request).corridor


def call_of(request: Request, visitor: Visitor, *, key: str | None = None, body: bytes = b"") -> Call:
    """Say who asks what, for idempotency and the audit log. ``key`` is a hidden field of the form: sent twice, it is done once."""
    return Call(visitor.id, request.url.path, key, body)
