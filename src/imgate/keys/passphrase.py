"""Keys at rest under a passphrase: Argon2id makes a key of it, and AES-256-GCM seals each secret, bound to whose it is.

All files of a folder share one salt, so that a start derives once. The parameters stand in the profile, not in the file: nobody who can
write a file can have us derive with others.
"""

import base64
import binascii
import os
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from imgate.keys.faults import KeysUnusable
from imgate.keys.profiles import PASSPHRASE_2026, PASSPHRASE_PROFILES

LENGTH_MIN = 12
_NONCE = 12
_CHECK = b"imgate keys: this passphrase opens them"


class Passphrase:
    """What an operator typed, or a file held. Shows nothing of itself; remembers what it derived."""

    __slots__ = ("_derived", "_text")

    def __init__(self, text: str) -> None:
        """Take the passphrase, however its letters were put together (NFC, RFC 8265 §4.2). Raises ValueError for one that is too short."""
        self._text = unicodedata.normalize("NFC", text)
        if len(self._text) < LENGTH_MIN:
            raise ValueError(f"the passphrase has fewer than {LENGTH_MIN} characters")
        self._derived: dict[tuple[str, bytes], bytes] = {}

    def __repr__(self) -> str:
        return "Passphrase()"

    def __reduce__(self) -> Any:
        """Refuse to be written anywhere."""
        raise TypeError("a passphrase is not stored")

    def derived(self, profile: str, salt: bytes) -> bytes:
        """Derive the key, once for each salt: that takes a tenth of a second and 64 MiB, as it should."""
        known = self._derived.get((profile, salt))
        if known is None:
            by = PASSPHRASE_PROFILES[profile]
            derivation = Argon2id(salt=salt, length=32, iterations=by.iterations, lanes=by.lanes, memory_cost=by.memory)
            known = self._derived[profile, salt] = derivation.derive(self._text.encode())
        return known


@dataclass(frozen=True, slots=True)
class Protection:
    """How the secrets of a folder are encrypted, as each of its files says; ``check`` tells a wrong passphrase from a changed file."""

    profile: str
    salt: bytes
    check: bytes

    @classmethod
    def read(cls, block: dict[str, Any]) -> "Protection":
        """Read what a file says. Raises ValueError."""
        if block.keys() != {"profile", "salt", "check"} or block["profile"] not in PASSPHRASE_PROFILES:
            raise ValueError
        protection = cls(block["profile"], base64.b64decode(block["salt"], validate=True), base64.b64decode(block["check"], validate=True))
        if len(protection.salt) != PASSPHRASE_PROFILES[protection.profile].salt_bytes:
            raise ValueError
        return protection

    def written(self) -> dict[str, str]:
        """Give what a file says."""
        return {"profile": self.profile, "salt": base64.b64encode(self.salt).decode(), "check": base64.b64encode(self.check).decode()}


class Lock:
    """A protection, opened by its passphrase: seals and opens."""

    __slots__ = ("_cipher", "protection")

    def __init__(self, protection: Protection, key: bytes) -> None:
        """Take the protection and the key that its passphrase gives."""
        self.protection = protection
        self._cipher = AESGCM(key)

    @classmethod
    def made(cls, passphrase: Passphrase) -> "Lock":
        """Make a new protection, with a salt of its own."""
        salt = os.urandom(PASSPHRASE_2026.salt_bytes)
        lock = cls(Protection(PASSPHRASE_2026.name, salt, b""), passphrase.derived(PASSPHRASE_2026.name, salt))
        lock.protection = Protection(PASSPHRASE_2026.name, salt, lock.seal(_CHECK, b""))
        return lock

    @classmethod
    def opened(cls, protection: Protection, passphrase: Passphrase | None) -> "Lock":
        """Open a protection. Raises KeysUnusable for a passphrase that is missing or wrong."""
        if passphrase is None:
            raise KeysUnusable(
                "they are encrypted and there is no passphrase: set IMGATE_KEYS__PASSPHRASE, or name a file that holds it by "
                "`[keys] passphrase_file`"
            )
        lock = cls(protection, passphrase.derived(protection.profile, protection.salt))
        try:
            lock.open(protection.check, b"")
        except ValueError:
            raise KeysUnusable("the passphrase is wrong") from None
        return lock

    def seal(self, secret: bytes, whose: bytes) -> bytes:
        """Encrypt a secret, bound to what it is for."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, whose)

    def open(self, sealed: bytes, whose: bytes) -> bytes:
        """Decrypt a secret. Raises ValueError where it was changed, or stands in another's place."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], whose)
        except (InvalidTag, ValueError, binascii.Error):
            raise ValueError("this was sealed for something else") from None
