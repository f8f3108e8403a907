"""The event catalogue: every event the audit log can hold, with its fields.

An event says who did what when, in scopes and ids. It never holds a reference or a value: a client is a random
``subject``. ``docs/reference/audit-events.md`` is compared with this file by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventName(StrEnum):
    """One kind of event."""

    GATEWAY_STARTED = "gateway_started"
    PARTNER_CONFIGURED = "partner_configured"
    PAPERS_CHANGED = "papers_changed"
    PLUGIN_LOADED = "plugin_loaded"
    ACCESS_ADDED = "access_added"
    ACCESS_REVOKED = "access_revoked"
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    DECLARATION_CREATED = "declaration_created"
    DECLARATION_SIGNED = "declaration_signed"
    DECLARATION_RECHECKED = "declaration_rechecked"
    DECLARATION_SUPERSEDED = "declaration_superseded"
    DECLARATION_REVOKED = "declaration_revoked"
    DECLARATION_PAUSED = "declaration_paused"
    DECLARATION_RESUMED = "declaration_resumed"
    DECLARATION_EXPORTED = "declaration_exported"
    LINK_SET = "link_set"
    LINK_REMOVED = "link_removed"
    EXCHANGE_PERMITTED = "exchange_permitted"
    EXCHANGE_WITHHELD = "exchange_withheld"
    EXCHANGE_NARROWED = "exchange_narrowed"
    EXCHANGE_CANCELLED = "exchange_cancelled"
    EXCHANGE_RETRIED = "exchange_retried"
    DELIVERY_BEGUN = "delivery_begun"
    DELIVERY_ENDED = "delivery_ended"
    HANDED_OUT = "handed_out"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    END_OF_USE_TOLD = "end_of_use_told"
    END_OF_USE_REMINDED = "end_of_use_reminded"
    END_OF_USE_ANSWERED = "end_of_use_answered"
    END_OF_USE_RECEIVED = "end_of_use_received"
    MESSAGE_ACCEPTED = "message_accepted"
    MESSAGE_TAKEN = "message_taken"
    CLIENT_ERASED = "client_erased"
    CLIENT_EXPORTED = "client_exported"
    CORRECTION_PASSED_ON = "correction_passed_on"
    BACKUP_RESTORED = "backup_restored"
    RETENTION_SWEPT = "retention_swept"
    CODELIST_IMPORTED = "codelist_imported"
    CODELIST_REMOVED = "codelist_removed"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_REVOKED = "user_revoked"
    USER_RESET = "user_reset"
    USER_ENROLLED = "user_enrolled"
    USER_PASSKEY_REMOVED = "user_passkey_removed"
    USER_SIGNED_IN = "user_signed_in"
    USER_SIGN_IN_FAILED = "user_sign_in_failed"
    USER_CONFIRMED = "user_confirmed"
    OPENING_CONFIRMED = "opening_confirmed"
    OPENING_WITHDRAWN = "opening_withdrawn"
    OPENING_SINGLE = "opening_single"
    CLIENT_PAGE_MADE = "client_page_made"
    CLIENT_PAGE_OPENED = "client_page_opened"
    CLIENT_PAGE_LOCKED = "client_page_locked"
    CLIENT_PAGE_FACTOR = "client_page_factor"
    SCOPE_REQUESTED = "scope_requested"
    SCOPE_REQUEST_ANSWERED = "scope_request_answered"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``actor`` is who caused it; ``fields`` are JSON values.

    An actor is a caller's or a user's id, ``worker`` or ``operator``; ``client`` on a client's own page, and ``unknown`` before anybody
    has signed in.
    """

    name: EventName
    at: datetime
    actor: str
    subject: str | None
    fields: Mapping[str, object]
