"""Puts the gateway together from its configuration: the only place that picks implementations.

Owns which plugins, keys, database and logging a process works with, and the worker's clocks. Never decides about an exchange.
"""

from imgate.bootstrap.gateway import Gateway, open_gateway
from imgate.bootstrap.keys import make_first_keys
from imgate.bootstrap.logs import configure_logs
from imgate.bootstrap.startup import record_start

__all__ = ["Gateway", "configure_logs", "make_first_keys", "open_gateway", "record_start"]
