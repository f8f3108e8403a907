"""What the examiner answers for each kind of evidence. The checks of signed PDFs have tests of their own."""

from datetime import UTC, datetime

import pytest

from imgate.documents import examiner as module
from imgate.documents.examiner import DocumentExaminer
from imgate.documents.signed_pdf.process import NoAnswer
from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.exchange.ports.documents import Examination, Statement
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole
from tests.documents.test_pages import tiff

AT = datetime(2026, 6, 1, tzinfo=UTC)
ABOUT = Statement("00000000-0000-4000-8000-000000000001", "0" * 64, SignerRole.CLIENT, "Amina Beispiel")
SCANS = [EvidenceKind.PAPER_SCAN, EvidenceKind.DRAWN, EvidenceKind.ORAL_RECORD]


@pytest.mark.parametrize("content", [None, b"%PDF-1.7"])
def test_without_anybody_to_trust_a_signed_pdf_is_not_validated(content):
    assert DocumentExaminer().examine(EvidenceKind.PADES, "application/pdf", content, ABOUT, AT) == Examination(
        None, "evidence_kind_unsupported"
    )


@pytest.mark.parametrize("content", [None, b"a.b.c"])
def test_assertions_are_not_examined_here(content):
    assert DocumentExaminer(SignatureRules()).examine(EvidenceKind.EID, None, content, ABOUT, AT).refused == "evidence_kind_unsupported"


@pytest.mark.parametrize(("qualified", "level"), [(False, EvidenceLevel.WRITTEN), (True, EvidenceLevel.QUALIFIED)])
def test_a_signature_that_holds_counts_as_written_or_qualified(monkeypatch, qualified, level):
    answer = {"refused": None, "qualified": qualified, "report": {"checks": []}}
    asked = []
    monkeypatch.setattr(module, "examine_signature", lambda *given: asked.append(given) or answer)
    found = DocumentExaminer(SignatureRules()).examine(EvidenceKind.PADES, "application/pdf", b"%PDF-", ABOUT, AT)
    assert found == Examination(level, None, {"checks": []})
    assert asked == [(b"%PDF-", ABOUT.digest, "Amina Beispiel", SignatureRules(), AT)]


def test_a_refused_signature_counts_for_nothing_and_keeps_its_report(monkeypatch):
    answer = {"refused": "signature_revoked", "qualified": False, "report": {"checks": [1]}}
    monkeypatch.setattr(module, "examine_signature", lambda *_: answer)
    found = DocumentExaminer(SignatureRules()).examine(EvidenceKind.PADES, "application/pdf", b"%PDF-", ABOUT, AT)
    assert found == Examination(None, "signature_revoked", {"checks": [1]})


def test_a_child_that_fails_is_evidence_that_cannot_be_read(monkeypatch):
    def fail(*_):
        raise NoAnswer("the examination took too long")

    monkeypatch.setattr(module, "examine_signature", fail)
    found = DocumentExaminer(SignatureRules()).examine(EvidenceKind.PADES, "application/pdf", b"%PDF-", ABOUT, AT)
    assert found == Examination(None, "evidence_unreadable", {"ended": "the examination took too long"})


@pytest.mark.parametrize("kind", SCANS)
def test_a_scan_with_more_pages_than_allowed_is_refused(kind):
    examiner = DocumentExaminer(pages_max=2)
    assert examiner.examine(kind, "image/tiff", tiff(2), ABOUT, AT).refused is None
    found = examiner.examine(kind, "image/tiff", tiff(3), ABOUT, AT)
    assert (found.level, found.refused) == (None, "evidence_too_many_pages")


@pytest.mark.parametrize(
    ("kind", "level"), list(zip(SCANS, [EvidenceLevel.WRITTEN, EvidenceLevel.WRITTEN, EvidenceLevel.RECORDED], strict=True))
)
def test_a_scan_that_nobody_can_count_is_taken_and_says_so(kind, level):
    found = DocumentExaminer().examine(kind, "image/tiff", b"II*\x00", ABOUT, AT)
    assert found == Examination(level, None, {"pages": "unknown", "pages_max": 50})


def test_a_note_has_no_pages():
    examiner = DocumentExaminer()
    assert examiner.examine(EvidenceKind.ORAL_RECORD, None, None, ABOUT, AT) == Examination(EvidenceLevel.RECORDED)
    assert examiner.examine(EvidenceKind.ORAL_RECORD, "text/plain", b"Ja", ABOUT, AT) == Examination(EvidenceLevel.RECORDED)
