"""Translate by the table. Pure: no input or output, no clock, no state."""

from collections.abc import Mapping

from imgate.plugin_api import PartnerAdapter, SettingsInvalid
from imgate.plugin_api.xml import XmlFormat
from imgate_auslaenderbehoerde.fields import ITEMS

NAMESPACE = "urn:imgate:auslaenderbehoerde:1"
FROM_PARTNER = "fromAuslaenderbehoerde"


def configure(settings: Mapping[str, object]) -> PartnerAdapter:
    """Return the adapter. It has no settings; raises SettingsInvalid for any."""
    for setting in settings:
        raise SettingsInvalid(setting, "the Ausländerbehörde's adapter has no settings; remove the entry.")
    return XmlFormat(namespace=NAMESPACE, to_partner="toAuslaenderbehoerde", from_partner=FROM_PARTNER, items=ITEMS)
