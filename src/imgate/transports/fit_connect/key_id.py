"""The id of a key as it comes from outside: it becomes part of an address, so its form is checked first."""

import re
from typing import TypeGuard

_key_id = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}\Z").match


def is_key_id(value: object) -> TypeGuard[str]:
    """Tell whether this can stand in an address as it is."""
    return isinstance(value, str) and _key_id(value) is not None
