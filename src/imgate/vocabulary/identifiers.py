"""Shapes of the identifiers that cross a border (contract §1 and §5)."""

import re
import uuid

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
    """Make a new random identifier (UUID version 4)."""
    return str(uuid.uuid4())
