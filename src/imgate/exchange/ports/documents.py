"""What the corridor asks of whoever can read a signed document or set a message on paper, and of the gateway's own signature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from imgate.adapters.adapter import ValidMessage
from imgate.exchange.ports.code_lists import CodeNames
from imgate.plugin_api import Envelope, ReleasedRecord
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole


@dataclass(frozen=True, slots=True)
class Statement:
    """What a piece of evidence has to be about: this declaration, by its digest, signed by this role.

    ``shown`` is the declaration as GET shows it, for whoever compares what was signed with what was printed.
    """

    declaration: str
    digest: str
    role: SignerRole
    signer: str | None = field(repr=False)
    shown: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. ``refused`` is the code of a refusal, or None; then ``level`` is what the evidence counts for.

    ``report`` is JSON: what was checked, what was not, and what was found. It is kept with the evidence.
    """

    level: EvidenceLevel | None
    refused: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Examiner(Protocol):
    """Looks into evidence. Takes its time: is never asked inside a transaction."""

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Examine one piece of evidence as of ``at``. Raises nothing for what is wrong with the evidence: that is a refusal."""


class GatewaySignature(Protocol):
    """The gateway's own signature: it proves integrity and origin, not the client's will."""

    @property
    def profile(self) -> str:
        """The name of the dated profile that is signed under, for whatever is signed to name it."""

    def sign(self, payload: bytes, kind: str) -> str:
        """Give a compact JWS over these bytes. ``kind`` is its ``typ``; its header carries ``kid`` and the public key (``jwk``).

        Raises Unavailable where the key is in a hardware token that does not answer.
        """

    def check(self) -> None:
        """See that it can sign now. Raises Unavailable; costs nothing where the key is not in a hardware token."""


@dataclass(frozen=True, slots=True)
class PaperMessage:
    """A valid message on paper: a readable PDF with the message itself inside. Only a ``Presenter`` makes it."""

    content: bytes = field(repr=False)
    media_type: str
    scopes: frozenset[str]


class PaperFault(Exception):
    """We must act: a message could not be set on paper. The cause is neither kept nor chained: its text may hold what was set."""


class Presenter(Protocol):
    """Sets messages on paper, for partners who read them so. Takes tens of milliseconds: the loop does not wait for it."""

    @property
    def media_type(self) -> str:
        """What it makes."""

    def present(self, message: ValidMessage, released: ReleasedRecord, envelope: Envelope, names: CodeNames) -> PaperMessage:
        """Set exactly what was released, the same bytes each time; ``names`` says how codes of published lists are called.

        Raises Refused ``paper_too_long`` and ``papers_unavailable``, PaperFault.
        """
