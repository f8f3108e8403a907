"""Key pairs as JWKs: made, and read without trusting what stands there.

The curve says the algorithm, and one curve has one: nothing that is signed chooses it.
"""

from collections.abc import Mapping
from typing import Any, assert_never

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from imgate.keys.profiles import CURRENT_SIGNATURES, SignatureAlgorithm

PairKey = ECKey | OKPKey

_ALGORITHMS = {profile.curve: profile.algorithm for profile in CURRENT_SIGNATURES.values()}
# Exactly these make the thumbprint (RFC 7638 §3.2, RFC 8037 §2), and nothing else is shown of a key in a statement.
_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}


def made_pair(algorithm: SignatureAlgorithm) -> PairKey:
    """Make a new private key."""
    match algorithm:
        case SignatureAlgorithm.ES256:
            return ECKey.generate_key("P-256", private=True)
        case SignatureAlgorithm.ED25519:
            return OKPKey.generate_key("Ed25519", private=True)
        case _:
            assert_never(algorithm)


def read_pair(secret: bytes | Mapping[str, Any], use: str, *, private: bool = True) -> PairKey:
    """Read a key as JWK or PEM. Raises ValueError, which quotes nothing of it, for one that cannot sign or is on another curve."""
    kinds: tuple[type[ECKey] | type[OKPKey], ...] = (ECKey, OKPKey)
    if not isinstance(secret, bytes):
        kinds = (OKPKey,) if secret.get("kty") == "OKP" else (ECKey,)
    pair: PairKey | None = None
    for kind in kinds:
        try:
            pair = kind.import_key(secret if isinstance(secret, bytes) else dict(secret))
            break
        except (JoseError, ValueError, TypeError, AttributeError, KeyError):
            continue
    if pair is None:
        raise ValueError(f"the {use} key cannot be read")
    if pair.is_private is not private or pair.curve_name not in _ALGORITHMS:
        raise ValueError(f"the {use} key is no {'private' if private else 'public'} key on {' or '.join(_ALGORITHMS)}")
    return pair


def algorithm_of(pair: PairKey) -> SignatureAlgorithm:
    """Give the one algorithm of a key that ``read_pair`` gave."""
    return _ALGORITHMS[pair.curve_name]


def public_members(pair: PairKey) -> dict[str, Any]:
    """Give the public key and nothing besides: neither a private member nor a hint what it may be used for."""
    shown = pair.as_dict(private=False)
    return {member: shown[member] for member in _MEMBERS[str(shown["kty"])]}


def sign(pair: PairKey, message: bytes) -> bytes:
    """Sign as JWS does (RFC 7518 §3.4, RFC 8037 §3.1) with a private key."""
    return JWSRegistry.algorithms[algorithm_of(pair).value].sign(message, pair)


def verifies(pair: PairKey, message: bytes, signature: bytes) -> bool:
    """Check a signature as JWS does, to catch a signer that went wrong. What others signed is read by ``signatures``."""
    return JWSRegistry.algorithms[algorithm_of(pair).value].verify(message, signature, pair)
