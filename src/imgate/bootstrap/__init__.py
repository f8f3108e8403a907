"""Puts the gateway together from its configuration: the only place that picks implementations.

Owns which plugins, keys, database and logging a process works with, and the worker's clocks. Never decides about an exchange.
What it offers is imported when it is first asked for: the carrier needs neither a database nor keys, and starts in half of the time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgate.bootstrap.gateway import Gateway, open_gateway
    from imgate.bootstrap.keys import make_first_keys
    from imgate.bootstrap.logs import configure_logs
    from imgate.bootstrap.startup import record_start

__all__ = ["Gateway", "configure_logs", "make_first_keys", "open_gateway", "record_start"]

_PLACES = {
    "Gateway": "gateway",
    "configure_logs": "logs",
    "make_first_keys": "keys",
    "open_gateway": "gateway",
    "record_start": "startup",
}


def __getattr__(name: str) -> Any:
    """Import one of the names above."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
