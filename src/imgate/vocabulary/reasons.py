"""Why a scope does not pass. The order of the members is the order of the checks in contract §4."""

from enum import StrEnum


class Reason(StrEnum):
    """One reason for withholding one scope."""

    # A: the scope itself
    UNKNOWN_SCOPE = "unknown_scope"
    SCOPE_CLOSED = "scope_closed"
    BEYOND_PARTNER_CEILING = "beyond_partner_ceiling"
    # no declaration at all
    NO_DECLARATION = "no_declaration"
    # B: a declaration
    NOT_SIGNED = "not_signed"
    REVOKED = "revoked"
    PAUSED = "paused"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    RECIPIENT_CHANGED = "recipient_changed"
    CLAUSE_MISSING = "clause_missing"
    DIRECTION_NOT_COVERED = "direction_not_covered"
    PURPOSE_NOT_COVERED = "purpose_not_covered"
    SCOPE_NOT_COVERED = "scope_not_covered"
    EVIDENCE_TOO_WEAK = "evidence_too_weak"
    ONWARD_TRANSFER_NOT_COVERED = "onward_transfer_not_covered"
    # minimising, for permitted scopes only
    ADDRESS_BLOCKED = "address_blocked"
    NOTHING_LEFT = "nothing_left"
    # order: it was permitted, but a later message carries it
    OVERTAKEN = "overtaken"


class Unproved(StrEnum):
    """Why a scope that a partner sent is not taken where its messages have to be proved, before anything is decided about it."""

    BUNDLE_MISSING = "bundle_missing"
    BUNDLE_INVALID = "bundle_invalid"
    BUNDLE_DOES_NOT_COVER = "bundle_does_not_cover"


class Answer(StrEnum):
    """Reasons that only a door gives: AuthZEN questions that cannot be put to the judge."""

    PERMITTED = "permitted"
    PROVENANCE_REQUIRED = "provenance_required"
    UNREADABLE_TIME = "unreadable_time"
