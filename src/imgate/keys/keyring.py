"""The keyring: one separate key for each use, and what is derived from them.

Wrapping, tokens and signing can be rotated: the last key of the list is the current one, the others still open and verify. Index, audit
and intake cannot without touching every row, and have one each.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey

from imgate.keys.pairs import PairKey, algorithm_of, made_pair, public_members, read_pair
from imgate.keys.profiles import PROFILE_2026, SignatureAlgorithm


class KeyUse(StrEnum):
    """What a key is for, and nothing else. ``tokens`` signs access tokens, ``signing`` what the gateway states."""

    WRAPPING = "wrapping"
    INDEX = "index"
    AUDIT = "audit"
    INTAKE = "intake"
    TOKENS = "tokens"
    SIGNING = "signing"


ROTATABLE = frozenset({KeyUse.WRAPPING, KeyUse.TOKENS, KeyUse.SIGNING})
# NIST SP 800-57 part 1 rev. 5, 5.3.6: a wrapping key protects for at most two years, a signing key signs for one to three.
ROTATED_AFTER = timedelta(days=730)
PAIRS = frozenset({KeyUse.TOKENS, KeyUse.SIGNING})
# The member by which a published key says what it signs: whoever verifies a statement trusts no other keys (ADR 15).
PUBLISHED_USE = "imgate_use"
ACCESS_TOKENS, STATEMENTS = "access-tokens", "statements"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``secret`` is 32 random bytes, for tokens and signing a private JWK.

    Of a key that lives in a hardware token it is the public JWK, and ``token_object`` says which object of the token it is.
    """

    id: str
    use: KeyUse
    created_on: date
    secret: bytes | Mapping[str, Any] = field(repr=False)
    token_object: str | None = None

    @classmethod
    def made(cls, use: KeyUse, on: date, signature: SignatureAlgorithm = SignatureAlgorithm.ES256) -> "Key":
        """Make a new key; ``signature`` is for signing keys only. One that signs is named by its thumbprint (RFC 7638)."""
        if use not in PAIRS:
            return cls(secrets.token_hex(8), use, on, secrets.token_bytes(PROFILE_2026.key_bytes))
        pair = made_pair(signature if use is KeyUse.SIGNING else SignatureAlgorithm.ES256)
        return cls(pair.thumbprint(), use, on, pair.as_dict(private=True))


class Keyring:
    """All keys of a gateway. Raises ValueError where one is missing, of the wrong size, or there more than once."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys: dict[KeyUse, list[Key]] = {use: [key for key in keys if key.use is use] for use in KeyUse}
        for use, found in self._keys.items():
            if not found:
                raise ValueError(f"there is no {use} key")
            if use not in ROTATABLE and len(found) > 1:
                raise ValueError(f"there is more than one {use} key")
            if use not in PAIRS:
                for key in found:
                    _secret(key)
        self._tokens = {key.id: _token_key(key) for key in self._keys[KeyUse.TOKENS]}
        self._statements = {key.id: _pair(key) for key in self._keys[KeyUse.SIGNING]}
        if not self._tokens.keys().isdisjoint(self._statements):
            raise ValueError(f"a {KeyUse.SIGNING} key is a {KeyUse.TOKENS} key as well")
        self.wrapping: Mapping[str, bytes] = {key.id: _secret(key) for key in self._keys[KeyUse.WRAPPING]}
        self._derived: dict[tuple[str, str], bytes] = {}

    @classmethod
    def made(cls, on: date, signature: SignatureAlgorithm = SignatureAlgorithm.ES256) -> "Keyring":
        """Make a complete keyring."""
        return cls([Key.made(use, on, signature) for use in KeyUse])

    @classmethod
    def from_bytes(cls, secrets: Mapping[KeyUse, bytes], on: date) -> "Keyring":
        """Take the keys from elsewhere (environment, secret files): 32 bytes each, for tokens and signing a private JWK or PEM."""
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

    def due_on(self, key: Key) -> date | None:
        """Give the day from which a key should be rotated; None for one that is not rotated, and for one that has been already."""
        is_current = self.current(key.use).id == key.id
        return key.created_on + ROTATED_AFTER if is_current and key.use in ROTATABLE else None

    def due(self, on: date) -> tuple[Key, ...]:
        """Give the keys that should have been rotated by this day."""
        return tuple(key for key in self.keys if (due_on := self.due_on(key)) is not None and due_on <= on)

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
        return self._tokens[self.current(KeyUse.TOKENS).id]

    @property
    def verifying_keys(self) -> Mapping[str, ECKey]:
        """The keys that tokens verify under, by ``kid``."""
        return self._tokens

    @property
    def statement_keys(self) -> Mapping[str, PairKey]:
        """The keys that the gateway's own statements verify under, by ``kid``, the current one last. Some have only a public half here."""
        return self._statements

    def algorithm(self, key: Key) -> str:
        """Name what a key of this ring is used with."""
        if key.use is KeyUse.WRAPPING:
            return PROFILE_2026.sealing
        return algorithm_of(_pair(key)).value if key.use in PAIRS else PROFILE_2026.derivation

    def jwks(self) -> dict[str, Any]:
        """Give the public keys as ``/.well-known/jwks.json`` shows them: of access tokens and of statements, old ones too.

        Both sign, and often by the same algorithm: what a key may sign stands in a member of our own (RFC 7517 §4).
        """
        uses: tuple[tuple[str, Mapping[str, PairKey]], ...] = ((ACCESS_TOKENS, self._tokens), (STATEMENTS, self._statements))
        return {
            "keys": [
                public_members(pair) | {"kid": kid, "use": "sig", "alg": algorithm_of(pair).value, PUBLISHED_USE: use}
                for use, pairs in uses
                for kid, pair in pairs.items()
            ],
        }


def _secret(key: Key) -> bytes:
    if not isinstance(key.secret, bytes) or len(key.secret) != PROFILE_2026.key_bytes:
        raise ValueError(f"the {key.use} key is not {PROFILE_2026.key_bytes} bytes long")
    return key.secret


def _pair(key: Key) -> PairKey:
    if isinstance(key.secret, bytes):
        raise ValueError(f"the {key.use} key is no JWK")
    pair = read_pair({**key.secret, "kid": key.id}, key.use, private=key.token_object is None)
    if pair.thumbprint() != key.id:
        raise ValueError(f"the {key.use} key does not match its thumbprint")
    return pair


def _token_key(key: Key) -> ECKey:
    pair = _pair(key)
    if not isinstance(pair, ECKey) or key.token_object is not None:
        raise ValueError("the tokens key is no private key on P-256")
    return pair


def _from_bytes(use: KeyUse, secret: bytes, on: date) -> Key:
    if use not in PAIRS:
        # The id tells one wrapping key from another and must be the same at each start; it says nothing about the key.
        derivation = HKDF(hashes.SHA256(), length=8, salt=None, info=f"imgate {use} id".encode())
        return Key(derivation.derive(secret).hex(), use, on, secret)
    pair = read_pair(secret, use)
    return Key(pair.thumbprint(), use, on, pair.as_dict(private=True))
