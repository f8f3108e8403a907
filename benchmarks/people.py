"""Made-up clients and their declarations, the same in every subject: three declarations that overlap, and together cover a ceiling."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

PARTNER = "jobcenter-rems-murr"
PARTNER_NAME = "Jobcenter Rems-Murr, Team 412"
UNIT = "Integrationsmanagement Winnenden"
PURPOSE = "labour_market_integration"
DECLARATIONS = 3
EVIDENCE = b"%PDF-1.7 a scan of the signed form"


def shares(scopes: Sequence[str]) -> list[list[str]]:
    """Split scopes over three declarations, so that a third of them stands in one and the others in two."""
    return [[scope for index, scope in enumerate(scopes) if index % 3 == share or (index + 1) % 3 == share and index % 2] for share in range(DECLARATIONS)]


def declaration(client: str, scopes: Sequence[str], **changes: Any) -> dict[str, Any]:
    """Write a declaration as a case system posts it, running from three weeks ago for half a year."""
    today = datetime.now(UTC).date()
    return {
        "client": client,
        "partner": PARTNER,
        "discloser": {"unit": UNIT, "persons": ["Vera Beispiel"]},
        "clauses": ["confidentiality_release", "data_protection_consent"],
        "direction": "both",
        "purposes": [PURPOSE, "qualification_recognition"],
        "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst",
        "scopes": sorted(scopes),
        "onward_from": [],
        "valid_from": (today - timedelta(days=21)).isoformat(),
        "valid_until": (today + timedelta(days=160)).isoformat(),
        "signers_required": ["client"],
        "language": "ar",
        "interpreter": None,
        "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        "supersedes": None,
    } | changes
