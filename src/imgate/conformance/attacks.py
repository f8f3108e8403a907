"""Every attack that is tried on every adapter, whatever its format: who sends does not ask which one is read."""

from collections.abc import Callable

from imgate.conformance.hostile import HOSTILE, too_large
from imgate.conformance.hostile_json import HOSTILE_JSON, too_large_json

# Made when asked for, because of their size.
_LARGE: dict[str, Callable[[], bytes]] = {"too large": too_large, "JSON: too large": too_large_json}

ATTACKS: tuple[str, ...] = (*HOSTILE, *HOSTILE_JSON, *_LARGE)


def attack_bytes(attack: str) -> bytes:
    """Make the bytes of one of ``ATTACKS``."""
    return _LARGE[attack]() if attack in _LARGE else {**HOSTILE, **HOSTILE_JSON}[attack]
