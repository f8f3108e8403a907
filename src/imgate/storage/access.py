"""Who may call: client credentials, and the ids of signed assertions, each of which counts once.

A secret is 256 random bits made by imgate, so guessing is hopeless and a slow hash (argon2) would protect nothing: it is kept as
an HMAC under a key that does not stand in the database.
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, update

from imgate.audit.events import Event, EventName
from imgate.storage.schema import accesses, used_assertions
from imgate.storage.statement import Row, Statement, insert_into
from imgate.storage.transaction import SqlTransaction
from imgate.storage.vault import DIGEST_HEX, Vault
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import Role

_c, _u = accesses.c, used_assertions.c
_ADD = insert_into(accesses)
_ALL = select(_c.client_id, _c.role, _c.partner, _c.name, _c.secret, _c.public_key, _c.created_at, _c.revoked_at)
_GET = Statement(_ALL.where(_c.client_id == bindparam("access")))
_LIST = Statement(_ALL.order_by(_c.created_at, _c.client_id))
_REVOKE = Statement(update(accesses).where(_c.client_id == bindparam("access"), _c.revoked_at.is_(None)).values(revoked_at=bindparam("at")))
_USE = Statement(lambda insert: insert(used_assertions).on_conflict_do_nothing(), _u)


@dataclass(frozen=True, slots=True)
class Access:
    """One caller's access. ``public_key`` (PEM or JWK) is for ``private_key_jwt``; otherwise there is a secret."""

    client_id: str
    role: Role
    partner: str | None
    name: str
    secret_digest: bytes | None = field(repr=False)
    public_key: str | None = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None


class Accesses:
    """Who may call. ``writing`` and ``reading`` give units of work."""

    def __init__(
        self,
        vault: Vault,
        writing: Callable[[], AbstractContextManager[SqlTransaction]],
        reading: Callable[[], AbstractContextManager[SqlTransaction]],
    ) -> None:
        self._secret, self._assertion = vault.secret, vault.assertion
        self._writing = writing
        self._reading = reading

    def add(
        self, role: Role, partner: str | None, name: str, at: datetime, actor: str, public_key: str | None = None
    ) -> tuple[Access, str | None]:
        """Give access; returns it with its secret, which is shown once and not kept. With a public key there is no secret."""
        if (role is Role.PARTNER) != (partner is not None):
            raise ValueError("the role partner is bound to one partner, the others to none")
        secret = None if public_key is not None else secrets.token_urlsafe(32)
        digest = None if secret is None else self._secret.of(secret.encode())
        with self._writing() as tx:
            access = Access(new_id(), role, partner, name, digest, public_key, at, None)
            _ADD.run(
                tx.session,
                client_id=access.client_id,
                role=role.value,
                partner=partner,
                name=name,
                secret=digest,
                public_key=public_key,
                created_at=at,
                revoked_at=None,
            )
            fields: Mapping[str, object] = {
                "access": access.client_id,
                "role": role.value,
                "partner": partner,
                "name": name,
                "method": "client_secret" if public_key is None else "private_key_jwt",
            }
            tx.audit(Event(EventName.ACCESS_ADDED, at, actor, None, fields))
        return access, secret

    def get(self, client_id: str) -> Access | None:
        """Give one access, revoked or not: whoever asks looks at ``revoked_at``."""
        with self._reading() as tx:
            row = _GET.first(tx.session, access=client_id)
        return None if row is None else _access(row)

    def list(self) -> tuple[Access, ...]:
        """List every access, the oldest first."""
        with self._reading() as tx:
            return tuple(_access(row) for row in _LIST.all(tx.session))

    def revoke(self, client_id: str, at: datetime, actor: str) -> bool:
        """Revoke an access; tell whether it held until now."""
        with self._writing() as tx:
            revoked = _REVOKE.run(tx.session, access=client_id, at=at) == 1
            if revoked:
                tx.audit(Event(EventName.ACCESS_REVOKED, at, actor, None, {"access": client_id}))
        return revoked

    def matches(self, access: Access, unverified_secret: str) -> bool:
        """Compare a secret in constant time. Never true for an access that has none."""
        return access.secret_digest is not None and self._secret.matches(access.secret_digest, unverified_secret.encode())

    def use_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Use up a signed assertion's id; False where this caller used it before."""
        key = self._assertion.of(client_id.encode(), jti.encode()).hex()[:DIGEST_HEX]
        with self._writing() as tx:
            return _USE.run(tx.session, jti=key, expires_at=expires_at) == 1


def _access(row: Row) -> Access:
    client_id, role, partner, name, secret, public_key, created_at, revoked_at = row
    return Access(client_id, Role(role), partner, name, secret, public_key, created_at, revoked_at)
