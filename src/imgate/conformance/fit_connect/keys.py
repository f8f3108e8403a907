"""The stand-in's keys, made when first asked for and once per process: RSA keys of this length take their time."""

from functools import cache
from typing import Any

from joserfc.jwk import RSAKey

ENCRYPTION_KID = "stand-in-encryption"
RECEIVER_KID = "stand-in-receiver-verify"
SERVICE_KID = "stand-in-service"


@cache
def encryption_key() -> RSAKey:
    """Give the key that the receiver decrypts with."""
    return RSAKey.generate_key(4096, private=True)


@cache
def receiver_key() -> RSAKey:
    """Give the key that the receiver signs its events with."""
    return RSAKey.generate_key(2048, private=True)


@cache
def service_key() -> RSAKey:
    """Give the key that the service signs its events with."""
    return RSAKey.generate_key(2048, private=True)


def encryption_jwk() -> dict[str, Any]:
    """Publish the encryption key as a destination does."""
    return _public(encryption_key(), kid=ENCRYPTION_KID, alg="RSA-OAEP-256", key_ops=["wrapKey"])


def receiver_jwk() -> dict[str, Any]:
    """Publish the receiver's signature key as a destination does."""
    return _public(receiver_key(), kid=RECEIVER_KID, alg="PS512", key_ops=["verify"])


def service_jwk() -> dict[str, Any]:
    """Publish the service's signature key."""
    return _public(service_key(), kid=SERVICE_KID, alg="PS512", key_ops=["verify"])


def _public(key: RSAKey, **named: Any) -> dict[str, Any]:
    numbers = key.as_dict(private=False)
    return {"kty": "RSA", "n": numbers["n"], "e": numbers["e"], **named}
