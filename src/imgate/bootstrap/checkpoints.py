"""Checkpoints of the audit log, as this gateway is configured: when one is due, who signs it, and who is asked for a time-stamp."""

import asyncio
from datetime import datetime, timedelta

import structlog

from imgate.audit.signing import LogSigner
from imgate.bootstrap.gateway import Gateway
from imgate.settings import Settings
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.log_signing import NotSigned, Signed, sign_log
from imgate.transports.time_stamp_answers import TimeStampTrust
from imgate.transports.time_stamps import NoTimeStamp, TimeStampAuthority

_log = structlog.get_logger()

# An authority that failed is asked again when it is next looked whether a checkpoint is due (the worker does so at least this much
# later), then after a longer pause each time: who does not answer for a day is not to be asked a thousand times.
_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def signer_of(gateway: Gateway) -> LogSigner:
    """Give the log's key under its name."""
    return LogSigner(gateway.settings.origin, gateway.store.vault.checkpoint_key)


def sign_now(gateway: Gateway) -> Signed | None:
    """Sign the log if it has grown; None where it is empty. Blocks. Raises NotSigned."""
    return sign_log(gateway.store, signer_of(gateway), gateway.corridor.clock())


class CheckpointKeeper:
    """Signs the log when it is time, and sees that the newest checkpoint gets a time-stamp. What fails is a log line, and tried again.

    An older checkpoint without one is left so: stamped later, it would prove no more than the newest one does.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._asked_at: datetime | None = None  # when the authority was asked last in vain
        self._pause = _PAUSE

    async def keep(self) -> bool:
        """Do what is due. There is never more at once, which the answer says."""
        signed = await asyncio.to_thread(self._sign)
        if self._gateway.settings.audit.time_stamp_url is not None and (signed or self._is_to_ask()):
            await self._stamp()
        return False

    def _sign(self) -> bool:
        """Sign the log if that is due; tell whether there is a new checkpoint."""
        if not _is_due(self._gateway):
            return False
        try:
            signed = sign_now(self._gateway)
        except NotSigned as changed:
            _log.error("checkpoint_not_signed", why=str(changed))
            return False
        if signed is None or not signed.new:
            return False
        _log.info("checkpoint_signed", size=signed.checkpoint.size)
        return True

    def _is_to_ask(self) -> bool:
        """Tell whether the pause is over. It is also where the clock was set back."""
        return self._asked_at is None or not timedelta(0) <= self._gateway.corridor.clock() - self._asked_at < self._pause

    async def _stamp(self) -> None:
        newest = await asyncio.to_thread(_unstamped, self._gateway)
        if newest is None:
            return
        try:
            await stamp(self._gateway, newest)
        except NoTimeStamp as none:
            self._pause = _PAUSE if self._asked_at is None else min(2 * self._pause, _LONGEST_PAUSE)
            self._asked_at = self._gateway.corridor.clock()
            _log.warning("checkpoint_without_time_stamp", size=newest.size, why=str(none))
        else:
            self._asked_at = None


async def stamp(gateway: Gateway, checkpoint: StoredCheckpoint) -> None:
    """Ask the configured authority for a time-stamp on a checkpoint's text, and keep it. Raises NoTimeStamp."""
    if checkpoint.time_stamp is not None:
        return
    authority = authority_of(gateway.settings)
    try:
        answer = await authority.stamp(stamped_text(checkpoint), gateway.corridor.clock())
    except ModuleNotFoundError:
        raise NoTimeStamp("a package is missing: install imgate[tsa]") from None
    await asyncio.to_thread(_keep_stamp, gateway, checkpoint.size, answer)


def stamped_text(checkpoint: StoredCheckpoint) -> bytes:
    """Give what a time-stamp is about: the text that is signed, without the signatures, of which more may come."""
    return checkpoint.note.partition("\n\n")[0].encode() + b"\n"


def authority_of(settings: Settings) -> TimeStampAuthority:
    """Give the authority. Raises NoTimeStamp where none is configured, or its roots cannot be read."""
    audit = settings.audit
    if audit.time_stamp_url is None:
        raise NoTimeStamp("[audit] time_stamp_url is not set")
    return TimeStampAuthority(audit.time_stamp_url, trust_of(settings))


def trust_of(settings: Settings) -> TimeStampTrust:
    """Read whose time-stamps count. Raises NoTimeStamp."""
    file = settings.audit.time_stamp_roots
    if file is None:
        raise NoTimeStamp("[audit] time_stamp_roots is not set")
    try:
        return TimeStampTrust.read(file)
    except ValueError as error:
        raise NoTimeStamp(f"[audit] time_stamp_roots {error}") from None


def _is_due(gateway: Gateway) -> bool:
    with gateway.store.reading() as tx:
        latest = SqlCheckpoints(tx.session).latest()
    if latest is None:
        return True
    since = gateway.corridor.clock() - latest.at  # below zero where somebody wrote another time into the row: that is not to end it
    return not timedelta(0) <= since < timedelta(minutes=gateway.settings.audit.checkpoint_minutes)


def _unstamped(gateway: Gateway) -> StoredCheckpoint | None:
    """Give the newest checkpoint, where it has no time-stamp. What the log did not sign gets none."""
    with gateway.store.reading() as tx:
        latest = SqlCheckpoints(tx.session).latest()
    is_wanting = latest is not None and latest.time_stamp is None and latest.verified(signer_of(gateway).public) is not None
    return latest if is_wanting else None


def _keep_stamp(gateway: Gateway, size: int, answer: bytes) -> None:
    with gateway.store.transaction() as tx:
        SqlCheckpoints(tx.session).set_time_stamp(size, answer)
