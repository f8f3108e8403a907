"""How one value is sealed: AES-256-GCM with a random 96-bit nonce, bound to where it stands.

``01 | nonce (12) | ciphertext and tag``. The first byte is the format, so that another can come later. A random nonce is
good for 2^32 values under one key (NIST SP 800-38D, 8.3); a client's own key never sees that many.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imgate.exchange.ports import Unreadable

_FORMAT = b"\x01"
_HEADER = 13


def place(table: str, column: str, row: str, client: str) -> bytes:
    """Name the one place in which a sealed value may be opened."""
    return f"{table}|{column}|{row}|{client}".encode()


def seal(cipher: AESGCM, plain: bytes, at: bytes) -> bytes:
    """Encrypt a value for its place."""
    nonce = os.urandom(12)
    return _FORMAT + nonce + cipher.encrypt(nonce, plain, at)


def unseal(cipher: AESGCM, sealed: bytes, at: bytes) -> bytes:
    """Decrypt a value. Raises Unreadable where it was changed, moved, or sealed under another key."""
    if sealed[:1] != _FORMAT:
        raise Unreadable("a sealed value has an unknown format")
    try:
        return cipher.decrypt(sealed[1:_HEADER], sealed[_HEADER:], at)
    except (InvalidTag, ValueError):
        raise Unreadable("a sealed value does not match its place or its key") from None
