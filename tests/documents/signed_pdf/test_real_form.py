"""The form as this gateway makes it, signed: accepted as it is, and for its own declaration only."""

import hashlib
from datetime import date

import pytest
import rfc8785

from imgate.documents.clients_copy import Office
from imgate.documents.form import form
from imgate.documents.wording import words_of
from tests.documents.signed_pdf.papers import sign

CONTENT = {
    "catalogue": 1,
    "client": "K-2026-0815",
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "discloser": {"persons": ["Vera Beispiel"], "unit": "Integrationsmanagement Winnenden"},
    "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
    "interpreter": None,
    "language": "ar",
    "nonce": "00112233445566778899aabbccddeeff",
    "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft, Beginn Herbst 2026",
    "onward_from": [],
    "partner": "jobcenter-rems-murr",
    "purposes": ["labour_market_integration"],
    "recipient": "Jobcenter Rems-Murr, Team 412",
    "scopes": ["contact_persons.jobcenter", "language.level", "residence.status"],
    "signers_required": ["client"],
    "supersedes": None,
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "wording": "1",
}
DIGEST = hashlib.sha256(rfc8785.dumps(CONTENT)).hexdigest()


@pytest.fixture(scope="module", params=["de", "ar"])
def real_form(request):
    shown = {"id": "00000000-0000-4000-8000-000000000001", "digest": DIGEST, "state": "draft", "content": CONTENT}
    office = Office(["Rathaus, Winnenden"])
    return form(shown, words_of("1", request.param), office, partners={}, made_on=date(2026, 1, 10))


def test_it_is_accepted_once_signed(examine, authority, real_form):
    found = examine(sign(real_form, authority.signer, authority.issuer), digest=DIGEST, signer="Amina Beispiel")
    assert found.findings.report()["checks"][5]["result"] == "passed"
    assert found.refused is None


def test_it_is_no_evidence_for_another_declaration(refused, authority, real_form):
    other = hashlib.sha256(rfc8785.dumps(CONTENT | {"purposes": ["housing"]})).hexdigest()
    assert refused(sign(real_form, authority.signer, authority.issuer), digest=other) == "signature_declaration_differs"
