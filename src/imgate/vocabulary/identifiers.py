"""Shapes of the identifiers that cross a border (contract §1 and §5)."""

import os
import re
import time

CLIENT_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
PARTNER_PATTERN = r"^[a-z0-9-]{1,64}$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# The reference a partner knows somebody by: printable, no blank at either end.
REFERENCE_MAX = 64

NIL_UUID = "00000000-0000-0000-0000-000000000000"

_client = re.compile(CLIENT_PATTERN[:-1] + r"\Z").match
_partner = re.compile(PARTNER_PATTERN[:-1] + r"\Z").match
_uuid = re.compile(UUID_PATTERN[:-1] + r"\Z").match


def is_client(text: str) -> bool:
    """Tell whether this can be a client's reference in the case system."""
    return _client(text) is not None


def is_partner(text: str) -> bool:
    """Tell whether this can be a partner's id."""
    return _partner(text) is not None


def is_uuid(text: str) -> bool:
    """Tell whether this is a UUID in the one form that is accepted: lower case, with hyphens."""
    return _uuid(text) is not None


def is_reference(text: str) -> bool:
    """Tell whether a partner may know somebody under this: 1-64 printable characters, no blank at either end."""
    return 0 < len(text) <= REFERENCE_MAX and text.isprintable() and text == text.strip()


def new_id() -> str:
    """Make a new identifier: UUID version 7 (RFC 9562 §5.7), milliseconds first, then 74 random bits.

    Time first, so that what is made together lies together in an index; with random ones each row would touch a page of its own.
    """
    chance = os.urandom(10)
    milliseconds = time.time_ns() // 1_000_000
    digits = f"{milliseconds:012x}{0x7000 | (chance[0] << 8 | chance[1]) & 0x0FFF:04x}{0x80 | chance[2] & 0x3F:02x}{chance[3:].hex()}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
