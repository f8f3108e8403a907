"""What the three partners would send: every item that their format has a place for, about one person."""

import uuid

import imgate_auslaenderbehoerde.fields
import imgate_auslaenderbehoerde.translate
import imgate_jobcenter.fields
import imgate_jobcenter.translate
import imgate_jobkraftwerk
from imgate.conformance.released import release
from imgate.conformance.xml_partner import XmlPartner
from imgate.plugin_api import Envelope

JOBCENTER, ABH, JOBKRAFTWERK = "jobcenter-rems-murr", "abh-winnenden", "jobkraftwerk-winnenden"
PARTNERS = (JOBCENTER, ABH, JOBKRAFTWERK)
MEDIA_TYPES = {JOBCENTER: "application/xml", ABH: "application/xml", JOBKRAFTWERK: "text/csv"}
_XML = {
    partner: XmlPartner(plugin.translate.NAMESPACE, plugin.translate.FROM_PARTNER, plugin.fields.ITEMS)
    for partner, plugin in ((JOBCENTER, imgate_jobcenter), (ABH, imgate_auslaenderbehoerde))
}
_ID_OF_THE_SIMULATION = b"6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11"
_TABLES = imgate_jobkraftwerk.imgate_register_adapter().configure({})


def scopes_taken(partner: str) -> frozenset[str]:
    """Name the scopes that this partner's format has a place for, in messages from it."""
    return frozenset(_adapter(partner).fields.taken())


def scopes_offered(partner: str) -> frozenset[str]:
    """Name the scopes that this partner's format has a place for, in either direction: what a form would offer."""
    return frozenset(_adapter(partner).fields.sent()) | scopes_taken(partner)


def message(partner: str, reference: str, record, purpose: str | None = None, message_id: str | None = None) -> bytes:
    """Write one message about one person."""
    taken = scopes_taken(partner)
    held = {s: {i: value for i, value in items.items() if f"{s}.{i}" in taken} for s, items in record.items()}
    message_id = message_id or str(uuid.uuid4())
    if partner in _XML:
        written = _XML[partner].write(reference, held, purpose)
        return written.replace(_ID_OF_THE_SIMULATION, message_id.encode())
    envelope = Envelope(message_id, "2026-02-02T08:00:00.000Z", "Kreis", "Winnenden", reference, purpose or "case_documentation")
    return _TABLES.to_partner(release(held, taken), envelope)


def _adapter(partner: str):
    plugin = {JOBCENTER: imgate_jobcenter, ABH: imgate_auslaenderbehoerde}.get(partner)
    return _TABLES if plugin is None else plugin.imgate_register_adapter().configure({})
