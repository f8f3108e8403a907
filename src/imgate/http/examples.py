"""One worked example per request, as the OpenAPI document and the reference show it. Made up, every one."""

from typing import Any

DECLARATION: dict[str, Any] = {
    "client": "K-2026-0815",
    "partner": "jobcenter-rems-murr",
    "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "purposes": ["labour_market_integration"],
    "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
    "scopes": ["contact_persons.jobcenter", "language.level"],
    "onward_from": [],
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "signers_required": ["client"],
    "language": "ar",
    "interpreter": None,
    "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
    "supersedes": None,
}
SIGNATURE: dict[str, Any] = {
    "role": "client",
    "signed_on": "2026-01-15",
    "evidence": {"kind": "paper_scan", "media_type": "application/pdf", "content": "JVBERi0xLjcKJSVFT0YK"},
    "attested_by": "Vera Beispiel",
}
RENEWAL: dict[str, Any] = {
    "valid_from": "2027-01-01",
    "valid_until": "2027-12-31",
    "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
    "interpreter": {"name": "Samir Beispiel", "language": "ar"},
}
REVOCATION: dict[str, Any] = {"scopes": ["language.level"], "reason": "Auf eigenen Wunsch"}
PAUSE: dict[str, Any] = {"reason": "Auf eigenen Wunsch"}
LINK: dict[str, Any] = {"reference": "617D123456"}
EXCHANGE: dict[str, Any] = {
    "client": "K-2026-0815",
    "partner": "jobcenter-rems-murr",
    "purpose": "labour_market_integration",
    "record": {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}},
    "provenance": {"language.level": "self"},
    "by": "Vera Beispiel",
}
ANNEX: dict[str, Any] = {
    "purpose": "labour_market_integration",
    "record": {"language": {"level": {"cefr": "B1", "evidence": "dtz"}}},
    "provenance": {"language.level": "self"},
}
UPDATE: dict[str, Any] = {
    "client": "K-2026-0815",
    "record": {"language": {"level": {"cefr": "B2", "evidence": "dtz"}}},
    "provenance": {"language.level": "self"},
}
UPDATED_LINES: list[dict[str, Any]] = [
    {"line": 1, "exchanges": ["0b0f8f6e-3a5c-4d0f-9c7e-6a1d2b3c4d5e"]},
    {"line": 2, "exchanges": []},
    {
        "line": 3,
        "problem": {
            "type": "urn:imgate:problem:request_invalid",
            "title": "The request has the wrong shape",
            "status": 422,
            "code": "request_invalid",
            "problems": [{"code": "missing", "pointer": "/client"}],
        },
    },
]
END_OF_USE: dict[str, Any] = {"answer": "kept_under_statute", "statute": "§ 84 Abs. 3 SGB X"}
END_OF_USE_BY_TELEPHONE: dict[str, Any] = {"answer": "ended"}
REJECTION: dict[str, Any] = {"code": "not_ours"}
EVALUATION: dict[str, Any] = {
    "subject": {"type": "partner", "id": "jobcenter-rems-murr"},
    "action": {"name": "to_partner"},
    "resource": {"type": "scope", "id": "language.level", "properties": {"client": "K-2026-0815"}},
    "context": {"purpose": "labour_market_integration"},
}
EVALUATIONS: dict[str, Any] = {
    "subject": {"type": "partner", "id": "jobcenter-rems-murr"},
    "action": {"name": "to_partner"},
    "context": {"purpose": "labour_market_integration"},
    "evaluations": [
        {"resource": {"type": "scope", "id": "language.level", "properties": {"client": "K-2026-0815"}}},
        {"resource": {"type": "scope", "id": "residence.status", "properties": {"client": "K-2026-0815"}}},
    ],
    "options": {"evaluations_semantic": "execute_all"},
}
