"""A declaration's content: what a client signs, what is wrong with it, and its digest (contract §3)."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from imgate.consent.head import Head
from imgate.consent.policy import Policy
from imgate.record import Problem
from imgate.vocabulary.identifiers import CLIENT_PATTERN, UUID_PATTERN
from imgate.vocabulary.words import PURPOSES, Clause, DeclaredDirection, Information, SignerRole

# The version of the form's text; raised with every change of a printed word. What the Land's law says instead of the SGB X
# is a variant of it (``[gateway] regime``): the content alone says which text was signed.
WORDING = "1"
WORDING_OF_REGIME = {"sgb-x": WORDING, "gdpr-land": f"{WORDING}-gdpr-land"}
OCCASION_MIN = 20

# Phrases that name no occasion and make a release void (domain §2.2); compared as a whole, case and punctuation apart.
BLANKET_PHRASES = ("für die Beratung", "soweit zur Aufgabenerledigung erforderlich")


def _calendar_day(text: str) -> str:
    if len(text) != 10:
        raise ValueError("not a calendar date")
    date.fromisoformat(text)
    return text


Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_calendar_day)]
_NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_CONTROLS)]
Occasion = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(max_length=64, pattern=_NO_CONTROLS)]
LanguageTag = Annotated[str, StringConstraints(max_length=35, pattern=r"^([A-Za-z]{2,8}|[xXiI]-[A-Za-z0-9]{1,8})(-[A-Za-z0-9]{1,8})*$")]


class Confided(BaseModel):
    """What a caller confides: read strictly, never changed, and never shown by ``repr``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show no field: each of them is about a person, or would tell who is a client."""
        return iter(())


class Discloser(Confided):
    """Who is released from confidentiality: one unit, and the persons in it by name."""

    unit: Line
    persons: list[Line] = Field(default=[], max_length=50)


class Interpreter(Confided):
    """Who interpreted, and into which language."""

    name: Line
    language: LanguageTag | None = None


class DeclarationRequest(Confided):
    """What the case system posts. Closed lists of our own are checked later, so that all problems come at once."""

    client: Annotated[str, StringConstraints(pattern=CLIENT_PATTERN)]
    partner: Word
    discloser: Discloser
    clauses: list[Annotated[Clause, Field(strict=False)]] = Field(max_length=10)
    direction: Annotated[DeclaredDirection, Field(strict=False)]
    purposes: list[Word] = Field(max_length=100)
    occasion: Occasion
    scopes: list[Word] = Field(max_length=500)
    onward_from: list[Word] = Field(default=[], max_length=500)
    valid_from: Day
    valid_until: Day
    signers_required: list[Annotated[SignerRole, Field(strict=False)]] = Field(max_length=20)
    language: LanguageTag
    interpreter: Line | Interpreter | None = None
    informed_of: list[Annotated[Information, Field(strict=False)]] = Field(max_length=10)
    supersedes: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None


def problems_of_declaration(request: DeclarationRequest, policy: Policy, *, supersedes_known: bool) -> tuple[Problem, ...]:
    """Name everything that is wrong, all at once. ``supersedes_known``: it is a declaration of this client and partner."""
    return tuple(Problem(code, pointer) for code, pointer in _problems(request, policy, supersedes_known))


def _problems(request: DeclarationRequest, policy: Policy, supersedes_known: bool) -> Iterator[tuple[str, str]]:
    partner = policy.partners.get(request.partner)
    if partner is None:
        yield "partner_unknown", "/partner"
    if policy.units is not None and request.discloser.unit not in policy.units:
        yield "unit_unknown", "/discloser/unit"
    for empty, name in ((request.clauses, "clauses"), (request.purposes, "purposes"), (request.scopes, "scopes")):
        if not empty:
            yield f"{name}_empty", f"/{name}"
    if not request.signers_required:
        yield "signers_empty", "/signers_required"
    for index, purpose in enumerate(request.purposes):
        if purpose not in PURPOSES:
            yield "purpose_unknown", f"/purposes/{index}"
    for index, scope in enumerate(request.scopes):
        if scope not in policy.catalogue.scopes:
            yield "scope_unknown", f"/scopes/{index}"
        elif partner is not None and scope in partner.closed:
            yield "scope_closed", f"/scopes/{index}"
        elif partner is not None and scope not in partner.either_ceiling:
            yield "scope_beyond_ceiling", f"/scopes/{index}"
    term = (date.fromisoformat(request.valid_until) - date.fromisoformat(request.valid_from)).days + 1
    if term < 1:
        yield "term_reversed", "/valid_until"
    elif term > policy.max_term_days:
        yield "term_too_long", "/valid_until"
    if len(request.occasion) < OCCASION_MIN:
        yield "occasion_too_short", "/occasion"
    if _letters(request.occasion) in _BLANKET:
        yield "occasion_blanket", "/occasion"
    if not set(Information) <= set(request.informed_of):
        yield "information_missing", "/informed_of"
    if request.supersedes is not None and not supersedes_known:
        yield "supersedes_unknown", "/supersedes"


def _letters(text: str) -> str:
    """Give the bare letters and digits, so that no hyphen, blank or way of writing an umlaut makes another phrase of it."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


_BLANKET = frozenset(map(_letters, BLANKET_PHRASES))


def complete_content(request: DeclarationRequest, policy: Policy) -> dict[str, Any]:
    """Add what imgate adds: recipient, catalogue, wording and nonce. The result never changes again."""
    return request.model_dump(mode="json") | {
        "recipient": policy.partners[request.partner].name,
        "catalogue": policy.catalogue.version,
        "wording": policy.wording,
        "nonce": secrets.token_hex(16),
    }


def content_digest(content: Mapping[str, Any]) -> str:
    """Give the SHA-256 over the RFC 8785 form, as 64 lower-case hex digits."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def first_head(declaration: str, content: Mapping[str, Any]) -> Head:
    """Make the first version of the head from the content."""
    return Head(
        id=declaration,
        partner=content["partner"],
        digest=content_digest(content),
        recipient=content["recipient"],
        catalogue=content["catalogue"],
        clauses=tuple(content["clauses"]),
        direction=content["direction"],
        purposes=tuple(content["purposes"]),
        scopes=tuple(content["scopes"]),
        onward_from=tuple(content["onward_from"]),
        valid_from=content["valid_from"],
        valid_until=content["valid_until"],
        supersedes=content["supersedes"],
    )
