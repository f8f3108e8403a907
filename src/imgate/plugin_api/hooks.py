"""The hooks: pluggy finds plugins with them, it does not run the exchange.

Each hook returns one object, which the core looks up by its id. Another hook is added only together with a real
plugin that uses it.
"""

import pluggy

from imgate.plugin_api.adapter import AdapterPlugin
from imgate.plugin_api.transport import TransportPlugin

API_VERSION = 1

hookspec = pluggy.HookspecMarker("imgate")
hookimpl = pluggy.HookimplMarker("imgate")


@hookspec
def imgate_register_adapter() -> AdapterPlugin:  # type: ignore[empty-body]  # a hookspec has no body
    """Register the adapter for one kind of partner."""


@hookspec
def imgate_register_transport() -> TransportPlugin:  # type: ignore[empty-body]  # a hookspec has no body
    """Register one way to hand a finished message to a partner."""
