"""The keyring: one separate key for each use, and what is derived from them.

Wrapping and tokens can be rotated: the last key of the list is the current one, the others still open and verify. Index, audit and
intake cannot without touching every row, and have one each.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from imgate.keys.profiles import PROFILE_2026


class KeyUse(StrEnum):
    """What a key is for, and nothing else."""

    WRAPPING = "wrapping"
    INDEX = "index"
    AUDIT = "audit"
    INTAKE = "intake"
    TOKENS = "tokens"


ROTATABLE = frozenset({KeyUse.WRAPPING, KeyUse.TOKENS})


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``secret`` is 32 random bytes, for tokens a private JWK."""

    id: str
    use: KeyUse
    created_on: date
    secret: bytes | Mapping[str, Any] = field(repr=False)

    @classmethod
    def made(cls, use: KeyUse, on: date) -> "Key":
        """Make a new key. A signing key is named by its thumbprint (RFC 7638), the others by a random word."""
        if use is KeyUse.TOKENS:
            private = ECKey.generate_key("P-256", private=True)
            return cls(private.thumbprint(), use, on, private.as_dict(private=True))
        return cls(secrets.token_hex(8), use, on, secrets.token_bytes(PROFILE_2026.key_bytes))


class Keyring:
    """All keys of a gateway. Raises ValueError where one is missing, of the wrong size, or there more than once."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys: dict[KeyUse, list[Key]] = {use: [key for key in keys if key.use is use] for use in KeyUse}
        for use, found in self._keys.items():
            if not found:
                raise ValueError(f"there is no {use} key")
            if use not in ROTATABLE and len(found) > 1:
                raise ValueError(f"there is more than one {use} key")
            if use is not KeyUse.TOKENS:
                for key in found:
                    _secret(key)
        self._signing = {key.id: _signing_key(key) for key in self._keys[KeyUse.TOKENS]}
        self.wrapping: Mapping[str, bytes] = {key.id: _secret(key) for key in self._keys[KeyUse.WRAPPING]}
        self._derived: dict[tuple[str, str], bytes] = {}

    @classmethod
    def made(cls, on: date) -> "Keyring":
        """Make a complete keyring."""
        return cls([Key.made(use, on) for use in KeyUse])

    @classmethod
    def from_bytes(cls, secrets: Mapping[KeyUse, bytes], on: date) -> "Keyring":
        """Take the keys from elsewhere (environment, secret files): 32 bytes each, for tokens a private P-256 key as JWK or PEM."""
        return cls([_from_bytes(use, secret, on) for use, secret in secrets.items()])

    def __repr__(self) -> str:
        return f"Keyring({', '.join(f'{use}: {len(found)}' for use, found in self._keys.items())})"

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys, the current one of each use last."""
        return tuple(key for found in self._keys.values() for key in found)

    def current(self, use: KeyUse) -> Key:
        """Give the key that new things are made with."""
        return self._keys[use][-1]

    def derived(self, key: str, use: str) -> bytes:
        """Derive 32 bytes for one use from the index, audit or intake key (HKDF, RFC 5869)."""
        known = self._derived.get((key, use))
        if known is None:
            derivation = HKDF(hashes.SHA256(), length=32, salt=None, info=f"imgate {key} {use}".encode())
            known = self._derived[key, use] = derivation.derive(_secret(self.current(KeyUse(key))))
        return known

    @property
    def signing_key(self) -> ECKey:
        """The private key that tokens are signed with (ES256); its ``kid`` is in the header of each."""
        return self._signing[self.current(KeyUse.TOKENS).id]

    @property
    def verifying_keys(self) -> Mapping[str, ECKey]:
        """The keys that tokens verify under, by ``kid``."""
        return self._signing

    def jwks(self) -> dict[str, Any]:
        """Give the public keys as ``/.well-known/jwks.json`` shows them."""
        return {"keys": [key.as_dict(private=False, alg="ES256", use="sig", kid=kid) for kid, key in self._signing.items()]}


def _secret(key: Key) -> bytes:
    if not isinstance(key.secret, bytes) or len(key.secret) != PROFILE_2026.key_bytes:
        raise ValueError(f"the {key.use} key is not {PROFILE_2026.key_bytes} bytes long")
    return key.secret


def _signing_key(key: Key) -> ECKey:
    if isinstance(key.secret, bytes):
        raise ValueError("the tokens key is no JWK")
    signing = _private({**key.secret, "kid": key.id})
    if signing.thumbprint() != key.id:
        raise ValueError("the tokens key does not match its thumbprint")
    return signing


def _private(secret: bytes | dict[str, Any]) -> ECKey:
    try:
        signing = ECKey.import_key(secret)
    except (JoseError, ValueError, TypeError, AttributeError):
        raise ValueError("the tokens key cannot be read") from None  # the cause may quote it
    if not signing.is_private or signing.curve_name != "P-256":
        raise ValueError("the tokens key is no private key on P-256")
    return signing


def _from_bytes(use: KeyUse, secret: bytes, on: date) -> Key:
    if use is not KeyUse.TOKENS:
        # The id tells one wrapping key from another and must be the same at each start; it says nothing about the key.
        derivation = HKDF(hashes.SHA256(), length=8, salt=None, info=f"imgate {use} id".encode())
        return Key(derivation.derive(secret).hex(), use, on, secret)
    private = _private(secret)
    return Key(private.thumbprint(), use, on, private.as_dict(private=True))
