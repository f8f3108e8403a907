"""Which closed scopes the office has opened to which partners: one line for each user who confirmed it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from imgate.exchange.ports import Confirmation
from imgate.storage.people_tables import openings, users
from imgate.storage.session import Session
from imgate.storage.statement import Statement
from imgate.vocabulary.words import UserRole

_c = openings.c
_THIS = (_c.partner == bindparam("of_partner"), _c.scope == bindparam("of_scope"))
# Of whom the access was taken away, or who is of the office no longer, confirms nothing.
_STILL = (users.c.id == _c.user, users.c.role == UserRole.OFFICE.value, users.c.revoked_at.is_(None))
_ALL = Statement(select(_c.partner, _c.scope, _c.user).where(*_STILL))
_ONE_BY_ONE = Statement(select(_c.partner, _c.scope, _c.user, _c.confirmed_at).where(*_STILL).order_by(_c.confirmed_at, _c.user))
_IN_USE = Statement(select(users.c.id).where(users.c.of_office).limit(1))
_CONFIRM = Statement(lambda insert: insert(openings).on_conflict_do_nothing(), _c)
_WITHDRAW = Statement(delete(openings).where(*_THIS, _c.user == bindparam("by_user")))


class SqlOpenings:
    """Who confirmed that a closed scope is open."""

    def __init__(self, session: Session) -> None:
        self._on = session

    def in_use(self) -> bool:
        """Tell whether anybody was ever let onto the pages as one of the office."""
        return _IN_USE.first(self._on) is not None

    def all(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Give the ids of the users of the office who confirmed it and were not revoked since, by partner and scope."""
        found: dict[tuple[str, str], set[str]] = {}
        for partner, scope, user in _ALL.all(self._on):
            found.setdefault((partner, scope), set()).add(user)
        return {opening: frozenset(by) for opening, by in found.items()}

    def confirmations(self) -> tuple[Confirmation, ...]:
        """Give the same one by one, the oldest first."""
        return tuple(Confirmation(*row) for row in _ONE_BY_ONE.all(self._on))

    def confirm(self, partner: str, scope: str, user: str, at: datetime) -> bool:
        """Confirm it; False where this user did so before."""
        return _CONFIRM.run(self._on, partner=partner, scope=scope, user=user, confirmed_at=at) == 1

    def withdraw(self, partner: str, scope: str, user: str) -> bool:
        """Take this user's confirmation back; tell whether there was one."""
        return _WITHDRAW.run(self._on, of_partner=partner, of_scope=scope, by_user=user) == 1
