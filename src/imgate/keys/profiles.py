"""Which algorithms, since when, and who says so. A later choice is another profile; this one stays for what was made under it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, dated choice of algorithms."""

    name: str
    since: date
    source: str
    sealing: str
    mac: str
    derivation: str
    signature: str
    key_bytes: int


# BSI TR-02102-1, "Kryptographische Verfahren: Empfehlungen und Schlüssellängen", version 2025-01: AES-256 in GCM with 96-bit
# nonces, HMAC with a hash of the SHA-2 family, HKDF, ECDSA over P-256.
PROFILE_2026 = Profile(
    name="imgate-2026",
    since=date(2026, 1, 1),
    source="BSI TR-02102-1, 2025-01",
    sealing="AES-256-GCM",
    mac="HMAC-SHA-256",
    derivation="HKDF-SHA-256",
    signature="ES256",
    key_bytes=32,
)
