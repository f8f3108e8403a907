"""Examines evidence, each kind in its way: signed PDFs in a child process, scans by their pages. Assertions are somebody else's."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from imgate.consent.life import LEVEL_OF_KIND
from imgate.documents.pages import pages
from imgate.documents.signed_pdf.process import NoAnswer, examine_signature
from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.exchange.declarations.evidence import UNSUPPORTED
from imgate.exchange.ports.documents import Examination, Statement
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel

UNREADABLE = "evidence_unreadable"
TOO_MANY_PAGES = "evidence_too_many_pages"
# A declaration and its annex; what is longer was not scanned for this.
PAGES_MAX = 50


@dataclass(frozen=True, slots=True)
class DocumentExaminer:
    """The examiner of papers. ``signatures`` is None where no signer is trusted: then ``pades`` is refused as before.

    ``eid`` is always refused here: the examiner of assertions stands before this one and takes what is its own.
    """

    signatures: SignatureRules | None = None
    pages_max: int = PAGES_MAX

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Examine one piece of evidence as of ``at``. Blocks, for a second or more where it is a PDF.

        Raises SignatureFilesUnusable where the operator's files cannot be used.
        """
        match kind:
            case EvidenceKind.PADES:
                return self._signed(content, about, at)
            case EvidenceKind.EID:
                return Examination(None, UNSUPPORTED)
            case EvidenceKind.PAPER_SCAN | EvidenceKind.DRAWN | EvidenceKind.ORAL_RECORD:
                return self._scanned(kind, media_type, content)
            case _:
                assert_never(kind)

    def _signed(self, content: bytes | None, about: Statement, at: datetime) -> Examination:
        if self.signatures is None:
            return Examination(None, UNSUPPORTED)
        if content is None:
            return Examination(None, UNREADABLE)
        try:
            found = examine_signature(content, about.digest, about.signer, self.signatures, at)
        except NoAnswer as error:
            return Examination(None, UNREADABLE, {"ended": str(error)})
        if found["refused"] is not None:
            return Examination(None, found["refused"], found["report"])
        return Examination(EvidenceLevel.QUALIFIED if found["qualified"] else LEVEL_OF_KIND[EvidenceKind.PADES], None, found["report"])

    def _scanned(self, kind: EvidenceKind, media_type: str | None, content: bytes | None) -> Examination:
        level = LEVEL_OF_KIND[kind]
        if content is None or media_type is None or media_type.startswith("text/"):
            return Examination(level)
        counted = pages(media_type, content)
        report = {"pages": "unknown" if counted is None else counted, "pages_max": self.pages_max}
        if counted is not None and counted > self.pages_max:
            return Examination(None, TOO_MANY_PAGES, report)
        return Examination(level, None, report)
