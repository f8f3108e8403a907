"""All that a plugin may import: hooks, protocols, the types a plugin sees, its three errors, the API version.

Owns the border between the core and the partner plugins. Never decides, stores or delivers; a plugin sees released parts only.
"""

from imgate.plugin_api.adapter import AdapterPlugin, PartnerAdapter
from imgate.plugin_api.errors import MessageUnreadable, SettingsInvalid, TranslationFault
from imgate.plugin_api.fields import Absent, Field, FieldTable, Place, field_table
from imgate.plugin_api.hooks import API_VERSION, hookimpl
from imgate.plugin_api.incoming import Incoming, Reading, RowProblem
from imgate.plugin_api.record_check import RecordProblem, record_problems
from imgate.plugin_api.released import CONFIDENTIALITY_NOTICE, Envelope, Release, ReleasedRecord
from imgate.plugin_api.transport import Delivered, NotDelivered, Outcome, Parcel, RefusedByPartner, Transport, TransportPlugin

__all__ = [
    "API_VERSION",
    "CONFIDENTIALITY_NOTICE",
    "Absent",
    "AdapterPlugin",
    "Delivered",
    "Envelope",
    "Field",
    "FieldTable",
    "Incoming",
    "MessageUnreadable",
    "NotDelivered",
    "Outcome",
    "Parcel",
    "PartnerAdapter",
    "Place",
    "Reading",
    "RecordProblem",
    "RefusedByPartner",
    "Release",
    "ReleasedRecord",
    "RowProblem",
    "SettingsInvalid",
    "TranslationFault",
    "Transport",
    "TransportPlugin",
    "field_table",
    "hookimpl",
    "record_problems",
]
