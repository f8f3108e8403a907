"""What is longer than any name is nobody's, and is not composed: that would take the square of its length."""

import unicodedata
from types import SimpleNamespace

import pytest
from asn1crypto import x509

from imgate.documents.signed_pdf import names
from imgate.documents.signed_pdf.findings import Failed, Findings, Refusal

HOSTILE = "a" + "\u0323\u0307" * 1_000_000


@pytest.fixture(autouse=True)
def composed(monkeypatch):
    """Collect how long the texts were that were composed."""
    lengths = []

    def normalize(form, text):
        lengths.append(len(text))
        return unicodedata.normalize(form, text)

    monkeypatch.setattr(names, "unicodedata", SimpleNamespace(normalize=normalize))
    return lengths


def holder(**named):
    return SimpleNamespace(subject=x509.Name.build(named))


@pytest.mark.parametrize(
    ("certified", "signer"),
    [
        ({"common_name": "Amina Beispiel"}, HOSTILE),
        ({"common_name": HOSTILE}, "Amina Beispiel"),
        ({"common_name": HOSTILE}, HOSTILE),
        ({"given_name": HOSTILE, "surname": "Beispiel"}, "Amina Beispiel"),
        ({"common_name": ""}, ""),
    ],
)
def test_a_name_that_is_none_names_nobody(certified, signer, composed):
    with pytest.raises(Failed) as failed:
        names.check_signer(holder(**certified), signer, Findings())
    assert failed.value.refusal is Refusal.SIGNER_DIFFERS
    assert max(composed, default=0) <= 500


def test_one_long_name_does_not_hide_the_right_one(composed):
    certificate = holder(common_name=HOSTILE, given_name="Amina", surname="Beispiel")
    names.check_signer(certificate, "amina beispiel", Findings())
    assert max(composed) <= 500
