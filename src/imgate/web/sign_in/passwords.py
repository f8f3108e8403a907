"""Passwords: kept as argon2id (RFC 9106), compared at the same price for whoever has one and for whoever has none."""

import base64
import os
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from imgate.web.texts import _

SHORTEST = 12
LONGEST = 200
_TYPED_MAX = 4 * LONGEST  # a letter that a keyboard writes in parts has at most four
_DIFFERENT = 5
_WORST = (
    "123456789012",
    "1234567890ab",
    "abcdefghijkl",
    "changemechangeme",
    "hallohallohallo",
    "iloveyou1234",
    "integrationsmanagement",
    "jobcenter1234",
    "letmein12345",
    "passwort1234",
    "passwort12345",
    "passwort123456",
    "passwortpasswort",
    "password1234",
    "password12345",
    "passwordpassword",
    "qwertyuiop12",
    "qwertzuiop12",
    "qwertzuiopas",
    "willkommen12",
    "willkommen123",
    "willkommen1234",
)


class Passwords:
    """Makes and compares what is kept of passwords. Both take a tenth of a second and 64 MiB."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        at = RFC_9106_LOW_MEMORY
        salt, digest = _base64(os.urandom(at.salt_len)), _base64(os.urandom(at.hash_len))
        # Nobody's: no password gives a digest that was drawn by lot.
        self._nobodys = f"$argon2id$v={at.version}$m={at.memory_cost},t={at.time_cost},p={at.parallelism}${salt}${digest}"

    def kept(self, password: str) -> str:
        """Make what is kept of a password."""
        return self._hasher.hash(_normal(password))

    def match(self, kept: str | None, unverified_password: str) -> bool:
        """Tell whether it is the password; where there is none to compare with, compare with nobody's.

        What is longer than any password is compared with nobody's as well: anybody may send it, and ``_normal`` takes the square of its
        length.
        """
        if len(unverified_password) > _TYPED_MAX:
            kept, unverified_password = None, ""
        try:
            self._hasher.verify(kept or self._nobodys, _normal(unverified_password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether it was made at another price than today's."""
        return self._hasher.check_needs_rehash(kept)


def password_fault(password: str, login: str | None, name: str) -> str | None:
    """Say in a German sentence why this is no good password; None where nothing speaks against it."""
    if len(password) < SHORTEST:
        return _("Das Passwort hat weniger als 12 Zeichen.")
    if len(password) > LONGEST:
        return _("Das Passwort hat mehr als 200 Zeichen.")
    folded = _normal(password).casefold()
    if any(part in folded for part in _own_words(login, name)):
        return _("Das Passwort enthält Ihren Namen oder Anmeldenamen.")
    if folded in _WORST or len(set(folded)) < _DIFFERENT:
        return _("Dieses Passwort wird als Erstes erraten. Nehmen Sie zum Beispiel vier Wörter, die nichts miteinander zu tun haben.")
    return None


def _own_words(login: str | None, name: str) -> list[str]:
    words = [login or "", *name.split()]
    return [word.casefold() for word in words if len(word) >= 4]


def _normal(password: str) -> str:
    """Make one of the several ways in which keyboards write the same letter (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).rstrip(b"=").decode()
