"""Checks an ID token (OpenID Connect Core 3.1.3.7), claim by claim; what is in it counts for nothing before.

Checked: `iss`, `aud`, `azp`, `sub`, `nonce`, `exp`, `iat`, `nbf`, and `auth_time` where a fresh sign-in was asked for. Not checked:
`at_hash`, because the access token is thrown away; `acr` and `amr`, because who may enter is the provider's to say, by its roles.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from imgate.keys.signatures import SignatureRefused, json_object, signed_payload, unverified_header

LEEWAY = 30  # seconds by which the provider's clock may differ
OLDEST = 600  # seconds that a token may be old: it comes straight from the provider
TOKEN_MAX = 16 * 1024
_SUBJECT_MAX = 255  # OpenID Connect Core, 2
_RSA_BITS_MIN = 2048

# The key says how it may sign; the token's header only chooses among that. No `none`, nothing symmetric.
_OF_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_OF_CURVE = {"P-256": ("ES256",), "P-384": ("ES384",), "P-521": ("ES512",), "Ed25519": ("EdDSA", "Ed25519")}


class UnknownKey(Exception):
    """The provider must act, or has: its key set as we have it does not hold the key of this token."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say to be the answer to our question. ``fresh_since``: the person signed in anew at or after this moment."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    fresh_since: float | None = None


def checked_claims(unverified_token: str, keys: Sequence[Any], expected: Expected, at: datetime) -> Mapping[str, Any]:
    """Check a token and give its claims. Raises SignatureRefused, and UnknownKey where another look at the key set may help."""
    header = unverified_header(unverified_token, TOKEN_MAX)  # 1: the form
    if "crit" in header or not isinstance(header.get("alg"), str):
        raise SignatureRefused
    key, algorithms = _key(keys, header.get("kid"))  # 2: one of the provider's keys, and how it may sign
    if header["alg"] not in algorithms:
        raise SignatureRefused
    claims = json_object(signed_payload(unverified_token, key, header["alg"]))  # 3: its signature
    _check_parties(claims, expected)  # 4: from whom, for whom, as answer to what
    _check_times(claims, expected, at.timestamp())  # 5: now
    return claims


def _key(keys: Sequence[Any], kid: object) -> tuple[Key, tuple[str, ...]]:
    """Find the key; a token that names none can mean the only one."""
    usable = [each for each in keys if isinstance(each, dict) and each.get("use", "sig") == "sig" and each.get("kty") != "oct"]
    found = [each for each in usable if each.get("kid") == kid] if kid is not None else usable
    if len(found) != 1:
        raise UnknownKey
    try:
        key = import_key(found[0])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignatureRefused from error
    algorithms = _algorithms(key)
    said = found[0].get("alg")
    return key, algorithms if said is None else tuple(each for each in algorithms if each == said)


def _algorithms(key: Key) -> tuple[str, ...]:
    if isinstance(key, RSAKey):
        return _OF_RSA if key.public_key.key_size >= _RSA_BITS_MIN else ()
    return _OF_CURVE.get(key.curve_name, ()) if isinstance(key, (ECKey, OKPKey)) else ()


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise SignatureRefused
    said = claims.get("aud")
    audience = said if isinstance(said, list) else [said]
    if expected.client_id not in audience:
        raise SignatureRefused
    if claims.get("azp", expected.client_id if len(audience) == 1 else None) != expected.client_id:
        raise SignatureRefused
    subject, nonce = claims.get("sub"), claims.get("nonce")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
        raise SignatureRefused
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise SignatureRefused


def _check_times(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    expires_at, issued_at = _moment(claims, "exp"), _moment(claims, "iat")
    if not now < expires_at + LEEWAY or not now - OLDEST <= issued_at <= now + LEEWAY:
        raise SignatureRefused
    if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
        raise SignatureRefused
    if expected.fresh_since is not None and not expected.fresh_since - LEEWAY <= _moment(claims, "auth_time") <= now + LEEWAY:
        raise SignatureRefused


def _moment(claims: Mapping[str, Any], name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        raise SignatureRefused
    return float(said)
