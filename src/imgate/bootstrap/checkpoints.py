"""Checkpoints of the audit log, as this gateway is configured: when one is due, who signs it, and who is asked for a time-stamp."""

import asyncio
from datetime import timedelta

import structlog

from imgate.audit.signing import LogSigner
from imgate.bootstrap.gateway import Gateway
from imgate.settings import Settings
from imgate.storage.checkpoints import SqlCheckpoints, StoredCheckpoint
from imgate.storage.log_signing import NotSigned, Signed, sign_log
from imgate.transports.time_stamp_answers import TimeStampTrust
from imgate.transports.time_stamps import NoTimeStamp, TimeStampAuthority

_log = structlog.get_logger()


def signer_of(gateway: Gateway) -> LogSigner:
    """Give the log's key under its name."""
    return LogSigner(gateway.settings.origin, gateway.store.vault.checkpoint_key)


def sign_now(gateway: Gateway) -> Signed | None:
    """Sign the log if it has grown; None where it is empty. Blocks. Raises NotSigned."""
    return sign_log(gateway.store, signer_of(gateway), gateway.corridor.clock())


async def keep_signing(gateway: Gateway) -> bool:
    """Sign the log when it is time, and ask for a time-stamp. What does not succeed is a log line: the next one tries again."""
    if not await asyncio.to_thread(_is_due, gateway):
        return False
    try:
        signed = await asyncio.to_thread(sign_now, gateway)
    except NotSigned as changed:
        _log.error("checkpoint_not_signed", why=str(changed))
        return False
    if signed is None or not signed.new:
        return False
    _log.info("checkpoint_signed", size=signed.checkpoint.size)
    if gateway.settings.audit.time_stamp_url is not None:
        try:
            await stamp(gateway, signed.checkpoint)
        except NoTimeStamp as none:
            _log.warning("checkpoint_without_time_stamp", size=signed.checkpoint.size, why=str(none))
    return False


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


def _keep_stamp(gateway: Gateway, size: int, answer: bytes) -> None:
    with gateway.store.transaction() as tx:
        SqlCheckpoints(tx.session).set_time_stamp(size, answer)
