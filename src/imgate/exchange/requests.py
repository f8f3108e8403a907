"""What callers post, as the corridor takes it. Shapes only: what is right for this partner is decided later."""

import base64
import binascii
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from imgate.consent.declaration import Confided, Day, Interpreter, LanguageTag, Line, Occasion
from imgate.record import CaseRecord
from imgate.vocabulary.identifiers import CLIENT_PATTERN, is_reference
from imgate.vocabulary.words import EvidenceKind, Information, SignerRole

EVIDENCE_MAX = 10 * 1024 * 1024

Client = Annotated[str, StringConstraints(pattern=CLIENT_PATTERN)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Reason = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class ExchangeRequest(Confided):
    """Pass this client's data to a partner, as far as the client allowed it."""

    client: Client
    partner: Word
    purpose: Word
    record: CaseRecord
    provenance: dict[Word, Word] = Field(default={}, max_length=100)
    by: Line | None = None


class UpdateRequest(Confided):
    """What a client's case record says now: each subscribed partner is sent what changed of it, as far as the client allowed it."""

    client: Client
    record: CaseRecord
    provenance: dict[Word, Word] = Field(default={}, max_length=100)


def _decoded(value: Any) -> bytes:
    """Decode canonical base64; a string of any other form is refused, so that a digest is over one reading only."""
    if not isinstance(value, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


class EvidenceGiven(Confided):
    """The client's own act as it was kept: a scan, a drawn signature, a signed document, or a note of what was said.

    ``content`` is base64. ``digest`` is the declaration that was on the screen while the client signed; ``reason`` says why there is no
    written form.
    """

    kind: Annotated[EvidenceKind, Field(strict=False)]
    media_type: Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+(; ?charset=[A-Za-z0-9-]+)?$")] | None = None
    content: Annotated[bytes, BeforeValidator(_decoded, json_schema_input_type=str)] | None = None
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    reason: Annotated[Reason, StringConstraints(strip_whitespace=True, min_length=1)] | None = None


class Authority(Confided):
    """On what a guardian's or Betreuer's right to sign rests: the areas, the court's order by its file number, and its last day."""

    areas: list[Line] = Field(min_length=1, max_length=50)
    order: Line
    until: Day | None = None


class SignatureRequest(Confided):
    """One signer has signed. ``attested_by`` is the case system's word and is shown as such everywhere.

    ``interpreter`` was present at the signing.
    """

    role: Annotated[SignerRole, Field(strict=False)]
    signed_on: Day
    evidence: EvidenceGiven
    attested_by: Line
    signer: Line | None = None
    authority: Authority | None = None
    interpreter: Line | None = None


class RenewalRequest(Confided):
    """The same declaration for another term. What may change is named here; what is not given stays as it was.

    ``interpreter`` null means that this time there is none.
    """

    valid_from: Day
    valid_until: Day
    informed_of: list[Annotated[Information, Field(strict=False)]] = Field(max_length=10)
    interpreter: Line | Interpreter | None = None
    language: LanguageTag | None = None
    occasion: Occasion | None = None


class RevocationRequest(Confided):
    """Revoke these scopes; null or nothing said means all."""

    scopes: list[Word] | None = Field(default=None, max_length=500)
    reason: Reason | None = None


class PauseRequest(Confided):
    """Pause or resume the declaration as a whole."""

    scopes: None = None
    reason: Reason | None = None


def _reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError("not a reference")
    return text


class LinkRequest(Confided):
    """Under what the partner knows this person."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_reference)]


class RejectRequest(Confided):
    """A partner's word that it does not take a message; ``code`` is the partner's own short word."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
