"""What signing in works with, beyond one request: the key that seals, how passwords are compared, the identity provider."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request

from imgate.bootstrap import Gateway
from imgate.exchange.refusals import Refused
from imgate.storage.people import People
from imgate.web.sign_in.openid_provider import Provider
from imgate.web.sign_in.passkeys import RelyingParty
from imgate.web.sign_in.passwords import Passwords
from imgate.web.sign_in.sealed import Sealed

_PASSWORDS_AT_ONCE = 2  # each takes 64 MiB: a crowd of tries waits, and does not fill the memory
_WAITING_MAX = 20  # the last of them waits for about a second
_NOBODYS_EVERY = timedelta(minutes=1)
_Result = TypeVar("_Result")


class Queue:
    """Work with passwords, a few at once and the rest one after the other."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(_PASSWORDS_AT_ONCE)
        self._here = 0

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Do it in its turn. Raises Refused 503 where too many wait already, and whatever the work raises."""
        if self._here >= _PASSWORDS_AT_ONCE + _WAITING_MAX:
            raise Refused(503, "busy")
        self._here += 1
        try:
            return await run_sync(work, limiter=self._limiter)
        finally:
            self._here -= 1


class Failures:
    """Records failed tries. Those of nobody whom we know at most once a minute: strangers cannot fill the audit log."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._nobodys: datetime | None = None

    def record(self, people: People, user: str | None, at: datetime) -> None:
        """Record a failed try of this user, or of nobody. Blocks."""
        people.users.failed(user, at, on_record=user is not None or self._is_due(at))

    def _is_due(self, at: datetime) -> bool:
        with self._lock:
            if self._nobodys is not None and self._nobodys <= at < self._nobodys + _NOBODYS_EVERY:
                return False
            self._nobodys = at
            return True


@dataclass(frozen=True)
class Doorkeeper:
    """One process's. ``provider`` is None where no identity provider is configured.

    Who signs in waits in ``strangers``; whose session or enrolment code we know in ``known``, where no stranger can hold them up.
    """

    sealed: Sealed
    passwords: Passwords
    relying_party: RelyingParty
    provider: Provider | None
    strangers: Queue = field(default_factory=Queue)
    known: Queue = field(default_factory=Queue)
    failures: Failures = field(default_factory=Failures)

    @classmethod
    def of(cls, gateway: Gateway) -> "Doorkeeper":
        """Make the one of a gateway."""
        openid = gateway.settings.openid
        return cls(
            Sealed(gateway.keyring.derived("intake", "sign-in"), secure=gateway.url.startswith("https:")),
            Passwords(),
            RelyingParty.at(gateway.url, gateway.name),
            None if openid is None else Provider(openid, f"{gateway.url}/pages/sign-in/openid/callback"),
        )


def doorkeeper_of(request: Request) -> Doorkeeper:
    """Give what these pages were made with."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper
