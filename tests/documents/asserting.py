"""A made-up eID service: its keys, and assertions as it would give them, or as a forger would."""

import base64
import json
from datetime import UTC, datetime, timedelta

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from imgate.exchange.ports import Statement
from imgate.vocabulary.words import SignerRole

ISSUER, GATEWAY = "https://eid.example.org", "im-winnenden"
DIGEST = "d" * 64
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = {
    "ES256": ECKey.generate_key("P-256", private=True),
    "ES384": ECKey.generate_key("P-384", private=True),
    "PS256": RSAKey.generate_key(3072, private=True),
    "Ed25519": OKPKey.generate_key("Ed25519", private=True),
}


def about(signer=None, role=SignerRole.CLIENT, digest=DIGEST):
    return Statement("0b0f8f6e-3a5c-4d0f-9c7e-6a1d2b3c4d5e", digest, role, signer)


def claims(at=NOW, **changes):
    said = {
        "iss": ISSUER,
        "aud": GATEWAY,
        "iat": int(at.timestamp()),
        "exp": int((at + timedelta(minutes=5)).timestamp()),
        "jti": "a-1",
        "declaration": DIGEST,
        "role": "client",
        "acr": "high",
        "name": "Amina Muster",
    } | changes
    return {name: value for name, value in said.items() if value is not ...}


def assertion(said=None, *, algorithm="ES256", key=None, header=None, **changes):
    """Write an assertion; a claim that is ``...`` is left out."""
    payload = json.dumps(claims(**changes) if said is None else said).encode() if not isinstance(said, bytes) else said
    key = key or KEYS[algorithm]
    protected = {"alg": algorithm, "kid": key.thumbprint()} | (header or {})
    protected = {name: value for name, value in protected.items() if value is not ...}
    signed = encoded(json.dumps(protected).encode()) + b"." + encoded(payload)
    return signed + b"." + encoded(JWSRegistry.algorithms[algorithm].sign(signed, key))


def public(key, **more):
    return key.as_dict(private=False) | more


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")
