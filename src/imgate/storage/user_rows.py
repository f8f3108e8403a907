"""A user as it stands in its row."""

from dataclasses import dataclass, field
from datetime import datetime

from imgate.exchange.ports import Unreadable
from imgate.storage.people_tables import users
from imgate.storage.statement import Row
from imgate.storage.vault import Vault
from imgate.vocabulary.words import Notify, UserRole

_c = users.c
# In this order everywhere: see ``user_of``.
COLUMNS = (
    _c.id,
    _c.role,
    _c.partner,
    _c.name,
    _c.login,
    _c.email,
    _c.language,
    _c.notify,
    _c.created_at,
    _c.revoked_at,
    _c.password,
    _c.totp,
    _c.failures,
    _c.locked_until,
    _c.issuer,
    _c.notified_at,
)


@dataclass(frozen=True, slots=True)
class User:
    """A person on the web pages. ``partner`` is a liaison's. ``password`` is what argon2 made of it.

    A user has a ``login``, or comes from an identity provider (``issuer``) and has none. ``totp`` is the secret of one-time codes.
    """

    id: str
    role: UserRole
    partner: str | None
    name: str
    login: str | None
    email: str | None = field(repr=False)
    language: str | None
    notify: Notify
    created_at: datetime
    revoked_at: datetime | None
    password: str | None = field(repr=False)
    totp: bytes | None = field(repr=False)
    failures: int
    locked_until: datetime | None
    issuer: str | None
    notified_at: datetime | None


def user_of(vault: Vault, row: Row) -> User:
    """Make a user of a row with ``COLUMNS``.

    An e-mail address that does not open counts as missing, so that one broken row hides none of the others. Where the secret of one-time
    codes does not open, the password counts as missing too: it is not to be enough by itself.
    """
    user, role, partner, name, login, email, language, notify, created_at, revoked_at, password, totp, *rest = row
    secret = _opened(vault, "totp", user, totp)
    address = _opened(vault, "email", user, email)
    return User(
        user,
        UserRole(role),
        partner,
        name,
        login,
        None if address is None else address.decode(),
        language,
        Notify(notify),
        created_at,
        revoked_at,
        password if totp is None or secret is not None else None,
        secret,
        *rest,
    )


def _opened(vault: Vault, column: str, user: str, sealed: bytes | None) -> bytes | None:
    if sealed is None:
        return None
    try:
        return vault.open_person(column, user, sealed)
    except Unreadable:
        return None
