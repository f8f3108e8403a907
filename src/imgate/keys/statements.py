"""Statements of other gateways: reading them under the key that they show, and the keys that a gateway publishes for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imgate.consent.bundle_checks import Signed
from imgate.keys.keyring import PUBLISHED_USE, STATEMENTS
from imgate.keys.pairs import read_pair
from imgate.keys.profiles import SIGNATURE_PROFILES
from imgate.keys.signatures import STATEMENT_MAX, SignatureRefused, unverified_header, verified_statement
from imgate.record import JsonRefused, parse_json

_JWKS_MAX = 1024 * 1024
# Every profile that was ever signed under, with its algorithm.
PROFILES = {name: profile.algorithm.value for name, profile in SIGNATURE_PROFILES.items()}


class PublishedKeysUnusable(Exception):
    """The operator must act: a file of published keys vouches for nothing. The sentence goes on after the file's name."""


def read_signature(unverified_token: str, kind: str) -> Signed | None:
    """Read a statement of this kind under the key that it shows (``SignatureReader``)."""
    try:
        payload = verified_statement(unverified_token, kind, trusted=None)
    except SignatureRefused:
        return None
    header = unverified_header(unverified_token, STATEMENT_MAX)
    return Signed(header["kid"], header["alg"], payload)


def thumbprints_in(file: Path) -> frozenset[str]:
    """Give the thumbprints of the keys that say they are for statements: one for access tokens vouches for no bundle.

    Raises PublishedKeysUnusable; OSError where the file cannot be read.
    """
    public = list(_public_keys(file))
    if not public:
        raise PublishedKeysUnusable(
            "holds no public key that a bundle can be signed with: it should be what /.well-known/jwks.json of the gateway gives"
        )
    found = frozenset(thumbprint for jwk, thumbprint in public if jwk.get(PUBLISHED_USE) == STATEMENTS)
    if found:
        return found
    if any(PUBLISHED_USE in jwk for jwk, _ in public):
        raise PublishedKeysUnusable("holds no key for statements, only for other things: bundles are signed with none of these")
    raise PublishedKeysUnusable(
        f"does not say what its keys are for (`{PUBLISHED_USE}`), so none of them is taken: fetch /.well-known/jwks.json of the gateway "
        "anew"
    )


def _public_keys(file: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Give each key that can be read, with its thumbprint."""
    with file.open("rb") as opened:
        content = opened.read(_JWKS_MAX + 1)
    try:
        value = parse_json(content) if len(content) <= _JWKS_MAX else None
    except JsonRefused:
        value = None
    listed = value.get("keys") if isinstance(value, dict) else None
    for jwk in listed if isinstance(listed, list) else ():
        try:
            yield jwk, read_pair(jwk, "published", private=False).thumbprint()
        except (ValueError, AttributeError, TypeError):
            continue  # of another kind, or none at all: no bundle is signed with it
