"""Who looks into evidence: signed PDFs by the rules of ``[signatures]``, assertions of the services of ``[eid]``, pages of scans.

The files of ``[signatures]`` come and go by the operator's timers. So opening the gateway does not look at them: what is wrong with them
concerns whoever hands in a signed PDF, and nobody else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from imgate.bootstrap.eid import Faults, with_eid
from imgate.documents.examiner import DocumentExaminer
from imgate.documents.signed_pdf.process import NoAnswer, SignatureFilesUnusable, is_installed, problems_of
from imgate.exchange.ports import Examination, Examiner, Statement
from imgate.exchange.refusals import Refused
from imgate.settings import Settings
from imgate.vocabulary.words import EvidenceKind

_log = structlog.get_logger()


class ExaminerUnavailable(Refused):
    """The operator must act: files of ``[signatures]`` cannot be used. Callers are told the code, the operator the sentence."""

    def __init__(self, sentence: str) -> None:
        """Take what to tell the operator: settings and names of files."""
        super().__init__(503, "evidence_examiner_unavailable")
        self.sentence = sentence

    def __str__(self) -> str:
        """Give the sentence."""
        return self.sentence


@dataclass(frozen=True, slots=True)
class _Attended:
    """An examiner whose operator is told why it cannot examine."""

    others: Examiner

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Examine one piece of evidence. Raises Refused 503 where the operator's files cannot be used."""
        try:
            return self.others.examine(kind, media_type, content, about, at)
        except SignatureFilesUnusable as error:
            # A command says it by itself, and has no log: structlog would write between what it prints.
            if structlog.is_configured():
                _log.error("evidence_examiner_unavailable", reason=str(error))
            raise ExaminerUnavailable(str(error)) from error


def examiner_of(settings: Settings) -> tuple[Examiner, Faults]:
    """Give the examiner, and what keeps the gateway from having one. Looks into no file of ``[signatures]``."""
    rules = settings.signatures.rules
    examiner, faults = with_eid(settings, DocumentExaminer(rules, settings.signatures.max_pages))
    if rules is not None and not is_installed():
        faults = [*faults, (("signatures",), "signed PDFs cannot be examined without pyHanko: install imgate[forms]")]
    return _Attended(examiner), faults


def faults_of_signature_files(settings: Settings, at: datetime) -> Faults:
    """Tell what is wrong with the files of ``[signatures]``. Takes a second or more where signers are trusted."""
    rules = settings.signatures.rules
    if rules is None or not is_installed():
        return []
    try:
        problems = problems_of(rules, at)
    except NoAnswer as error:
        return [(("signatures",), f"the files could not be looked at: {error}")]
    return [(("signatures", setting), f"file {place + 1} {sentence}") for setting, place, sentence in problems]


def warn_of_signature_files(settings: Settings) -> None:
    """Log what is wrong with the files of ``[signatures]``: everything else works without them. Takes a second or more."""
    for path, sentence in faults_of_signature_files(settings, datetime.now(UTC)):
        _log.warning("signature_files_unusable", setting=".".join(path), reason=sentence)
