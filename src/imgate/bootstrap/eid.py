"""The services whose assertions count as evidence: their keys are read, and the strict reading of signatures is handed to the examiner."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from imgate.documents.eid import EidExaminer, EidService, NotAnAssertion, Reader, SignedClaims
from imgate.exchange.ports import Examiner
from imgate.keys.signatures import SignatureRefused, json_object, signed_payload, unverified_header
from imgate.record import JsonRefused, parse_json
from imgate.settings import Settings
from imgate.settings.eid import EidAlgorithm, EidSettings

_ASSERTION_MAX = 64 * 1024
_TYPES = (None, "JWT")
# `crit`, `b64`, `jku`, `jwk`, `x5c` and the like would have us follow what nobody vouched for.
_HEADER = frozenset({"alg", "kid", "typ"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
_ALGORITHMS_OF_CURVE = {"P-256": EidAlgorithm.ES256, "P-384": EidAlgorithm.ES384, "Ed25519": EidAlgorithm.ED25519}
# BSI TR-02102-1, 2025-01: 3000 bits for RSA.
_RSA_BITS_MIN = 3000

Faults = list[tuple[tuple[str, ...], str]]


class KeysUnusable(ValueError):
    """The operator must act: the key set of a service cannot be used. Says why, and quotes nothing of it."""


def with_eid(settings: Settings, others: Examiner) -> tuple[Examiner, Faults]:
    """Give an examiner that knows the configured services, and what is wrong with their key sets."""
    services: list[EidService] = []
    faults: Faults = []
    for name, configured in settings.eid.items():
        try:
            keys = read_keys(configured)
        except KeysUnusable as error:
            faults.append((("eid", name, "jwks_file"), str(error)))
            continue
        levels = frozenset(configured.levels)
        services.append(EidService(name, configured.issuer, configured.max_age_seconds, levels, reader_of(keys)))
    return EidExaminer(services, settings.gateway.id, others), faults


def read_keys(configured: EidSettings) -> dict[str, tuple[Key, EidAlgorithm]]:
    """Read a service's public keys by their names, each with its one algorithm. Raises KeysUnusable."""
    keys: dict[str, tuple[Key, EidAlgorithm]] = {}
    for jwk in _members(configured.jwks_file):
        if jwk.get("use", "sig") != "sig":
            continue
        key, algorithm = _key(jwk)
        if algorithm not in configured.algorithms or jwk.get("alg", algorithm.value) not in (algorithm.value, _OLDER.get(algorithm)):
            raise KeysUnusable("holds a key of an algorithm that `algorithms` does not name")
        name = str(jwk.get("kid", key.thumbprint()))
        if name in keys:
            raise KeysUnusable("holds two keys of one name")
        keys[name] = key, algorithm
    if not keys:
        raise KeysUnusable("holds no key for signatures")
    return keys


# RFC 9864 gave the algorithm its name; before, it was called by the name of the whole family.
_OLDER = {EidAlgorithm.ED25519: "EdDSA"}


def _members(file: Path) -> list[dict[str, Any]]:
    try:
        found = parse_json(file.read_bytes())
    except OSError as error:
        raise KeysUnusable(f"cannot be read: {error.strerror}") from None
    except JsonRefused:
        raise KeysUnusable("is not JSON") from None
    members = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(members, list) or not all(isinstance(jwk, dict) for jwk in members):
        raise KeysUnusable("is not a JWK set")
    if any(_PRIVATE & jwk.keys() for jwk in members):
        raise KeysUnusable("holds a private key or a shared secret; only public keys belong here")
    return members


def _key(jwk: dict[str, Any]) -> tuple[Key, EidAlgorithm]:
    kind = _KINDS.get(str(jwk.get("kty")))
    try:
        key = None if kind is None else kind.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        key = None
    if key is None:
        raise KeysUnusable("holds a key that cannot be read")
    if isinstance(key, RSAKey):
        if key.public_key.key_size < _RSA_BITS_MIN:
            raise KeysUnusable(f"holds an RSA key with less than {_RSA_BITS_MIN} bits")
        return key, EidAlgorithm.PS256
    algorithm = _ALGORITHMS_OF_CURVE.get(key.curve_name)
    if algorithm is None:
        raise KeysUnusable(f"holds a key on a curve that is not one of {', '.join(_ALGORITHMS_OF_CURVE)}")
    return key, algorithm


def reader_of(keys: Mapping[str, tuple[Key, EidAlgorithm]]) -> Reader:
    """Give the strict reading of what these keys signed: the key says the algorithm, never the token."""

    def read(unverified_token: str) -> SignedClaims | None:
        try:
            header = unverified_header(unverified_token, _ASSERTION_MAX)
        except SignatureRefused:
            raise NotAnAssertion from None
        if not header.keys() <= _HEADER or header.get("typ") not in _TYPES:
            raise NotAnAssertion
        named = header.get("kid", next(iter(keys)) if len(keys) == 1 else None)
        if not isinstance(named, str) or named not in keys:
            return None
        key, algorithm = keys[named]
        try:
            payload = signed_payload(unverified_token, key, *filter(None, (algorithm.value, _OLDER.get(algorithm))))
        except SignatureRefused:
            return None
        try:
            return SignedClaims(json_object(payload), algorithm.value, named)
        except SignatureRefused:
            raise NotAnAssertion from None

    return read
