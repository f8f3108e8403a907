"""One ordinary declaration, partner and question, taken from the contract; each test changes the one thing that it is about."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from imgate.consent import life
from imgate.consent.declaration import DeclarationRequest, first_head
from imgate.consent.head import Head, VerifiedDeclaration, head_mac, verify_head
from imgate.consent.judge import Decision, Moment, Question, decide, now
from imgate.consent.policy import LEVEL_FLOOR, PartnerPolicy, Policy
from imgate.record import CATALOGUE
from imgate.vocabulary.reasons import Reason
from imgate.vocabulary.words import Direction, EvidenceLevel

KEY, CLIENT, BESIDE = b"k" * 32, "c" * 64, b"sealed"
BERLIN = ZoneInfo("Europe/Berlin")
PARTNER, NAME = "jobcenter-rems-murr", "Jobcenter Rems-Murr, Team 412"
OTHER = "abh-winnenden"
PURPOSE = "labour_market_integration"
SCOPE = "language.level"
SIGNED, AT = datetime(2026, 1, 20, 9, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC)
ID, SECOND, THIRD = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
CLOSED = frozenset({"identifiers.azr_number", "asylum.grounds", "health.constraints"})
EVERYTHING = frozenset(CATALOGUE.scopes)

POSTED: dict[str, Any] = {
    "client": "K-2026-0815",
    "partner": PARTNER,
    "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "purposes": [PURPOSE],
    "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
    "scopes": ["contact_persons.jobcenter", "language.level", "residence.status"],
    "onward_from": [],
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "signers_required": ["client"],
    "language": "ar",
    "interpreter": None,
    "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
    "supersedes": None,
}
CONTENT: dict[str, Any] = POSTED | {"recipient": NAME, "catalogue": 1, "wording": "1", "nonce": "00" * 16}


def request(**changes) -> DeclarationRequest:
    """Give the posted declaration with these changes."""
    return DeclarationRequest.model_validate(POSTED | changes)


def draft(id_=ID, **changes) -> Head:
    """Give the head of a declaration that nobody has signed."""
    return first_head(id_, CONTENT | changes)


def signed(head: Head | None = None, level=EvidenceLevel.WRITTEN, at=SIGNED, **changes) -> Head:
    """Give a head with complete evidence of this level."""
    return life.with_evidence(draft(**changes) if head is None else head, "e1", "00" * 32, level, at)


def verified(head: Head, zone: ZoneInfo = BERLIN) -> VerifiedDeclaration:
    """Take a head through the only door."""
    canonical = head.canonical()
    found = verify_head(KEY, CLIENT, canonical, BESIDE, head_mac(KEY, CLIENT, canonical, BESIDE), zone)
    assert found is not None
    return found


def declaration(**changes) -> VerifiedDeclaration:
    """Give an ordinary signed declaration with these changes of its content."""
    return verified(signed(**changes))


def partner(**changes) -> PartnerPolicy:
    """Give an ordinary partner with these changes."""
    ordinary = PartnerPolicy(
        partner=PARTNER,
        name=NAME,
        formerly=frozenset(),
        ceiling={Direction.TO_PARTNER: EVERYTHING, Direction.FROM_PARTNER: EVERYTHING},
        open=frozenset(),
        levels=LEVEL_FLOOR,
        partners=frozenset({PARTNER, OTHER}),
        catalogue=CATALOGUE,
    )
    return replace(ordinary, **changes)


def policy(*partners: PartnerPolicy, **changes) -> Policy:
    """Give an ordinary gateway with these partners, by default the ordinary one."""
    configured = {each.partner: each for each in partners or (partner(),)}
    return replace(Policy("Integrationsmanagement Winnenden", BERLIN, None, 1096, CATALOGUE, configured, "1"), **changes)


def question(scopes: tuple[str, ...] = (SCOPE,), at=AT, other_time=False, **changes) -> Question:
    """Give an ordinary question about now, or with ``other_time`` about that time."""
    moment = Moment(at, committed=False) if other_time else now(at)
    return replace(Question("to_partner", PURPOSE, scopes, moment, {}), **changes)


def decision(*declarations, scopes=(SCOPE,), of: PartnerPolicy | None = None, **asked) -> Decision:
    """Put the ordinary question, with these changes, about these declarations."""
    return decide(of or partner(), declarations, question(scopes, **asked))


def answer(*declarations, scope=SCOPE, of: PartnerPolicy | None = None, **asked) -> Reason | str:
    """Give the reason of the denial, or the id of the declaration that is named."""
    found = decision(*declarations, scopes=(scope,), of=of, **asked)
    return found.denied[scope] if scope in found.denied else found.permitted[scope].id
