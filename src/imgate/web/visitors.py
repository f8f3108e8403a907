"""Who is looking: the session in the cookie, and which roles a page lets in.

A page asks for its visitor before it looks at anything else of the request, so that a refusal depends on the visitor alone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from imgate.exchange.refusals import Refused
from imgate.storage.sessions import Session
from imgate.storage.user_rows import User
from imgate.vocabulary.words import UserRole

if TYPE_CHECKING:
    from imgate.web.house import House


class SignInNeeded(Exception):
    """Nobody is signed in: the way leads to the sign-in, and from there back."""


class ConfirmationNeeded(Exception):
    """Somebody is signed in, and has to show once more that it is still they: what comes next carries weight."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in."""

    user: User
    session: Session = field(repr=False)

    @property
    def id(self) -> str:
        """The user's id, as the audit log will name them."""
        return self.user.id

    @property
    def role(self) -> UserRole:
        """What they may see."""
        return self.user.role

    @property
    def partner(self) -> str:
        """The partner that a liaison is bound to; nobody else has one."""
        if self.user.partner is None:
            raise Refused(403, "forbidden")
        return self.user.partner


def cookie_name(house: "House") -> str:
    """Give the session cookie's name. ``__Host-`` keeps other hosts from setting it, and needs https."""
    return "__Host-imgate" if house.secure else "imgate"


def set_session(response: Response, house: "House", token: str) -> None:
    """Hand the browser its session. Lax: the way back from an identity provider comes from another site."""
    response.set_cookie(cookie_name(house), token, path="/", secure=house.secure, httponly=True, samesite="lax")


def forget_session(response: Response, house: "House") -> None:
    """Have the browser forget it."""
    response.delete_cookie(cookie_name(house), path="/", secure=house.secure, httponly=True, samesite="lax")


async def session_of(request: Request) -> Session | None:
    """Give the running session of this request, if there is one: a colleague's or a client's."""
    house: House = request.app.state.house
    unverified_token = request.cookies.get(cookie_name(house))
    if not unverified_token:
        return None
    idle = timedelta(minutes=house.gateway.settings.pages.idle_minutes)
    return await run_in_threadpool(house.gateway.store.people.sessions.get, unverified_token, house.corridor.clock(), idle)


async def maybe_visitor(request: Request) -> Visitor | None:
    """Give who is signed in, or None. A liaison whose partner is configured no more is nobody."""
    session = await session_of(request)
    if session is None or session.user is None:
        return None
    user = session.user
    if (user.role is UserRole.LIAISON) != (user.partner is not None):
        return None
    if user.partner is not None and user.partner not in request.app.state.house.corridor.partners:
        return None
    request.scope["imgate.caller"] = user.id
    request.scope["imgate.partner"] = user.partner
    request.state.visitor = Visitor(user, session)
    return Visitor(user, session)


def admit(*roles: UserRole, confirmed: bool = False) -> Callable[[Request], Awaitable[Visitor]]:
    """Make a dependency that lets these roles in. ``confirmed``: only who has shown lately that it is still they.

    It raises SignInNeeded, ConfirmationNeeded, and Refused 403 for another role.
    """

    async def admission(request: Request) -> Visitor:
        visitor = await maybe_visitor(request)
        if visitor is None:
            raise SignInNeeded
        if visitor.role not in roles:
            raise Refused(403, "forbidden")
        if confirmed and not confirmed_lately(request, visitor):
            raise ConfirmationNeeded
        return visitor

    return admission


def confirmed_lately(request: Request, visitor: Visitor) -> bool:
    """Tell whether they have shown lately that it is still they."""
    house: House = request.app.state.house
    confirmed_at = visitor.session.confirmed_at
    lately = timedelta(minutes=house.gateway.settings.pages.confirm_minutes)
    return confirmed_at is not None and house.corridor.clock() - confirmed_at <= lately


Anybody = Annotated[Visitor, Depends(admit(*UserRole))]
Liaison = Annotated[Visitor, Depends(admit(UserRole.LIAISON))]
IntegrationManager = Annotated[Visitor, Depends(admit(UserRole.INTEGRATION_MANAGER))]
ConfirmedManager = Annotated[Visitor, Depends(admit(UserRole.INTEGRATION_MANAGER, confirmed=True))]
Office = Annotated[Visitor, Depends(admit(UserRole.OFFICE))]
ConfirmedOffice = Annotated[Visitor, Depends(admit(UserRole.OFFICE, confirmed=True))]
