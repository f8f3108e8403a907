"""``transport = { kind = "xta", … }``: both directions over an XTA 2 server (web service 2.1.1, ``http://xoev.de/transport/xta/211``).

Tested against a local stand-in only; it has not met a real XTA server.

Element names, their order, the SOAP actions, faults and error numbers are those of the published WSDL and schemas 2.1.1 (with
OSCI 2.02). Assumptions, because neither those nor anything else we could find says it:

- A server that knows a message names its reader in the transport report; one that has only given out the id does not.
- Status 1 (green) and 2 (yellow) mean that the message is with the partner's recipient, not that somebody has read it. An entry in the
  report's error list may carry a number of ``urn:de:xta:webservice:codeliste:fehlernummer``; any other counts as ``rejected``.
- ``newEntry`` lists what was not closed yet; a list that was read to its end needs no closing.
- ``close`` takes any request id, where the one that fetched the message is not known any more (another process, a message too large).
- The business scenario is not from a code list, because none has one for this purpose; list and schema of the message type are ours
  unless they are configured.

What it does not do: end-to-end encryption (``xenc:EncryptedData``; who runs the XTA server can read the messages, and must be under
contract), signed reports, ``cancelMessage``, synchronous sending.
"""

from collections.abc import Mapping

from imgate.plugin_api import Transport, TransportPlugin, hookimpl


def configure(entries: Mapping[str, object]) -> Transport:
    """Make the transport. Raises SettingsInvalid."""
    # Late: a gateway without an XTA partner need not load this.
    from imgate.transports.entries import read_entries
    from imgate.transports.xta.settings import Entries
    from imgate.transports.xta.transport import Xta

    return Xta(read_entries(Entries, entries))


@hookimpl
def imgate_register_transport() -> TransportPlugin:
    """Register xta."""
    return TransportPlugin("xta", configure)
