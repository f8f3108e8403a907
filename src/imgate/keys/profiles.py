"""Which algorithms, since when, and who says so. A later choice is another profile; this one stays for what was made under it.

What was made names its profile: the keys' files and whatever the gateway signs. A profile's parameters are read here and nowhere else,
so that nobody who can write a file can weaken them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# "Kryptographische Verfahren: Empfehlungen und Schlüssellängen".
_BSI = "BSI TR-02102-1, 2025-01"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, dated choice of algorithms for what is stored, and for access tokens."""

    name: str
    since: date
    source: str
    sealing: str
    mac: str
    derivation: str
    signature: str
    key_bytes: int


# AES-256 in GCM with 96-bit nonces, HMAC with a hash of the SHA-2 family, HKDF, ECDSA over P-256.
PROFILE_2026 = Profile(
    name="imgate-2026",
    since=date(2026, 1, 1),
    source=_BSI,
    sealing="AES-256-GCM",
    mac="HMAC-SHA-256",
    derivation="HKDF-SHA-256",
    signature="ES256",
    key_bytes=32,
)


class SignatureAlgorithm(StrEnum):
    """How the gateway may sign statements, in the words of JOSE."""

    ES256 = "ES256"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """A named, dated way to sign statements. ``algorithm`` is JOSE's name, ``curve`` the one curve that keys lie on."""

    name: str
    since: date
    source: str
    algorithm: SignatureAlgorithm
    curve: str
    digest: str


ES256_2026 = SignatureProfile(
    name="imgate-statement-es256-2026",
    since=date(2026, 1, 1),
    source=f"{_BSI}; RFC 7518",
    algorithm=SignatureAlgorithm.ES256,
    curve="P-256",
    digest="SHA-256",
)
ED25519_2026 = SignatureProfile(
    name="imgate-statement-ed25519-2026",
    since=date(2026, 1, 1),
    source="RFC 8032; RFC 9864",
    algorithm=SignatureAlgorithm.ED25519,
    curve="Ed25519",
    digest="SHA-512",
)

# What new statements are signed by.
CURRENT_SIGNATURES: Mapping[SignatureAlgorithm, SignatureProfile] = {profile.algorithm: profile for profile in (ES256_2026, ED25519_2026)}
# Every profile that a statement may name; an old one is never taken out.
SIGNATURE_PROFILES: Mapping[str, SignatureProfile] = {profile.name: profile for profile in (ES256_2026, ED25519_2026)}


@dataclass(frozen=True, slots=True)
class PassphraseProfile:
    """A named, dated way to encrypt keys under a passphrase. ``memory`` is in KiB."""

    name: str
    since: date
    source: str
    derivation: str
    iterations: int
    lanes: int
    memory: int
    salt_bytes: int
    sealing: str


# RFC 9106 §4, the second recommended option, for machines that do not have 2 GiB to spare at each start: 3 passes, 4 lanes, 64 MiB.
PASSPHRASE_2026 = PassphraseProfile(
    name="imgate-passphrase-2026",
    since=date(2026, 1, 1),
    source="RFC 9106 §4; BSI TR-02102-1 (Argon2id since 2020-01)",
    derivation="Argon2id",
    iterations=3,
    lanes=4,
    memory=64 * 1024,
    salt_bytes=16,
    sealing="AES-256-GCM",
)
# Every profile that a key file may name; an old one is never taken out.
PASSPHRASE_PROFILES: Mapping[str, PassphraseProfile] = {PASSPHRASE_2026.name: PASSPHRASE_2026}
