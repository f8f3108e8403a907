"""The form as this gateway makes it, signed: accepted as it is, and for its own declaration only."""

import asyncio
import hashlib
from datetime import date
from io import BytesIO

import pytest
import rfc8785
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.stamp import TextStampStyle

from imgate.documents.clients_copy import Office
from imgate.documents.form import form
from imgate.documents.wording import words_of
from tests.documents.signed_pdf.papers import archived, sign, signer_for, stamper, with_store

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


def test_it_is_accepted_with_a_signature_that_shows_on_the_page(examine, authority, real_form):
    """And certified, its fields locked, time-stamped and archived: with all that a signing program adds."""
    place = fields.SigFieldSpec(
        "Unterschrift", on_page=0, box=(60, 60, 260, 120), field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    )
    meta = signers.PdfSignatureMetadata(
        field_name="Unterschrift", subfilter=fields.SigSeedSubFilter.PADES, certify=True, reason="Einwilligung", location="Winnenden"
    )
    logo = PdfImage(Image.new("RGBA", (8, 8), (0, 0, 90, 128)))
    shown = TextStampStyle(stamp_text="Signiert von %(signer)s", background=logo, border_width=1)
    signer = signer_for(authority.signer, authority.issuer)
    pdf_signer = signers.PdfSigner(meta, signer=signer, stamp_style=shown, new_field_spec=place, timestamper=stamper(authority.stamper))
    signed = asyncio.run(pdf_signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(real_form)))).getvalue()
    archive = archived(with_store(signed, [authority.issuer], authority.lists()), stamper(authority.stamper))
    for paper in (signed, archive):
        assert examine(paper, digest=DIGEST, signer="Amina Beispiel").refused is None
