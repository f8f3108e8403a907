"""Signs a message as the Standard Webhooks specification has it, so that partners verify it with any of its libraries."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
# By the specification: between 192 and 512 bits.
_SHORTEST, _LONGEST = 24, 64


def new_secret() -> str:
    """Make a secret, as ``secret_key`` reads it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_key(secret: str) -> bytes:
    """Read ``whsec_…``. Raises ValueError, which does not show it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64 after whsec_") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"must hold {_SHORTEST} to {_LONGEST} bytes")
    return key


def signed_headers(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Give the three headers; several keys give several signatures, so that a secret can be changed without a gap."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(key, message_id, timestamp, body) for key in keys),
    }


def is_signed(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes, signatures: str) -> bool:
    """Tell whether one of the signatures is by one of the keys. The timestamp's age is the caller's to check."""
    given = signatures.split(" ")
    return any(hmac.compare_digest(_signature(key, message_id, timestamp, body), one) for key in keys for one in given if one.isascii())


def _signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()
