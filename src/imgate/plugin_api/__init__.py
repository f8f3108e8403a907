"""All that a plugin may import: hooks, protocols, the types a plugin sees, its three errors, the API version.

Owns the border between the core and the partner plugins. Never decides, stores or delivers; a plugin sees released parts only.
"""

from imgate.plugin_api.adapter import AdapterPlugin, PartnerAdapter
from imgate.plugin_api.attachment import Attachment
from imgate.plugin_api.errors import MessageUnreadable, SettingsInvalid, TranslationFault
from imgate.plugin_api.fields import Absent, Field, FieldTable, Place, field_table
from imgate.plugin_api.hooks import API_VERSION, hookimpl
from imgate.plugin_api.incoming import Incoming, Reading, RowProblem
from imgate.plugin_api.parts import (
    ColumnDescription,
    Describing,
    FileDescription,
    Part,
    PartedReader,
    Parts,
    SheetDescription,
)
from imgate.plugin_api.record_check import RecordProblem, record_problems
from imgate.plugin_api.released import CONFIDENTIALITY_NOTICE, Envelope, Release, ReleasedRecord
from imgate.plugin_api.transport import (
    NOT_CONNECTED,
    NOTHING_SEEN,
    PARTNER_KEY_UNAVAILABLE,
    PARTNER_KEY_UNUSABLE,
    Arrived,
    CallbackCheck,
    Delivered,
    MessageSource,
    NotDelivered,
    Outcome,
    Parcel,
    Receipt,
    ReceiptSource,
    RefusedByPartner,
    Sent,
    Transport,
    TransportPlugin,
)

__all__ = [
    "API_VERSION",
    "CONFIDENTIALITY_NOTICE",
    "NOTHING_SEEN",
    "NOT_CONNECTED",
    "PARTNER_KEY_UNAVAILABLE",
    "PARTNER_KEY_UNUSABLE",
    "Absent",
    "AdapterPlugin",
    "Arrived",
    "Attachment",
    "CallbackCheck",
    "ColumnDescription",
    "Delivered",
    "Describing",
    "Envelope",
    "Field",
    "FieldTable",
    "FileDescription",
    "Incoming",
    "MessageSource",
    "MessageUnreadable",
    "NotDelivered",
    "Outcome",
    "Parcel",
    "Part",
    "PartedReader",
    "PartnerAdapter",
    "Parts",
    "Place",
    "Reading",
    "Receipt",
    "ReceiptSource",
    "RecordProblem",
    "RefusedByPartner",
    "Release",
    "ReleasedRecord",
    "RowProblem",
    "Sent",
    "SettingsInvalid",
    "SheetDescription",
    "TranslationFault",
    "Transport",
    "TransportPlugin",
    "field_table",
    "hookimpl",
    "record_problems",
]
