"""Who looks into evidence: signed PDFs by the rules of ``[signatures]``, assertions of the services of ``[eid]``, pages of scans."""

from imgate.bootstrap.eid import Faults, with_eid
from imgate.documents.examiner import DocumentExaminer
from imgate.documents.signed_pdf.process import NoAnswer, is_installed, problems_of
from imgate.documents.signed_pdf.rules import SignatureRules
from imgate.exchange.ports import Examiner
from imgate.settings import Settings


def examiner_of(settings: Settings) -> tuple[Examiner, Faults]:
    """Give the examiner, and what is wrong with the files that it needs. Takes a second or more where signers are trusted."""
    rules = settings.signatures.rules
    examiner, faults = with_eid(settings, DocumentExaminer(rules, settings.signatures.max_pages))
    return examiner, [*faults, *([] if rules is None else _faults(rules))]


def _faults(rules: SignatureRules) -> Faults:
    if not is_installed():
        return [(("signatures",), "signed PDFs cannot be examined without pyHanko: install imgate[forms]")]
    try:
        problems = problems_of(rules)
    except NoAnswer as error:
        return [(("signatures",), f"the files could not be looked at: {error}")]
    return [(("signatures", setting), f"file {place + 1} {sentence}") for setting, place, sentence in problems]
