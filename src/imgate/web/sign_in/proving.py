"""Proves a person by password and one-time code, at the same price and with the same answer whatever was wrong."""

from imgate.storage.people import People
from imgate.storage.users import User
from imgate.web.house import House
from imgate.web.sign_in.arrival import may_enter
from imgate.web.sign_in.one_time_codes import matching_step
from imgate.web.sign_in.passwords import Passwords


def proved_by_password(
    house: House, passwords: Passwords, user: User | None, unverified_password: str, unverified_code: str
) -> User | None:
    """Give the user if password and code are theirs and they may enter, and record the failure if not. Blocks.

    An unknown login, a wrong password, a wrong or used code, somebody revoked, locked or without password: one answer, after one
    comparison of a password and one of a code.
    """
    people, at = house.gateway.store.people, house.corridor.clock()
    password_holds = passwords.match(None if user is None else user.password, unverified_password)
    step = matching_step(None if user is None else user.totp, unverified_code, at)
    locked = user is not None and user.locked_until is not None and at < user.locked_until
    if user is None or not password_holds or step is None or locked or not may_enter(house, user):
        people.users.failed(None if user is None else user.id, at)
        return None
    if not people.users.use_totp_step(user.id, step):
        people.users.failed(user.id, at)
        return None
    _renew(people, passwords, user, unverified_password)
    return user


def _renew(people: People, passwords: Passwords, user: User, password: str) -> None:
    """Keep the password at today's price; it is known for this one moment."""
    if user.password is not None and passwords.is_outdated(user.password):
        people.users.renew_password(user.id, user.password, passwords.kept(password))
