"""Made-up clients and their declarations, the same in every subject: three declarations that overlap, and together cover a ceiling."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.table import check
from imgate.consent import life
from imgate.consent.declaration import first_head
from imgate.consent.head import VerifiedDeclaration, head_mac, verify_head
from imgate.vocabulary.words import EvidenceLevel

PARTNER = "jobcenter-rems-murr"
PARTNER_NAME = "Jobcenter Rems-Murr, Team 412"
UNIT = "Integrationsmanagement Winnenden"
PURPOSE = "labour_market_integration"
DECLARATIONS = 3
ZONE = ZoneInfo("Europe/Berlin")
EVIDENCE = b"%PDF-1.7 a scan of the signed form"


def shares(scopes: Sequence[str]) -> list[list[str]]:
    """Split scopes over three declarations, so that a third of them stands in one and the others in two."""
    return [
        [scope for index, scope in enumerate(scopes) if index % 3 == share or ((index + 1) % 3 == share and index % 2)]
        for share in range(DECLARATIONS)
    ]


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


def signed(
    name: str, content: Mapping[str, Any], level: EvidenceLevel = EvidenceLevel.WRITTEN, revoked: Sequence[str] = ()
) -> VerifiedDeclaration:
    """Give a declaration as the judge takes it: signed a day ago, perhaps partly revoked, its head under a MAC and verified."""
    at = datetime.now(UTC) - timedelta(days=1)
    head = first_head(name, {**content, "recipient": PARTNER_NAME, "catalogue": 1})
    head = life.with_evidence(head, f"e-{name}", "", level, at)
    if revoked:
        head = life.revoke(head, revoked, at)
    canonical = head.canonical()
    verified = verify_head(b"key", "client", canonical, b"", head_mac(b"key", "client", canonical, b""), ZONE)
    check(verified is not None, "a declaration of the benchmark does not verify")
    return verified  # type: ignore[return-value]  # checked


def case_record() -> dict[str, dict[str, Any]]:
    """Give the case record that the acceptance names; where it is not at hand, the project's own sample with the most scopes."""
    root = Path(__file__).resolve().parents[1]
    named = root.parent / "shared" / "data" / "cases" / "K-2026-0815.json"
    found = [named] if named.is_file() else sorted((root / "samples").glob("*.json"))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in found]
    check(bool(records), "there is no case record to send")
    return max((record.get("record", record) for record in records), key=lambda record: sum(map(len, record.values())))
