"""Another office's imgate as a partner: the case of a client who moves, from gateway to gateway."""

from imgate.plugin_api import AdapterPlugin, hookimpl


@hookimpl
def imgate_register_adapter() -> AdapterPlugin:
    """Register the adapter."""
    from imgate_nachbar.translate import configure  # imported late: registering must not cost what translating needs

    return AdapterPlugin(package="imgate_nachbar", configure=configure)
