"""The signed receipt: which scopes a message passes on, under which declarations, decided when. Its form, and how it is read.

It travels beside the message and names its bytes by their digest. It names nobody: no reference and no value, only ids, scopes and words
of the configuration. The form outlives catalogues, so scopes and purposes are read as words, not as those that are known today.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, NotRequired

import orjson
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from imgate.consent.bundle import Digest, Instant, Uuid
from imgate.record import JsonRefused, parse_json
from imgate.vocabulary.identifiers import PARTNER_PATTERN

# The ``typ`` of the signature (RFC 8725 §3.11): no token and no other statement of the gateway can stand in its place.
KIND = "imgate-receipt+jwt"
# As a compact JWS. With every scope of the catalogue under a declaration of its own and the longest ids it stays below this; and with
# this it stays, encrypted to a partner's key, below the 8,190 bytes that common servers take as one header.
RECEIPT_MAX = 5500

_closed = with_config(ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
_Id = Annotated[str, StringConstraints(pattern=PARTNER_PATTERN)]
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}$")]
_Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}\.[a-z_]{1,64}$")]
# Names out of manifests and the configuration, which set no limit of their own; the limit of the whole is theirs.
_Visible = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,1000}$")]


@_closed
class Adapter(TypedDict):
    """Which adapter the gateway had for this partner when the receipt was made."""

    id: _Id
    version: _Visible


@_closed
class Schema(TypedDict):
    """The schema of that adapter's messages, by its file in the plugin and its SHA-256."""

    name: _Visible
    sha256: Digest


@_closed
class Message(TypedDict):
    """The bytes that left, before any encryption for the way."""

    media_type: _Visible
    sha256: Digest


@_closed
class Log(TypedDict):
    """In which log the hand-out stands: ``imgate audit prove`` gives the proof, by the exchange."""

    origin: _Visible


@_closed
class Receipt(TypedDict):
    """What a receipt says. ``released`` names under each declaration the scopes that passed under it.

    A notice of the end of use releases nothing, has no purpose, and is in no adapter's format; a table has no schema. ``decided_at``
    is the decision under which the message left, ``iat`` (seconds, RFC 7519) when that was signed.
    """

    iss: _Id
    iat: Annotated[int, Field(ge=0, le=253402300799)]
    exchange: Uuid
    partner: _Id
    purpose: NotRequired[_Word]
    released: dict[Uuid, Annotated[list[_Scope], Field(min_length=1)]]
    decided_at: Instant
    adapter: NotRequired[Adapter]
    schema: NotRequired[Schema]
    message: Message
    log: Log


RECEIPT = TypeAdapter(Receipt)


def by_declaration(named: Mapping[str, str]) -> dict[str, list[str]]:
    """Turn each scope's declaration into each declaration's scopes: an id is longer than most scopes, and stands once."""
    found: dict[str, list[str]] = {}
    for scope, declaration in named.items():
        found.setdefault(declaration, []).append(scope)
    return found


def scopes_of(receipt: Receipt) -> list[str]:
    """Give every scope that it names."""
    return [scope for scopes in receipt["released"].values() for scope in scopes]


def payload_of(receipt: Receipt) -> bytes:
    """Write the bytes that are signed. Of these words and numbers, sorted orjson is the RFC 8785 form."""
    return orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS)


def read_payload(payload: bytes) -> Receipt | None:
    """Read what was signed; None for what is no receipt, or names a scope twice."""
    try:
        receipt = RECEIPT.validate_python(parse_json(payload))
    except (JsonRefused, ValidationError):
        return None
    scopes = scopes_of(receipt)
    return receipt if len(scopes) == len(set(scopes)) else None


def signed_at(receipt: Receipt) -> datetime:
    """Give the moment of the signature."""
    return datetime.fromtimestamp(receipt["iat"], UTC)


def decided_at(receipt: Receipt) -> datetime:
    """Give the moment of the decision."""
    return datetime.fromisoformat(receipt["decided_at"])


def digest_of(message: bytes) -> str:
    """Give a message's SHA-256 as a receipt names it."""
    return hashlib.sha256(message).hexdigest()
