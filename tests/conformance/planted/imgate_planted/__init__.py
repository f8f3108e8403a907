"""A good adapter and its bad twins: each does one thing that no adapter may do."""

from imgate.plugin_api import AdapterPlugin, hookimpl


@hookimpl
def imgate_register_adapter():
    from imgate_planted.faults import configure

    return AdapterPlugin(package="imgate_planted", configure=configure)
