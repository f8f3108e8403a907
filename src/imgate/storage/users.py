"""Users: who they are, what they sign in with, and how often it failed."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, select, update

from imgate.audit.events import Event, EventName
from imgate.storage.enrolment import CODE_HOLDS, digest_of, new_code, record_enrolled, use_code
from imgate.storage.people_tables import passkeys, sessions, users
from imgate.storage.statement import Statement, insert_into
from imgate.storage.transaction import SqlTransaction
from imgate.storage.units import Units
from imgate.storage.user_rows import COLUMNS, User, user_of
from imgate.storage.vault import Vault
from imgate.vocabulary.identifiers import NIL_UUID, new_id
from imgate.vocabulary.words import Notify, UserRole

__all__ = ["LoginTaken", "User", "UserRevoked", "Users"]

NAME_MAX = 200
TRIES = 5
LOCKED = timedelta(minutes=15)

_is_login = re.compile(r"[a-z0-9._@-]{1,64}\Z").match
_c = users.c
_THIS = _c.id == bindparam("this")
_HOLDS = _c.revoked_at.is_(None)
_ALL = select(*COLUMNS)
_GET = Statement(_ALL.where(_THIS))
_BY_LOGIN = Statement(_ALL.where(_c.login == bindparam("this_login")))
_LIST = Statement(_ALL.order_by(_c.created_at, _c.id))
_ENROLLING = Statement(_ALL.where(_c.enrolment == bindparam("code"), _c.enrolment_until > bindparam("at"), _HOLDS))
_OF_PROVIDER = Statement(_ALL.where(_c.issuer == bindparam("this_issuer"), _c.subject == bindparam("this_subject")))
_ADD = insert_into(users)
_ADD_ONCE = Statement(lambda insert: insert(users).on_conflict_do_nothing(), _c)
_REVOKE = Statement(
    update(users).where(_THIS, _HOLDS).values(revoked_at=bindparam("at"), password=None, totp=None, enrolment=None, enrolment_until=None)
)
_RESET = Statement(
    update(users)
    .where(_THIS, _HOLDS, _c.issuer.is_(None))
    .values(enrolment=bindparam("to_code"), enrolment_until=bindparam("to_until"), password=None, totp=None, failures=0, locked_until=None)
)
_SET_PASSWORD = Statement(
    update(users)
    .where(_THIS, _HOLDS, _c.issuer.is_(None))
    .values(password=bindparam("to_password"), totp=bindparam("to_totp"), failures=0, locked_until=None)
)
_RENEW_PASSWORD = Statement(
    update(users).where(_THIS, _HOLDS, _c.password == bindparam("before")).values(password=bindparam("to_password"))
)
_USE_STEP = Statement(
    update(users)
    .where(_THIS, _HOLDS, _c.password == bindparam("compared"), (_c.totp_step.is_(None)) | (_c.totp_step < bindparam("step")))
    .values(totp_step=bindparam("to_step"), failures=0, locked_until=None)
)
# Tries while it is locked are not counted: nobody can keep a user locked out for longer by going on.
_FAILED = Statement(
    update(users)
    .where(_THIS, (_c.locked_until.is_(None)) | (_c.locked_until <= bindparam("at")))
    .values(
        failures=_c.failures + 1,
        locked_until=case((_c.failures % TRIES == TRIES - 1, bindparam("to_lock", type_=_c.locked_until.type)), else_=_c.locked_until),
    )
    .returning(_c.failures)
)
_SETTLE = {name: Statement(update(users).where(_THIS).values({name: bindparam(f"to_{name}")})) for name in ("language", "notify", "email")}
_CHANGE = Statement(
    update(users).where(_THIS).values(role=bindparam("to_role"), partner=bindparam("to_partner"), name=bindparam("to_name"))
)
_OF_OFFICE = Statement(update(users).where(_THIS).values(of_office=True))
_NOTIFIED = Statement(update(users).where(_THIS).values(notified_at=bindparam("at")))
_END_SESSIONS = Statement(delete(sessions).where(sessions.c.user == bindparam("this")))
_REMOVE_PASSKEYS = Statement(delete(passkeys).where(passkeys.c.user == bindparam("this")))


class LoginTaken(Exception):
    """The operator must act: another user has this login, revoked or not."""


class UserRevoked(Exception):
    """The operator must act: the identity provider vouches for somebody who was revoked here."""


class Users:
    """Who may use the web pages."""

    def __init__(self, vault: Vault, units: Units) -> None:
        self._vault = vault
        self._units = units

    def add(
        self, role: UserRole, partner: str | None, name: str, login: str, email: str | None, at: datetime, actor: str
    ) -> tuple[User, str]:
        """Add a user; returns the user with a code to enrol with once, which is shown this once and not kept.

        A liaison is bound to one partner, the others to none. A login has 1 to 64 of ``a-z0-9._@-``; capitals count as small ones.
        Raises LoginTaken, ValueError.
        """
        folded = login.casefold()
        if _is_login(folded) is None:
            raise ValueError("a login has 1 to 64 of a-z, 0-9 and ._@-")
        _check(role, partner, name)
        user, code = new_id(), new_code()
        row = self._row(user, role, partner, name, at) | {
            "login": folded,
            "email": None if email is None else self._vault.seal_person("email", user, email.encode()),
            "enrolment": digest_of(self._vault, code),
            "enrolment_until": at + CODE_HOLDS,
        }
        with self._units.writing() as tx:
            try:
                _ADD.run(tx.session, **row)
            except tx.session.dialect.loaded_dbapi.IntegrityError as error:
                raise LoginTaken from error
            tx.audit(Event(EventName.USER_ADDED, at, actor, None, {**_role(user, role, partner, name), "method": "code"}))
            added = self._one(tx, user)
        return added, code

    def get(self, user: str) -> User | None:
        """Give one user, revoked or not: whoever asks looks at ``revoked_at``."""
        return self._first(_GET, this=user)

    def by_login(self, login: str) -> User | None:
        """Find a user by the login as it was typed; revoked or not, as ``get``."""
        return self._first(_BY_LOGIN, this_login=login.casefold())

    def list(self) -> tuple[User, ...]:
        """List every user, the oldest first."""
        with self._units.reading() as tx:
            return tuple(user_of(self._vault, row) for row in _LIST.all(tx.session))

    def revoke(self, user: str, at: datetime, actor: str) -> bool:
        """Revoke a user for good, and end all sessions; tell whether the user was there until now."""
        with self._units.writing() as tx:
            revoked = _REVOKE.run(tx.session, this=user, at=at) == 1
            if revoked:
                _END_SESSIONS.run(tx.session, this=user)
                _REMOVE_PASSKEYS.run(tx.session, this=user)
                tx.audit(Event(EventName.USER_REVOKED, at, actor, None, {"user": user}))
        return revoked

    def enrolling(self, unverified_code: str, at: datetime) -> User | None:
        """Find whose enrolment code this is; None where it was used up, has run out, or is nobody's."""
        return self._first(_ENROLLING, code=digest_of(self._vault, unverified_code), at=at)

    def new_enrolment(self, user: str, at: datetime, actor: str) -> str | None:
        """Give a new code to enrol with, and delete all that the user signs in with: a device was lost, or the code.

        None where there is no such user, or the user is revoked or signs in with an identity provider.
        """
        code = new_code()
        with self._units.writing() as tx:
            if _RESET.run(tx.session, this=user, to_code=digest_of(self._vault, code), to_until=at + CODE_HOLDS) == 0:
                return None
            _END_SESSIONS.run(tx.session, this=user)
            _REMOVE_PASSKEYS.run(tx.session, this=user)
            tx.audit(Event(EventName.USER_RESET, at, actor, None, {"user": user}))
        return code

    def set_password(self, user: str, password: str, totp: bytes | None, at: datetime, *, enrolment: str | None = None) -> bool:
        """Set password (what argon2 made of it) and secret of one-time codes in place of what was there. Ends no session.

        ``enrolment`` is a code that is used up by it. False, and nothing is set, where that code was used up or replaced already, or the
        user may not sign in by password.
        """
        sealed = None if totp is None else self._vault.seal_person("totp", user, totp)
        with self._units.writing() as tx:
            if enrolment is not None and not use_code(tx, user, digest_of(self._vault, enrolment), at):
                return False
            if _SET_PASSWORD.run(tx.session, this=user, to_password=password, to_totp=sealed) == 0:
                return False
            record_enrolled(tx, user, "password", at)
        return True

    def renew_password(self, user: str, before: str, after: str) -> bool:
        """Keep the same password at another price; False, and nothing is kept, where it was reset or replaced in the meantime."""
        with self._units.writing() as tx:
            return _RENEW_PASSWORD.run(tx.session, this=user, before=before, to_password=after) == 1

    def use_totp_step(self, user: str, step: int, password: str | None) -> bool:
        """Use up a time step of one-time codes; False for one that was used, and for every earlier one.

        To be called once all else is right: with it the proof is complete, and failures count anew. False as well where what is kept of
        the password is no longer what was compared.
        """
        with self._units.writing() as tx:
            return _USE_STEP.run(tx.session, this=user, step=step, to_step=step, compared=password) == 1

    def failed(self, user: str | None, at: datetime, *, on_record: bool = True) -> None:
        """Count a failed try to sign in, also where nobody has this login; every fifth in a row locks the user for 15 minutes.

        It goes into the audit log where ``on_record`` says so.
        """
        with self._units.writing() as tx:
            # Also for nobody: how long it takes tells no login.
            row = _FAILED.first(tx.session, this=user or NIL_UUID, at=at, to_lock=at + LOCKED)
            if on_record:
                fields = {"user": user, "locked": row is not None and row[0] % TRIES == 0}
                tx.audit(Event(EventName.USER_SIGN_IN_FAILED, at, "unknown", None, fields))

    def settle(self, user: str, *, language: str | None = None, notify: Notify | None = None, email: str | None = None) -> None:
        """Keep what a user settled. None leaves it as it is; an empty language or e-mail address is none."""
        settled = {"language": language, "notify": notify, "email": email}
        with self._units.writing() as tx:
            for name, value in settled.items():
                if value is None:
                    continue
                kept = None if not value else self._vault.seal_person("email", user, value.encode()) if name == "email" else str(value)
                _SETTLE[name].run(tx.session, this=user, **{f"to_{name}": kept})

    def signed_in_by(self, issuer: str, subject: str, role: UserRole, partner: str | None, name: str, at: datetime) -> User:
        """Find whom the identity provider vouches for, or make the user: with the role, partner and name that it says now.

        The provider's subject is kept as a keyed digest. Where role or partner changed, the user's sessions end. Raises UserRevoked, and
        ValueError for a name that is none (1 to 200 characters that can be seen) or a role without its partner.
        """
        _check(role, partner, name)
        whose = {"this_issuer": issuer, "this_subject": self._vault.subject.of(issuer.encode(), subject.encode())}
        with self._units.writing() as tx:
            row = _OF_PROVIDER.first(tx.session, **whose)
            if row is None:
                made = self._row(new_id(), role, partner, name, at) | {"issuer": issuer, "subject": whose["this_subject"]}
                if _ADD_ONCE.run(tx.session, **made) == 1:
                    fields = {**_role(str(made["id"]), role, partner, name), "method": "openid"}
                    tx.audit(Event(EventName.USER_ADDED, at, str(made["id"]), None, fields))
                row = _OF_PROVIDER.first(tx.session, **whose)
            assert row is not None  # noqa: S101  # made here or, at the same time, by another gateway
            known = user_of(self._vault, row)
            if known.revoked_at is not None:
                raise UserRevoked
            if (known.role, known.partner, known.name) == (role, partner, name):
                return known
            _CHANGE.run(tx.session, this=known.id, to_role=role.value, to_partner=partner, to_name=name)
            if (known.role, known.partner) != (role, partner):
                if role is UserRole.OFFICE:
                    _OF_OFFICE.run(tx.session, this=known.id)
                _END_SESSIONS.run(tx.session, this=known.id)
                tx.audit(Event(EventName.USER_CHANGED, at, known.id, None, _role(known.id, role, partner, name)))
            return self._one(tx, known.id)

    def known_by(self, issuer: str, subject: str) -> User | None:
        """Find whom the identity provider vouches for, and make nobody: revoked or not, as ``get``."""
        return self._first(_OF_PROVIDER, this_issuer=issuer, this_subject=self._vault.subject.of(issuer.encode(), subject.encode()))

    def notified(self, user: str, at: datetime) -> None:
        """Remember when the user was sent an e-mail."""
        with self._units.writing() as tx:
            _NOTIFIED.run(tx.session, this=user, at=at)

    def _first(self, statement: Statement, **values: object) -> User | None:
        with self._units.reading() as tx:
            row = statement.first(tx.session, **values)
        return None if row is None else user_of(self._vault, row)

    def _one(self, tx: SqlTransaction, user: str) -> User:
        row = _GET.first(tx.session, this=user)
        assert row is not None  # noqa: S101  # users are never deleted
        return user_of(self._vault, row)

    def _row(self, user: str, role: UserRole, partner: str | None, name: str, at: datetime) -> dict[str, object]:
        said: dict[str, object] = {"id": user, "role": role.value, "partner": partner, "name": name, "notify": Notify.NEVER.value}
        said |= {"of_office": role is UserRole.OFFICE, "created_at": at, "failures": 0}
        return dict.fromkeys((column.key for column in _c), None) | said


def _role(user: str, role: UserRole, partner: str | None, name: str) -> Mapping[str, object]:
    return {"user": user, "role": role.value, "partner": partner, "name": name}


def _check(role: UserRole, partner: str | None, name: str) -> None:
    if (role is UserRole.LIAISON) != (partner is not None):
        raise ValueError("a liaison is bound to one partner, the others to none")
    if not name.strip() or not name.isprintable() or len(name) > NAME_MAX:
        raise ValueError("a name has 1 to 200 characters that can be seen")
