"""The published vectors: what they say about form and integrity, we say. Trust in their signers is another question."""

import json

import pytest

from imgate.documents.signed_pdf.verdict import form_and_integrity_verdict

NAMES = [
    "base.pdf",
    "ed448-disallowed-hash.pdf",
    "form-update-ap-indirect-sneaky-trailer.pdf",
    "form-update-no-override-appearance-stream-ap-indirect-sneaky.pdf",
    "form-update-override-appearance-stream-ap-indirect-sneaky.pdf",
    "form-update-override-appearance-stream-sneaky.pdf",
    "one-byterange.pdf",
    "pades-with-old-style-signing-cert-attr.pdf",
    "pdf-sig-with-econtent.pdf",
    "sig-with-ski-sid.pdf",
    "signature-gap-too-big.pdf",
    "tail-uncovered.pdf",
    "weird-byterange.pdf",
]
CODES = {
    "base.pdf": "signature_missing",
    "ed448-disallowed-hash.pdf": "signature_algorithm_weak",
    "one-byterange.pdf": "signature_partial",
    "pdf-sig-with-econtent.pdf": "signature_invalid",
    "signature-gap-too-big.pdf": "signature_partial",
    "tail-uncovered.pdf": "signature_partial",
    "weird-byterange.pdf": "signature_partial",
}


@pytest.fixture(scope="module")
def manifest(shared):
    written = json.loads((shared / "data/vectors/pdf/manifest.json").read_text(encoding="utf-8"))
    return {case["file"]: case["expected"] for case in written["cases"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_gets_the_verdict_of_its_manifest(shared, manifest, name):
    found = form_and_integrity_verdict((shared / "data/vectors/pdf" / name).read_bytes())
    assert ("accept" if found.refused is None else "reject") == manifest[name]
    if manifest[name] == "reject":
        assert found.refused == CODES.get(name, "signature_changed_after")


def test_no_vector_is_left_out(manifest):
    assert sorted(manifest) == NAMES


def test_no_vector_is_accepted_as_a_signed_declaration(shared, refused):
    """They carry no declaration, whoever signed them."""
    for name in ("pades-with-old-style-signing-cert-attr.pdf", "sig-with-ski-sid.pdf"):
        assert refused((shared / "data/vectors/pdf" / name).read_bytes()) == "signature_declaration_differs"
