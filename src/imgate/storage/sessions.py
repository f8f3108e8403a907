"""Sessions on the web pages: of a user, or of a client on the client's own page.

The cookie holds 256 random bits; here they are a keyed digest, so that whoever reads the database can take over no session.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from imgate.audit.events import Event, EventName
from imgate.exchange.ports import Stale
from imgate.storage.engine import misses_row
from imgate.storage.people_tables import sessions, users
from imgate.storage.statement import Row, Statement, insert_into
from imgate.storage.transaction import SqlTransaction
from imgate.storage.units import Units
from imgate.storage.user_rows import COLUMNS, User, user_of
from imgate.storage.vault import Vault

# Each sighting that is stored is a write: once a minute is exact enough for an idle time of many.
_SEEN_EVERY = timedelta(minutes=1)

_c = sessions.c
_THIS = _c.token == bindparam("this")
_BEGIN = insert_into(sessions)
_OWN = (_c.user, _c.client, _c.created_at, _c.seen_at, _c.ends_at, _c.confirmed_at)
_GET = Statement(select(*_OWN, *COLUMNS).select_from(sessions.outerjoin(users, users.c.id == _c.user)).where(_THIS))
_SEEN = Statement(update(sessions).where(_THIS, _c.seen_at < bindparam("at")).values(seen_at=bindparam("to_seen_at")))
_CONFIRM = Statement(
    update(sessions)
    .where(_THIS, _c.ends_at > bindparam("at"), _c.user.is_not(None))
    .values(token=bindparam("to_token"), confirmed_at=bindparam("to_confirmed_at"), seen_at=bindparam("to_seen_at"))
    .returning(_c.user)
)
_END = Statement(delete(sessions).where(_THIS))
# Who has been given a code to enrol with and has not used it has nothing to sign in with.
_SUCCEEDED = Statement(
    update(users)
    .where(users.c.id == bindparam("this"), users.c.revoked_at.is_(None), users.c.enrolment.is_(None))
    .values(failures=0, locked_until=None)
)
_END_ALL = Statement(delete(sessions).where(_c.user == bindparam("of_user")))


class SessionOver(Exception):
    """The person must act: the session is over, and there is nothing left to confirm; sign in again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A running session. ``client`` is the client's digest."""

    user: User | None
    client: str | None
    created_at: datetime
    confirmed_at: datetime | None


class Sessions:
    """Who is signed in."""

    def __init__(self, vault: Vault, units: Units) -> None:
        self._vault = vault
        self._units = units

    def begin(self, user: str | None, client: str | None, at: datetime, ends_at: datetime, *, confirmed: bool) -> str:
        """Begin a session of a user or of a client (by digest), not of both; returns the token, which is not kept.

        ``confirmed``: the person has proved to be there just now. Raises Stale where the client was erased in the meantime.
        """
        if (user is None) == (client is None):
            raise ValueError("a session is either a user's or a client's")
        with self._units.writing() as tx:
            try:
                return self._begin(tx, user, client, at, ends_at, confirmed=confirmed)
            except tx.session.dialect.loaded_dbapi.IntegrityError as error:
                if misses_row(error):
                    raise Stale from error
                raise

    def sign_in(self, user: str, method: str, at: datetime, ends_at: datetime, *, confirmed: bool, planted: str | None) -> str | None:
        """Begin the session of a user who has just proved by ``method`` who they are; the browser's one before (``planted``) ends.

        It is on record, and failures count anew. None, and nothing begins, where the user was revoked or given a new code to enrol with
        since: what they proved with is gone, and a session that began now would outlast that.
        """
        with self._units.writing() as tx:
            if _SUCCEEDED.run(tx.session, this=user) == 0:
                return None
            tx.audit(Event(EventName.USER_SIGNED_IN, at, user, None, {"user": user, "method": method}))
            if planted is not None:
                _END.run(tx.session, this=self._digest(planted))
            return self._begin(tx, user, None, at, ends_at, confirmed=confirmed)

    def _begin(self, tx: SqlTransaction, user: str | None, client: str | None, at: datetime, ends_at: datetime, *, confirmed: bool) -> str:
        token = secrets.token_urlsafe(32)
        values = {"user": user, "client": client, "confirmed_at": at if confirmed else None}
        _BEGIN.run(tx.session, token=self._digest(token), created_at=at, seen_at=at, ends_at=ends_at, **values)
        return token

    def get(self, unverified_token: str, at: datetime, idle: timedelta) -> Session | None:
        """Give a session; None where it has ended, was not used for ``idle``, or its user was revoked."""
        digest = self._digest(unverified_token)
        with self._units.reading() as tx:
            row = _GET.first(tx.session, this=digest)
        if row is None:
            return None
        seen_at = row[3]
        found = self._session(unverified_token, row, at, idle)
        if found is not None and at - seen_at >= _SEEN_EVERY:
            with self._units.writing() as tx:
                _SEEN.run(tx.session, this=digest, at=at, to_seen_at=at)
        return found

    def confirm(self, unverified_token: str, at: datetime) -> str:
        """Record that a user proved once more to be there; returns the session's new token, the old one is dead. Raises SessionOver."""
        token = secrets.token_urlsafe(32)
        with self._units.writing() as tx:
            row = _CONFIRM.first(
                tx.session, this=self._digest(unverified_token), at=at, to_token=self._digest(token), to_confirmed_at=at, to_seen_at=at
            )
            if row is None:
                raise SessionOver
            tx.audit(Event(EventName.USER_CONFIRMED, at, row[0], None, {"user": row[0]}))
        return token

    def end(self, unverified_token: str) -> None:
        """End a session; nothing happens where there is none."""
        with self._units.writing() as tx:
            _END.run(tx.session, this=self._digest(unverified_token))

    def end_all(self, user: str) -> None:
        """End all sessions of a user."""
        with self._units.writing() as tx:
            _END_ALL.run(tx.session, of_user=user)

    def _session(self, token: str, row: Row, at: datetime, idle: timedelta) -> Session | None:
        user, client, created_at, seen_at, ends_at, confirmed_at = row[: len(_OWN)]
        if ends_at <= at or seen_at + idle <= at:
            return None
        whose = None if user is None else user_of(self._vault, row[len(_OWN) :])
        if whose is not None and whose.revoked_at is not None:
            return None
        return Session(whose, client, created_at, confirmed_at)

    def _digest(self, unverified_token: str) -> str:
        return self._vault.session.of(unverified_token.encode()).hex()
