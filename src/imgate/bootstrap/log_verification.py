"""Verifies the audit log of a gateway with everything that vouches for it: its checkpoints, witnesses and time-stamps."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgate.audit.verify import Checkpoint, Finding, Flaw, Note, NotProven, Report, VerifierKey
from imgate.bootstrap.checkpoints import signer_of, stamped_text, trust_of
from imgate.bootstrap.gateway import Gateway
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.proof import verify_store
from imgate.transports.time_stamp_answers import TimeStampInvalid, TimeStampTrust, verify_time_stamp
from imgate.transports.time_stamps import NoTimeStamp


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was found. ``caveat`` says what nobody can see in a database alone.

    ``checkpoints``, ``cosigned`` and ``time_stamped`` count what is kept here and verifies. ``stamps_wrong`` are the lengths of the log
    whose time-stamps do not; None where no roots are configured, and nobody can tell.
    """

    report: Report
    checkpoints: int
    cosigned: int
    time_stamped: int
    stamps_wrong: tuple[int, ...] | None
    caveat: str | None

    @property
    def sound(self) -> bool:
        """Tell whether everything proves itself, as far as it can."""
        return self.report.sound and not self.stamps_wrong


def verify_gateway(gateway: Gateway, elsewhere: Sequence[Checkpoint] = ()) -> LogReport:
    """Verify the whole log against its own checkpoints and those that were kept ``elsewhere``, whose signatures were verified. Blocks."""
    log = signer_of(gateway).public
    with gateway.store.reading() as tx:
        kept = list(SqlCheckpoints(tx.session).every())
    own, wrong = [], []
    for each in kept:
        checkpoint = each.verified(log)
        if checkpoint is None:
            wrong.append(Finding(Flaw.CHECKPOINT_WRONG, size=each.size))
        else:
            own.append(checkpoint)
    report = verify_store(gateway.store, [*own, *elsewhere])
    report.findings += wrong
    cosigned = sum(_is_cosigned(each, gateway.settings.audit.witness_keys) for each in kept)
    stamped = [each for each in kept if each.time_stamp is not None]
    stamps_wrong = _wrong_stamps(stamped, _trust(gateway))
    verified_stamps = 0 if stamps_wrong is None else len(stamped) - len(stamps_wrong)
    return LogReport(report, len(own), cosigned, verified_stamps, stamps_wrong, _caveat(report, elsewhere))


def _is_cosigned(stored: StoredCheckpoint, witnesses: Sequence[VerifierKey]) -> bool:
    for witness in witnesses:
        try:
            Note.parsed(stored.note.encode()).verify(witness)
        except NotProven:
            continue
        return True
    return False


def _trust(gateway: Gateway) -> TimeStampTrust | None:
    try:
        return trust_of(gateway.settings)
    except NoTimeStamp:
        return None


def _wrong_stamps(stamped: Sequence[StoredCheckpoint], trust: TimeStampTrust | None) -> tuple[int, ...] | None:
    if trust is None:
        return None
    wrong = []
    for each in stamped:
        try:
            verify_time_stamp(each.time_stamp or b"", stamped_text(each), trust)
        except TimeStampInvalid:
            wrong.append(each.size)
        except ModuleNotFoundError:  # the extra tsa is not installed here
            return None
    return tuple(wrong)


def _caveat(report: Report, elsewhere: Sequence[Checkpoint]) -> str | None:
    """Say what the database's own checkpoints cannot show: who cuts the log cuts them as well."""
    if not elsewhere:
        return "no checkpoint from elsewhere was compared: entries cut off at the end, with the checkpoints about them, cannot be seen"
    after = report.checkpoint.size - max(each.size for each in elsewhere)
    return (
        f"the last {after} entries are newer than the checkpoint that was kept: if more of them were cut off, it cannot be seen"
        if after > 0
        else None
    )
