"""Users' passkeys (WebAuthn): public keys, which prove nothing to whoever steals them."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, and_, bindparam, delete, or_, select, update

from imgate.audit.events import Event, EventName
from imgate.storage.enrolment import digest_of, record_enrolled, use_code
from imgate.storage.people_tables import passkeys, users
from imgate.storage.statement import Row, Statement
from imgate.storage.units import Units
from imgate.storage.vault import Vault

_c = passkeys.c
_COLUMNS = (_c.credential_id, _c.user, _c.public_key, _c.sign_count, _c.label, _c.added_at, _c.used_at)
_THIS = _c.credential_id == bindparam("this")
_MAY_HOLD = Statement(select(users.c.id).where(users.c.id == bindparam("this"), users.c.revoked_at.is_(None), users.c.issuer.is_(None)))
_ADD = Statement(lambda insert: insert(passkeys).on_conflict_do_nothing(), _c)
_OF = Statement(select(*_COLUMNS).where(_c.user == bindparam("of_user")).order_by(_c.added_at, _c.credential_id))
_GET = Statement(select(*_COLUMNS).where(_THIS))
# Authenticators that do not count say 0 each time (WebAuthn 6.1.1); one that counts never says the same again.
_COUNT: BindParameter[int] = bindparam("count", type_=_c.sign_count.type)
_USED = Statement(
    update(passkeys)
    .where(_THIS, or_(_c.sign_count < _COUNT, and_(_c.sign_count == 0, _COUNT == 0)))
    .values(sign_count=bindparam("to_count"), used_at=bindparam("at"))
)
_REMOVE = Statement(delete(passkeys).where(_c.user == bindparam("of_user"), _THIS))


class _Refused(Exception):
    """Undoes what was done so far."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of one user."""

    credential_id: bytes = field(repr=False)
    user: str
    public_key: bytes = field(repr=False)
    sign_count: int
    label: str
    added_at: datetime
    used_at: datetime | None


class Passkeys:
    """Users' passkeys."""

    def __init__(self, vault: Vault, units: Units) -> None:
        self._vault = vault
        self._units = units

    def add(
        self, user: str, credential_id: bytes, public_key: bytes, sign_count: int, label: str, at: datetime, *, enrolment: str | None = None
    ) -> bool:
        """Add a passkey; ``enrolment`` is a code that is used up by it.

        False, and nothing is added, where that code was used up or replaced already, the passkey is somebody's already, or the user may
        have none.
        """
        values = {"public_key": public_key, "sign_count": sign_count, "label": label, "added_at": at, "used_at": None}
        with suppress(_Refused), self._units.writing() as tx:
            if _MAY_HOLD.first(tx.session, this=user) is None:
                raise _Refused
            if enrolment is not None and not use_code(tx, user, digest_of(self._vault, enrolment), at):
                raise _Refused
            if _ADD.run(tx.session, credential_id=credential_id, user=user, **values) == 0:
                raise _Refused
            record_enrolled(tx, user, "passkey", at)
            return True
        return False

    def of(self, user: str) -> tuple[Passkey, ...]:
        """Give a user's passkeys, the oldest first."""
        with self._units.reading() as tx:
            return tuple(Passkey(*row) for row in _OF.all(tx.session, of_user=user))

    def get(self, credential_id: bytes) -> Passkey | None:
        """Find a passkey."""
        with self._units.reading() as tx:
            row: Row | None = _GET.first(tx.session, this=credential_id)
        return None if row is None else Passkey(*row)

    def used(self, credential_id: bytes, sign_count: int, at: datetime) -> bool:
        """Record a use; False, and nothing is stored, where the passkey's counter did not grow: then there may be a copy of it."""
        with self._units.writing() as tx:
            return _USED.run(tx.session, this=credential_id, count=sign_count, to_count=sign_count, at=at) == 1

    def remove(self, user: str, credential_id: bytes, at: datetime) -> bool:
        """Remove a passkey of this user; tell whether there was one."""
        with self._units.writing() as tx:
            removed = _REMOVE.run(tx.session, of_user=user, this=credential_id) == 1
            if removed:
                tx.audit(Event(EventName.USER_PASSKEY_REMOVED, at, user, None, {"user": user}))
        return removed
