"""People on the web pages: users, passkeys, sessions. Its methods block, each with a unit of work of its own; no client's data is here."""

from datetime import datetime

from imgate.storage.passkeys import Passkey, Passkeys
from imgate.storage.schema import used_assertions
from imgate.storage.sessions import Session, SessionOver, Sessions
from imgate.storage.statement import Statement
from imgate.storage.units import Units
from imgate.storage.user_rows import User
from imgate.storage.users import LoginTaken, UserRevoked, Users
from imgate.storage.vault import DIGEST_HEX, Vault

__all__ = ["LoginTaken", "Passkey", "Passkeys", "People", "Session", "SessionOver", "Sessions", "User", "UserRevoked", "Users"]

_USE = Statement(lambda insert: insert(used_assertions).on_conflict_do_nothing(), used_assertions.c)


class People:
    """Who uses the web pages, and how they sign in."""

    def __init__(self, vault: Vault, units: Units) -> None:
        self.users = Users(vault, units)
        self.passkeys = Passkeys(vault, units)
        self.sessions = Sessions(vault, units)
        self._once = vault.once
        self._units = units

    def use_once(self, kind: str, value: str, expires_at: datetime) -> bool:
        """Use up a one-time value of this kind, such as a challenge; False where it was used before.

        That it still holds, the caller looks at: from ``expires_at`` on it may be forgotten that it was used.
        """
        key = self._once.of(kind.encode(), value.encode()).hex()[:DIGEST_HEX]
        with self._units.writing() as tx:
            return _USE.run(tx.session, jti=key, expires_at=expires_at) == 1
