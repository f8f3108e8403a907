"""When PostgreSQL went away, for how long that is waited out, and what became of a commit that it did not answer.

The clock runs from the first failure and not from each request: a request in the first seconds of an outage waits for its end, one that
comes later is told at once, so that they do not pile up before a database that is gone for an hour.
"""

import time
from collections.abc import Callable
from typing import NoReturn

import tenacity

from imgate.exchange.ports import Unavailable
from imgate.storage.session import Session

PATIENCE_SECONDS = 20.0
# The newest entries, among which one of a moment ago is looked for: more than all gateways together write in that time.
_NEWEST = 250_000

_ENTRY = f"SELECT 1 FROM audit_log WHERE position > (SELECT coalesce(max(position), 0) - {_NEWEST} FROM audit_log) AND id = %s"  # noqa: S608  # a number
_BUSY = "SELECT state FROM pg_stat_activity WHERE pid = %s AND backend_start::text = %s AND state IS DISTINCT FROM 'idle'"
# Waits, as every commit does, for the standby that the site asked for; with it, all that was written before has got there too.
_REPLICATED = "SELECT pg_logical_emit_message(true, 'imgate', '')"
_PAUSE = tenacity.wait_random_exponential(multiplier=0.05, max=1.0)


class Away(Unavailable):
    """It stayed away for as long as it is waited for: nobody is to try again now, and nothing that may have been committed."""


class Undecided(Unavailable):
    """The server process that was to commit is still at it."""


_AGAIN = tenacity.retry_all(tenacity.retry_if_exception_type(Unavailable), tenacity.retry_if_not_exception_type(Away))


class Outage:
    """The times at which the database cannot be reached, as this process sees them."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._since: float | None = None
        self._at_most = tenacity.stop_after_delay(patience)

    @property
    def lasts(self) -> bool:
        """Tell whether the last attempt to reach the database failed."""
        return self._since is not None

    def begins(self) -> None:
        """Note that the database could not be reached."""
        self._since = self._since or time.monotonic()

    def ends(self) -> None:
        """Note that it could."""
        self._since = None

    def waited_out(self) -> tenacity.Retrying:
        """Give the attempts that are made, in a thread: again after Unavailable, until the patience is at an end."""
        return tenacity.Retrying(stop=self._long_enough, wait=_PAUSE, retry=_AGAIN, retry_error_callback=_raise_away)

    def waited_out_beside(self) -> tenacity.AsyncRetrying:
        """Give the same for the event loop."""
        return tenacity.AsyncRetrying(stop=self._long_enough, wait=_PAUSE, retry=_AGAIN, retry_error_callback=_raise_away)

    def _long_enough(self, state: tenacity.RetryCallState) -> bool:
        return self._at_most(state) or (self._since is not None and time.monotonic() - self._since > self._patience)


def _raise_away(state: tenacity.RetryCallState) -> NoReturn:
    error = state.outcome.exception() if state.outcome is not None else None
    raise Away(str(error)) from (error and error.__cause__) or error


def came_through(lost: Session, reconnected: Callable[[], Session], outage: Outage) -> bool:
    """Tell whether a commit that was not answered came through: its last audit entry is there, or nothing of it is.

    Exact after a restart or a failover too, which a transaction's number (``pg_xact_status``) is not: what had not reached the disk
    is forgotten there, and its number given to somebody else. Raises Away where it cannot be told. Blocks.
    """
    lost.close()
    if lost.entry is None:
        raise Away("the connection was lost in a commit without an audit entry: what became of it is not known")
    for attempt in outage.waited_out():
        with attempt:
            session = reconnected()
            try:
                return _is_there(session, lost.entry, lost.backend)
            except session.dialect.loaded_dbapi.Error as error:
                raise Undecided(f"lost again: {type(error).__name__}") from error
            finally:
                session.close()
    raise AssertionError("unreachable")


def _is_there(session: Session, entry: str, backend: tuple[int, str]) -> bool:
    state = session.driver.execute(_BUSY, backend).fetchone()
    # In this order: an entry that is not there when its server process is done will not come.
    if session.driver.execute(_ENTRY, [entry]).fetchone() is not None:
        session.driver.execute(_REPLICATED)
        return True
    if state is not None:
        if str(state[0]).startswith("idle in transaction"):  # it has not been told to commit, and we cannot tell it any more
            session.driver.execute("SELECT pg_terminate_backend(%s)", [backend[0]])
        raise Undecided("the server process that was to commit is still at it")
    return False
