"""Proves a person by password and one-time code, at the same price and with the same answer whatever was wrong."""

from imgate.storage.people import People
from imgate.storage.users import User
from imgate.web.house import House
from imgate.web.sign_in.arrival import may_enter
from imgate.web.sign_in.doorkeeper import Doorkeeper
from imgate.web.sign_in.one_time_codes import matching_step
from imgate.web.sign_in.passwords import Passwords


def proved_by_password(
    house: House, doorkeeper: Doorkeeper, user: User | None, unverified_password: str, unverified_code: str
) -> User | None:
    """Give the user if password and code are theirs and they may enter, and record the failure if not. Blocks.

    An unknown login, a wrong password, a wrong or used code, somebody revoked, locked or without password: one answer, after one
    comparison of a password and one of a code. A password that was reset since ``user`` was read proves nothing.
    """
    people, passwords, at = house.gateway.store.people, doorkeeper.passwords, house.corridor.clock()
    password_holds = passwords.match(None if user is None else user.password, unverified_password)
    step = matching_step(None if user is None else user.totp, unverified_code, at)
    locked = user is not None and user.locked_until is not None and at < user.locked_until
    if user is None or not password_holds or step is None or locked or not may_enter(house, user):
        doorkeeper.failures.record(people, None if user is None else user.id, at)
        return None
    if not people.users.use_totp_step(user.id, step, _renewed(people, passwords, user, unverified_password)):
        doorkeeper.failures.record(people, user.id, at)
        return None
    return user


def _renewed(people: People, passwords: Passwords, user: User, password: str) -> str | None:
    """Keep the password at today's price, as it is known for this one moment; returns what is kept of it."""
    if user.password is None or not passwords.is_outdated(user.password):
        return user.password
    kept = passwords.kept(password)
    return kept if people.users.renew_password(user.id, user.password, kept) else user.password
