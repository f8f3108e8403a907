"""What follows when somebody has proved who they are: a new session in place of whatever the browser had, and a way on."""

from datetime import timedelta

from starlette.requests import Request

from imgate.storage.users import User
from imgate.vocabulary.words import UserRole
from imgate.web.house import House, house_of
from imgate.web.navigation import home_of
from imgate.web.paths import local_path
from imgate.web.sign_in.passkeys import NotProved
from imgate.web.visitors import cookie_name

_BEFORE = "/pages/sign-in"


def may_enter(house: House, user: User) -> bool:
    """Tell whether this user may have a session: not revoked, and a liaison of a partner that is configured."""
    if user.revoked_at is not None or (user.role is UserRole.LIAISON) != (user.partner is not None):
        return False
    return user.partner is None or user.partner in house.corridor.partners


def begin_session(request: Request, user: User, method: str, *, confirmed: bool = True) -> str:
    """Begin a session, and end the one that the browser came with, whose ever it was; returns the token. Blocks.

    A token that somebody planted in the browser is worth nothing afterwards. ``confirmed``: they showed just now that it is they. Who
    was signed in elsewhere already has not. Raises NotProved where the user was revoked or reset in the meantime.
    """
    house = house_of(request)
    at, planted = house.corridor.clock(), request.cookies.get(cookie_name(house))
    ends_at = at + timedelta(hours=house.gateway.settings.pages.session_hours)
    token = house.gateway.store.people.sessions.sign_in(user.id, method, at, ends_at, confirmed=confirmed, planted=planted)
    if token is None:
        raise NotProved
    return token


def way_on(said: str, user: User) -> str:
    """Give the page to go to: the one that was asked for, if it is one of ours, else where the role begins."""
    asked = local_path(said)
    return asked if asked and not asked.startswith(_BEFORE) else home_of(user.role)
