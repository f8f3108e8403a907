"""Verifying the log because somebody of the office asked for it: one at a time, and the last result is kept while this process runs."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from starlette.requests import Request

from imgate.audit.verify import Report
from imgate.exchange.refusals import Refused
from imgate.storage import SqlStore
from imgate.storage.proof import verify_store


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification that came to its end. Of a process that starts anew nothing is known any more: the log itself says all there is."""

    at: datetime
    report: Report


class Verification:
    """What this process knows of the log's last verification."""

    def __init__(self) -> None:
        self._running = Lock()
        self.last: Verified | None = None

    def run(self, store: SqlStore, at: datetime) -> None:
        """Verify the whole log. Blocks for as long as that takes. Raises Refused 503 while another one runs: it reads all there is."""
        if not self._running.acquire(blocking=False):
            raise Refused(503, "busy")
        try:
            self.last = Verified(at, verify_store(store))
        finally:
            self._running.release()


_making = Lock()


def verification_of(request: Request) -> Verification:
    """Give the one of these pages."""
    with _making:
        known: Verification | None = getattr(request.app.state, "verification", None)
        if known is None:
            known = request.app.state.verification = Verification()
        return known
