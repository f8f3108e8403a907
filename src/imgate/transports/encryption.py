"""Encrypts a message to a partner's published key: JWE compact (RFC 7516), ECDH-ES in direct mode (RFC 7518 §4.6), A256GCM.

Whoever carries the message on, a portal's load balancer say, sees neither whom it is about nor what it says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

MEDIA_TYPE = "application/jose"
ALGORITHMS = ("ECDH-ES", "A256GCM")
_CURVES = {("EC", "P-256"), ("EC", "P-384"), ("EC", "P-521"), ("OKP", "X25519")}
_DERIVES = {"deriveKey", "deriveBits"}
_LONGEST_KID = 200


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """The public key of a partner, by which it alone can read."""

    kid: str
    key: ECKey | OKPKey


def first_usable(keys: Iterable[object]) -> PartnerKey | None:
    """Choose the first JWK that is meant for this; None where none is. A partner that changes keys puts the new one first."""
    return next((usable for key in keys if isinstance(key, Mapping) and (usable := _usable(key))), None)


def encrypted(content: bytes, media_type: str, to: PartnerKey) -> bytes | None:
    """Encrypt with a fresh ephemeral key; None where nothing can be agreed upon with this key, one of a low order say."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": to.kid, "typ": "JOSE", "cty": media_type}
    try:
        return jwe.encrypt_compact(header, content, to.key, algorithms=ALGORITHMS).encode()
    except (JoseError, ValueError):
        return None


def _usable(jwk: Mapping[str, Any]) -> PartnerKey | None:
    kid = jwk.get("kid")
    if not _is_meant(jwk) or "d" in jwk:  # a private key that was published keeps nothing secret
        return None
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= _LONGEST_KID):
        return None
    # What it may be used for was judged above; the library, which is stricter in one place, sees the bare key.
    bare = {name: jwk[name] for name in ("kty", "crv", "x", "y") if isinstance(jwk.get(name), str)}
    try:
        key = ECKey.import_key(bare) if bare["kty"] == "EC" else OKPKey.import_key(bare)
        return PartnerKey(kid or key.thumbprint(), key)
    except (JoseError, ValueError):
        return None


def _is_meant(jwk: Mapping[str, Any]) -> bool:
    """Tell whether the key is for agreeing on keys by ECDH-ES. A key that does not say what it is for is for nothing."""
    use, operations, algorithm = jwk.get("use"), jwk.get("key_ops"), jwk.get("alg")
    if use is None and operations is None:
        return False
    if operations is not None and not (isinstance(operations, list) and any(one in _DERIVES for one in operations if isinstance(one, str))):
        return False
    kind = (jwk.get("kty"), jwk.get("crv"))
    return use in (None, "enc") and algorithm in (None, "ECDH-ES") and all(isinstance(one, str) for one in kind) and kind in _CURVES
