"""By which rules a signature is examined. Made from ``[signatures]``, handed to the child as JSON; files are read at each examination."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class TimeStamps(StrEnum):
    """Whether a trusted time-stamp has to be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class Revocation(StrEnum):
    """Whether it has to be known that no certificate of the chain was revoked."""

    REQUIRED = "required"
    IF_GIVEN = "if_given"


@dataclass(frozen=True, slots=True)
class SignatureRules:
    """Whom to trust, by files that the operator keeps up to date, and how strict to be."""

    trust_roots: tuple[Path, ...] = ()
    intermediates: tuple[Path, ...] = ()
    crls: tuple[Path, ...] = ()
    trusted_lists: tuple[Path, ...] = ()
    trusted_list_signers: tuple[Path, ...] = ()
    time_stamp_roots: tuple[Path, ...] = ()
    time_stamp: TimeStamps = TimeStamps.OPTIONAL
    revocation: Revocation = Revocation.REQUIRED

    @property
    def trusts_somebody(self) -> bool:
        """Tell whether any signer can be trusted at all: without a root no signature is worth looking at."""
        return bool(self.trust_roots or self.trusted_lists)

    def as_json(self) -> dict[str, Any]:
        """Give the rules for the way to the child."""
        return {name: [str(file) for file in value] if isinstance(value, tuple) else value.value for name, value in asdict(self).items()}

    @classmethod
    def of_json(cls, written: Mapping[str, Any]) -> "SignatureRules":
        """Read what ``as_json`` wrote."""
        files = {name: tuple(Path(file) for file in value) for name, value in written.items() if isinstance(value, list)}
        return cls(**files, time_stamp=TimeStamps(written["time_stamp"]), revocation=Revocation(written["revocation"]))
