"""Verifying the log because somebody of the office asked for it; the last result is kept while this process runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from starlette.requests import Request

from imgate.audit.verify import Checkpoint, Finding, Note, NotProven, VerifierKey, verified_checkpoint
from imgate.bootstrap.log_verification import LogReport, verify_gateway
from imgate.web.house import corridor_of, house_of
from imgate.web.office.whole_log import whole_log
from imgate.web.texts import _

_NO_NOTE = _("Das ist kein Prüfpunkt: Er muss ganz so sein, wie er aufbewahrt wurde, von der ersten Zeile bis zur Unterschrift.")
_CHANGED = _("Die Unterschrift passt nicht zu diesem Prüfpunkt: Er wurde verändert.")
_FOREIGN = _("Dieses Protokoll hat das nicht unterschrieben: Es ist der Prüfpunkt eines anderen.")


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification that came to its end. Of a process that starts anew nothing is known any more: the log itself says all there is.

    ``elsewhere`` are the lengths of the kept checkpoints that it was compared with.
    """

    at: datetime
    found: LogReport
    elsewhere: tuple[int, ...]

    @property
    def findings(self) -> Sequence[Finding]:
        """What is wrong, entry by entry."""
        return self.found.report.findings

    @property
    def uncovered(self) -> int:
        """How many entries are newer than the newest checkpoint that was kept elsewhere."""
        return self.found.report.checkpoint.size - max(self.elsewhere, default=0)


class NoCheckpoint(Exception):
    """Whoever brought it must act: nothing can be verified against it. ``sentence`` says why, in German."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Verification:
    """What this process knows of the log's last verification."""

    def __init__(self) -> None:
        self.last: Verified | None = None


def verify_now(request: Request, elsewhere: Sequence[Checkpoint]) -> None:
    """Verify the whole log. Blocks for as long as that takes. Raises Refused 503 while another one runs."""
    with whole_log(request):
        at = corridor_of(request).clock()
        found = verify_gateway(house_of(request).gateway, elsewhere)
        verification_of(request).last = Verified(at, found, tuple(checkpoint.size for checkpoint in elsewhere))


def brought(raw: bytes, log: VerifierKey) -> Checkpoint:
    """Read a checkpoint of this log that somebody kept. Raises NoCheckpoint."""
    try:
        note = Note.parsed(raw)
    except NotProven:
        raise NoCheckpoint(_NO_NOTE) from None
    try:
        return verified_checkpoint(raw, log)
    except NotProven:
        ours = any((signature.name, signature.key_id) == (log.name, log.id) for signature in note.signatures)
        raise NoCheckpoint(_CHANGED if ours else _FOREIGN) from None


_making = Lock()


def verification_of(request: Request) -> Verification:
    """Give the one of these pages."""
    with _making:
        known: Verification | None = getattr(request.app.state, "verification", None)
        if known is None:
            known = request.app.state.verification = Verification()
        return known
