"""The Ausländerbehörde as a partner of imgate: messages of imgate's own, since no standard message exists between the two."""

from imgate.plugin_api import AdapterPlugin, hookimpl


@hookimpl
def imgate_register_adapter() -> AdapterPlugin:
    """Register the adapter."""
    from imgate_auslaenderbehoerde.translate import configure  # imported late: registering must not cost what translating needs

    return AdapterPlugin(package="imgate_auslaenderbehoerde", configure=configure)
