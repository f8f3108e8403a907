"""Which algorithms a signature may be made by, and the one kind that pyHanko cannot verify: ECDSA in BSI's plain format.

An allow-list: what is not named is refused, today and for signatures of the past.
"""

from dataclasses import dataclass
from datetime import date, datetime

from asn1crypto import algos, keys  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint
from pyhanko_certvalidator.sig_validate import DEFAULT_VALIDATION_CONTEXT, DefaultSignatureValidator, SignatureValidationContext


@dataclass(frozen=True, slots=True)
class AlgorithmProfile:
    """A named, dated choice of algorithms for signatures that others made."""

    name: str
    since: date
    source: str
    hashes: frozenset[str]
    schemes: frozenset[str]
    curves: frozenset[str]
    rsa_bits: int
    # Below this the sources no longer recommend RSA for new signatures; the report says so.
    rsa_bits_recommended: int


PROFILE = AlgorithmProfile(
    name="imgate-signatures-2026",
    since=date(2026, 1, 1),
    source="BSI TR-02102-1, 2025-01; SOG-IS Agreed Cryptographic Mechanisms 1.3; ETSI TS 119 312; RFC 8419",
    hashes=frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256", "shake256_len"}),
    schemes=frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"}),
    curves=frozenset({"secp256r1", "secp384r1", "secp521r1", "brainpoolp256r1", "brainpoolp384r1", "brainpoolp512r1"}),
    rsa_bits=2048,
    rsa_bits_recommended=3000,
)

# ecdsa-plain-signatures (BSI TR-03111, 5.2.1.1): r and s one behind the other, each as long as the group's order.
PLAIN_ECDSA = {
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
}
_ALLOWED = AlgorithmUsageConstraint(allowed=True)


def _refused(why: str) -> AlgorithmUsageConstraint:
    return AlgorithmUsageConstraint(allowed=False, failure_reason=why)


class ProfilePolicy(CMSAlgorithmUsagePolicy):
    """The profile, as pyHanko asks for it. The same at every moment: nothing that it names was ever weak, nothing else is let in."""

    def digest_algorithm_allowed(self, algo: algos.DigestAlgorithm, moment: datetime | None) -> AlgorithmUsageConstraint:
        """Let the hashes of the profile pass."""
        name = algo["algorithm"].native
        return _ALLOWED if name in PROFILE.hashes else _refused(f"the hash {name} is not in the profile")

    def signature_algorithm_allowed(
        self, algo: algos.SignedDigestAlgorithm, moment: datetime | None, public_key: keys.PublicKeyInfo | None
    ) -> AlgorithmUsageConstraint:
        """Let the schemes of the profile pass, with keys that are long enough and, where the scheme names its hash, with that hash."""
        plain = PLAIN_ECDSA.get(algo["algorithm"].dotted)
        try:
            scheme = "ecdsa" if plain else algo.signature_algo
        except ValueError:
            return _refused("the signature algorithm is not known")
        if scheme not in PROFILE.schemes:
            return _refused(f"the signature algorithm {scheme} is not in the profile")
        for hashed in (plain or _hash_of(algo), _mask_hash_of(algo) if scheme == "rsassa_pss" else None):
            if hashed is not None and hashed not in PROFILE.hashes:
                return _refused(f"the hash {hashed} is not in the profile")
        return _ALLOWED if public_key is None else self._key_allowed(public_key)

    def digest_combination_allowed(
        self, signature_algo: algos.SignedDigestAlgorithm, message_digest_algo: algos.DigestAlgorithm, moment: datetime | None
    ) -> AlgorithmUsageConstraint:
        """Demand the hash that the signature algorithm implies (RFC 8933; RFC 8419 for Ed25519 and Ed448)."""
        plain = PLAIN_ECDSA.get(signature_algo["algorithm"].dotted)
        if plain is not None and message_digest_algo["algorithm"].native != plain:
            return _refused("the document's hash is not the one of the signature algorithm")
        return super().digest_combination_allowed(signature_algo, message_digest_algo, moment)

    @staticmethod
    def _key_allowed(public_key: keys.PublicKeyInfo) -> AlgorithmUsageConstraint:
        kind = public_key.algorithm
        if kind in {"rsa", "rsassa_pss"} and public_key.bit_size < PROFILE.rsa_bits:
            return _refused(f"the RSA key has less than {PROFILE.rsa_bits} bits")
        if kind == "ec":
            how, curve = public_key.curve
            if how != "named" or curve not in PROFILE.curves:
                return _refused("the curve is not in the profile")
        return _ALLOWED


def _hash_of(algo: algos.SignedDigestAlgorithm) -> str | None:
    try:
        return str(algo.hash_algo)
    except ValueError:
        return None  # the algorithm leaves the hash to the signature, where it is checked for itself


def _mask_hash_of(algo: algos.SignedDigestAlgorithm) -> str:
    return str(algo["parameters"]["mask_gen_algorithm"]["parameters"]["algorithm"].native)


POLICY = ProfilePolicy()


class AlsoPlainEcdsa(DefaultSignatureValidator):
    """Verifies what pyHanko verifies, and ECDSA in the plain format of German cards."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Verify. Raises InvalidSignature."""
        hashed = PLAIN_ECDSA.get(signature_algorithm["algorithm"].dotted)
        if hashed is not None:
            signature = der_of_plain(signature, public_key_info.dump())
            signature_algorithm = algos.SignedDigestAlgorithm({"algorithm": f"{hashed}_ecdsa"})
        super().validate_signature(signature, signed_data, public_key_info, signature_algorithm, context)


VALIDATOR = AlsoPlainEcdsa()


def der_of_plain(signature: bytes, public_key: bytes) -> bytes:
    """Turn r and s of the plain format into the DER that everybody else uses. Raises InvalidSignature unless both are whole."""
    key = load_der_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise InvalidSignature("not a key on a curve")
    length = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * length:
        raise InvalidSignature("not as long as r and s")
    r, s = (int.from_bytes(half, "big") for half in (signature[:length], signature[length:]))
    if r == 0 or s == 0:
        raise InvalidSignature("r or s is zero")
    return encode_dss_signature(r, s)
