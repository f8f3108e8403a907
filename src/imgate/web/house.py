"""What every page works with: the gateway behind it, and how pages are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from anyio import CapacityLimiter
from starlette.requests import Request

from imgate.bootstrap import Gateway
from imgate.exchange.answers import Call
from imgate.exchange.context import Corridor
from imgate.web.rendering import Rendering
from imgate.web.visitors import Visitor

_PAPERS_AT_ONCE = 2  # one is set, the next is made ready


@dataclass(frozen=True)
class House:
    """One process's pages."""

    gateway: Gateway
    rendering: Rendering
    typesetting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_PAPERS_AT_ONCE))
    whole_log: Lock = field(default_factory=Lock)  # taken by whoever reads all of it

    @property
    def corridor(self) -> Corridor:
        """The corridor that answers."""
        return self.gateway.corridor

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that a cookie may be bound to it."""
        return self.gateway.url.startswith("https:")


def house_of(request: Request) -> House:
    """Give what these pages were made for."""
    house: House = request.app.state.house
    return house


def corridor_of(request: Request) -> Corridor:
    """Give the corridor that answers."""
    return house_of(request).corridor


def today(corridor: Corridor) -> date:
    """Give the day in the gateway's zone."""
    return corridor.clock().astimezone(corridor.policy.zone).date()


def partner_names(corridor: Corridor) -> Mapping[str, str]:
    """Give the configured partners' names by id."""
    return {partner.id: partner.policy.name for partner in corridor.partners.values()}


def call_of(request: Request, visitor: Visitor, *, key: str | None = None, body: bytes = b"") -> Call:
    """Say who asks what, for idempotency and the audit log. ``key`` is a hidden field of the form: sent twice, it is done once."""
    return Call(visitor.id, request.url.path, key, body)
