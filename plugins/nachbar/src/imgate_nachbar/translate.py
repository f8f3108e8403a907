"""Translate by the table. Pure: no input or output, no clock, no state.

What one gateway sends is what the other one takes. So there is one message, and it begins with the envelope in both directions.
"""

from collections.abc import Mapping

from imgate.plugin_api import PartnerAdapter, SettingsInvalid
from imgate.plugin_api.json import JsonFormat
from imgate_nachbar.fields import ITEMS


def configure(settings: Mapping[str, object]) -> PartnerAdapter:
    """Return the adapter. It has no settings; raises SettingsInvalid for any."""
    for setting in settings:
        raise SettingsInvalid(setting, "the adapter for another gateway has no settings; remove the entry.")
    return JsonFormat(items=ITEMS, head="envelope")
