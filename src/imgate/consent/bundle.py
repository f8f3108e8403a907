"""The bundle: one file with a declaration, its evidence and history under the gateway's signature. Its form, and how it is written.

The file is RFC 8785 to the last byte, and its members stand in the order of their names, ``signature`` at the end. What the signature is
over is a manifest: the length and SHA-256 of every part as it stands in the file. So whatever byte is changed, it lies in a part, between
two of them, or in the signature, and even a file that is no JSON any more tells which (see ``bundle_layout``).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired

import rfc8785
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, with_config
from typing_extensions import TypedDict

from imgate.consent.declaration import Day
from imgate.vocabulary.identifiers import UUID_PATTERN
from imgate.vocabulary.words import DeclarationState, EvidenceKind, EvidenceLevel, SignerRole

FORMAT = "imgate-declaration-bundle"
VERSION = 1
# The ``typ`` of the signature: neither an access token nor any other statement of the gateway can stand in its place.
KIND = "imgate-declaration-bundle+jws"
SIZE_MAX = 64 * 1024 * 1024
EVIDENCE_MAX = 500
# Anybody can write such a file, and whoever checks it has to come to an end. No gateway makes lists as long as these.
LENGTHS_MAX: Mapping[str, int] = {
    "/declaration/content/scopes": 1000,
    "/declaration/content/signers_required": 20,
    "/evidence": EVIDENCE_MAX,
    "/history": 10_000,
    "/life/levels": 100,
    "/life/pauses": 5000,
    "/life/revocations": 1001,
    "/life/superseded_by": 1000,
}
PARTS = ("bundle", "declaration", "evidence", "gateway", "history", "life", "made_at", "profile")
SIGNATURE = "/signature"


def _instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"), AfterValidator(_instant)
]
_Role = Annotated[SignerRole, Field(strict=False)]
_Level = Annotated[EvidenceLevel, Field(strict=False)]
_closed = with_config(ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
_open = with_config(ConfigDict(extra="allow", strict=True, hide_input_in_errors=True))


@_closed
class Marked(TypedDict):
    """Which format this is."""

    format: str
    version: int


@_open
class SignedContent(TypedDict):
    """What the client signed: the members that are looked at here. All others belong to it too, and are under its digest."""

    scopes: list[str]
    signers_required: list[_Role]
    valid_until: Day


@_closed
class Declared(TypedDict):
    """The declaration. ``digest`` is the SHA-256 over the RFC 8785 form of ``content``."""

    id: Uuid
    digest: Digest
    content: SignedContent


@_closed
class Piece(TypedDict):
    """One piece of evidence, in the order in which they were recorded. ``content`` is base64, and is there if it was asked for."""

    id: Uuid
    role: _Role
    kind: Annotated[EvidenceKind, Field(strict=False)]
    level: _Level
    signed_on: Day
    recorded_at: Instant
    attested_by: str
    signer: NotRequired[str]
    authority: NotRequired[dict[str, Any]]
    interpreter: NotRequired[str]
    reason: NotRequired[str]
    media_type: NotRequired[str]
    sha256: NotRequired[Digest]
    report: NotRequired[dict[str, Any]]
    content: NotRequired[str]


@_closed
class Issued(TypedDict):
    """Which gateway made the bundle, as it says itself, and in which zone its days begin and end."""

    id: str
    name: str
    software: str
    timezone: str


@_closed
class Happened(TypedDict):
    """One thing that happened to the declaration."""

    at: Instant
    event: str


@_closed
class Reached(TypedDict):
    """The evidence level that the declaration as a whole had from this moment on."""

    at: Instant
    level: _Level


@_closed
class RevokedScope(TypedDict):
    """One revocation: of a scope, or of all of them (``*``)."""

    at: Instant
    scope: str


@_closed
class Pause(TypedDict):
    """One pause; without ``ended`` it lasts."""

    begun: Instant
    ended: NotRequired[Instant]


@_closed
class Life(TypedDict):
    """What became of the declaration until ``made_at``. That a successor had taken effect (``superseded``) is the gateway's word."""

    levels: list[Reached]
    revocations: list[RevokedScope]
    pauses: list[Pause]
    superseded_by: list[Uuid]
    superseded: bool
    state: Annotated[DeclarationState, Field(strict=False)]


@_closed
class Profiled(TypedDict):
    """The named, dated choice of algorithms that the signature was made under, and who recommends it."""

    name: str
    since: Day
    source: str
    algorithm: str


@_closed
class Bundle(TypedDict):
    """The whole file."""

    bundle: Marked
    declaration: Declared
    evidence: list[Piece]
    gateway: Issued
    history: list[Happened]
    life: Life
    made_at: Instant
    profile: Profiled
    signature: str


@_closed
class Entry(TypedDict):
    """One part as it stands in the file: how many bytes, and their SHA-256."""

    part: str
    bytes: Annotated[int, Field(ge=0, le=SIZE_MAX)]
    sha256: Digest


@_closed
class Manifest(TypedDict):
    """What the signature is over."""

    format: Literal["imgate-declaration-bundle"]
    version: Literal[1]
    digest: Digest
    parts: Annotated[list[Entry], Field(max_length=len(PARTS) - 1 + EVIDENCE_MAX)]


BUNDLE = TypeAdapter(Bundle)
MANIFEST = TypeAdapter(Manifest)


class BundleTooLarge(Exception):
    """The file would be larger than anybody will read: with the evidence perhaps, and then it can be had without."""


def instant(at: datetime) -> str:
    """Write a time as a bundle has it: RFC 3339 in UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 form."""
    return rfc8785.dumps(value)


def written(parts: Mapping[str, Any], sign: Callable[[bytes, str], str]) -> bytes:
    """Write a bundle of these parts (all of ``PARTS`` but ``bundle``) and have its manifest signed. Raises BundleTooLarge."""
    whole = {"bundle": {"format": FORMAT, "version": VERSION}, **parts}
    if overlong(whole) is not None:
        raise BundleTooLarge
    signed = canonical(manifest_of(whole))
    file = canonical({**whole, "signature": sign(signed, KIND)})
    if len(file) > SIZE_MAX:
        raise BundleTooLarge
    return file


def overlong(unchecked: Any) -> str | None:
    """Name the first list (RFC 6901) that is longer than in any bundle. What is no list at all is not looked at here."""
    for pointer, most in LENGTHS_MAX.items():
        found: Any = unchecked
        for step in pointer[1:].split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, list) and len(found) > most:
            return pointer
    return None


def manifest_of(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Make the manifest of what stands in a bundle beside its signature."""
    entries = [{"part": part, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()} for part, text in _texts(bundle)]
    return {"format": FORMAT, "version": VERSION, "digest": bundle["declaration"]["digest"], "parts": entries}


def part_names(pieces: int) -> list[str]:
    """Name the parts of a bundle with so many pieces of evidence, in the order of the file (RFC 6901)."""
    named = {"evidence": [f"/evidence/{place}" for place in range(pieces)]}
    return [part for name in PARTS for part in named.get(name, [f"/{name}"])]


def _texts(bundle: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    values = [value for name in PARTS for value in (bundle[name] if name == "evidence" else [bundle[name]])]
    return ((part, canonical(value)) for part, value in zip(part_names(len(bundle["evidence"])), values, strict=True))
