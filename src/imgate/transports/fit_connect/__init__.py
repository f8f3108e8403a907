"""``transport = { kind = "fit-connect", … }``: a submission (Einreichung) over FIT-Connect, Submission API v2, sender's side.

Tested against a local stand-in only; it has not met the real service. What was not found in the service's documentation, or in
public code that has met its test environment, is an assumption, and is called one where it is made.

Owns the way: token, destination, key, announcing, putting, event log, callback. Never submits one message twice, and takes the
key from no destination but the one that is configured. That a destination's key carries a certificate of the administration's PKI
(``x5c``) is **not** checked: the key is the destination's because the submission service says so over TLS.
"""

from collections.abc import Mapping

from imgate.plugin_api import Transport, TransportPlugin, hookimpl


def configure(entries: Mapping[str, object]) -> Transport:
    """Make the transport. Raises SettingsInvalid."""
    # Late: a gateway without a FIT-Connect partner need not load this.
    from imgate.transports.fit_connect.transport import configured

    return configured(entries)


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register FIT-Connect."""
    return TransportPlugin("fit-connect", configure)
