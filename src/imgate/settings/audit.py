"""What stands in ``imgate.toml`` about the audit log: under which name it is signed, how often, and who else vouches for it."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from imgate.audit.verify import NotProven, SignatureKind, VerifierKey
from imgate.settings.partner import STRICT
from imgate.transports.entries import https_address

# A key's name holds neither blanks nor a plus sign (C2SP signed-note). Ours is ASCII, so that it looks the same wherever it is read.
_name = re.compile(r"[!-*,-~]{1,200}").fullmatch


def _origin(name: str) -> str:
    if _name(name) is None:
        raise ValueError("must be 1 to 200 visible ASCII characters, without blanks and plus signs")
    return name


def _authority(url: str) -> str:
    try:
        return https_address(url)
    except ValueError:
        raise ValueError("must be an address such as https://tsa.example.org/tsr; http only on this machine") from None


def _witnesses(vkeys: tuple[str, ...]) -> tuple[str, ...]:
    for number, vkey in enumerate(vkeys, 1):
        try:
            key = VerifierKey.parsed(vkey)
        except NotProven:
            raise ValueError(f"number {number} is no key as `imgate audit witness --new-key` prints it") from None
        if key.kind is not SignatureKind.COSIGNATURE:
            raise ValueError(f"number {number} is the key of a log, not of a witness")
    if len({vkey.partition("+")[0] for vkey in vkeys}) < len(vkeys) or len({vkey.rpartition("+")[2] for vkey in vkeys}) < len(vkeys):
        raise ValueError("names a witness twice")
    return vkeys


class AuditSettings(BaseModel):
    """How the audit log is signed. Without the section the worker signs a checkpoint every hour, and nobody else vouches for it."""

    model_config = STRICT
    origin: Annotated[
        Annotated[str, AfterValidator(_origin)] | None,
        Field(description="The log's name in checkpoints and in its key, for ever. Without it `imgate/` and the gateway's id."),
    ] = None
    checkpoint_minutes: Annotated[
        int, Field(ge=1, le=1440, description="After how many minutes a worker signs a checkpoint again, if the log has grown.")
    ] = 60
    time_stamp_url: Annotated[
        Annotated[str, AfterValidator(_authority)] | None,
        Field(description="A time-stamping authority (RFC 3161), asked about each checkpoint: https, except to loopback."),
    ] = None
    time_stamp_roots: Annotated[
        Path | None,
        Field(description="The root certificates (PEM) whose time-stamps count; certificates below them may stand there too."),
    ] = None
    witnesses: Annotated[
        tuple[str, ...],
        AfterValidator(_witnesses),
        Field(description="The keys of witnesses whose cosignatures count, as `imgate audit witness --new-key` prints them."),
    ] = ()

    @model_validator(mode="after")
    def _usable(self) -> "AuditSettings":
        if self.time_stamp_url is not None and self.time_stamp_roots is None:
            raise ValueError("time_stamp_url is set, and nobody's time-stamps are trusted: name time_stamp_roots")
        return self

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The witnesses' keys."""
        return tuple(map(VerifierKey.parsed, self.witnesses))

    def resolved(self, folder: Path) -> "AuditSettings":
        """Make the file absolute."""
        roots = None if self.time_stamp_roots is None else folder / self.time_stamp_roots
        return self.model_copy(update={"time_stamp_roots": roots})
