"""Closed lists of the contract, each value as it stands on the wire."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way a datum passes."""

    TO_PARTNER = "to_partner"
    FROM_PARTNER = "from_partner"


class DeclaredDirection(StrEnum):
    """Which way a declaration lets data pass."""

    TO_PARTNER = "to_partner"
    FROM_PARTNER = "from_partner"
    BOTH = "both"

    def covers(self, direction: Direction) -> bool:
        """Tell whether an exchange in this direction is covered."""
        return self is DeclaredDirection.BOTH or self.value == direction.value


class Purpose(StrEnum):
    """What an exchange is for."""

    LABOUR_MARKET_INTEGRATION = "labour_market_integration"
    LANGUAGE_SUPPORT = "language_support"
    RESIDENCE_MATTERS = "residence_matters"
    HOUSING = "housing"
    BENEFIT_COORDINATION = "benefit_coordination"
    QUALIFICATION_RECOGNITION = "qualification_recognition"
    CASE_HANDOVER = "case_handover"
    CASE_DOCUMENTATION = "case_documentation"
    FAMILY_SUPPORT = "family_support"


class Clause(StrEnum):
    """The two permissions of a declaration; a scope passes only under both (§ 203 StGB, Art. 6 and 9 GDPR)."""

    CONFIDENTIALITY_RELEASE = "confidentiality_release"
    DATA_PROTECTION_CONSENT = "data_protection_consent"


class Information(StrEnum):
    """What the client must have been told before signing."""

    VOLUNTARINESS = "voluntariness"
    REFUSAL_CONSEQUENCES = "refusal_consequences"
    REVOCABILITY = "revocability"
    STATUTORY_DUTIES = "statutory_duties"


class SignerRole(StrEnum):
    """Who has to sign."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    BETREUER = "betreuer"


class EvidenceKind(StrEnum):
    """How the client's own act is evidenced."""

    ORAL_RECORD = "oral_record"
    PAPER_SCAN = "paper_scan"
    DRAWN = "drawn"
    PADES = "pades"
    EID = "eid"


class EvidenceLevel(StrEnum):
    """How much a piece of evidence counts; compare with ``rank``."""

    RECORDED = "recorded"
    WRITTEN = "written"
    QUALIFIED = "qualified"

    @property
    def rank(self) -> int:
        """Give 1 for recorded, 2 for written, 3 for qualified."""
        return _LEVEL_RANK[self]


_LEVEL_RANK = {level: rank for rank, level in enumerate(EvidenceLevel, start=1)}


class DeclarationState(StrEnum):
    """The state a declaration is shown in."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ExchangeState(StrEnum):
    """Where an exchange stands (contract §5, States)."""

    WITHHELD = "withheld"
    QUEUED = "queued"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EndCause(StrEnum):
    """Why a declaration, or some of its scopes, carries no further use."""

    REVOKED = "revoked"
    PARTLY_REVOKED = "partly_revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class EndOfUseAnswer(StrEnum):
    """What a partner says when it is told that consent and release no longer carry further use."""

    ENDED = "ended"
    KEPT_UNDER_STATUTE = "kept_under_statute"
    OBJECTED = "objected"


class AttachmentKind(StrEnum):
    """What can travel inside a message beside the released scopes."""

    DECLARATION_BUNDLE = "declaration_bundle"
    CALENDAR = "calendar"


class Body(StrEnum):
    """Which kind of public body a partner is; the client's legal circle says which of them are responsible."""

    JOBCENTER = "jobcenter"
    AGENTUR_FUER_ARBEIT = "agentur_fuer_arbeit"
    SOZIALAMT = "sozialamt"
    AUSLAENDERBEHOERDE = "auslaenderbehoerde"
    JUGENDAMT = "jugendamt"
    INTEGRATION_MANAGEMENT = "integration_management"
    OTHER = "other"


class Role(StrEnum):
    """What a caller may do."""

    CASE_SYSTEM = "case-system"
    PARTNER = "partner"
    AUDITOR = "auditor"
    ADMIN = "admin"


class UserRole(StrEnum):
    """Who a person is on the web pages."""

    LIAISON = "liaison"  # of one partner
    INTEGRATION_MANAGER = "integration-manager"
    OFFICE = "office"


class Door(StrEnum):
    """By which way somebody looked."""

    API = "api"
    PAGES = "pages"
    COMMAND = "command"


class Kept(StrEnum):
    """A kind of thing that is kept for a term, and then goes."""

    HISTORY = "history"
    REFERENCES = "references"
    INTAKE = "intake"
    AWAITED = "awaited"
    ACCESS_LOG = "access_log"
    PROOF = "proof"
    SESSIONS = "sessions"
    ANSWERS = "answers"
    ASSERTIONS = "assertions"
    MESSAGES = "messages"


class Notify(StrEnum):
    """When a person gets an e-mail that there is news; what the news is, no e-mail says."""

    NEVER = "never"
    AT_ONCE = "at_once"
    WEEKLY = "weekly"


# The same words as plain text: until Python 3.12 an Enum cannot be asked whether it has a word.
PURPOSES: frozenset[str] = frozenset(purpose.value for purpose in Purpose)
DIRECTIONS: frozenset[str] = frozenset(direction.value for direction in Direction)

# The origin of a datum that is the client's own word.
SELF = "self"
