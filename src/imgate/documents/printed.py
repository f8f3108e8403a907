"""Whether a signed PDF is the form that imgate prints: the pages themselves, and not only the declaration that is attached.

A signature is written behind the paper (ISO 32000-1, 7.5.6), which stays at the beginning of the file, byte for byte. So the form that is
set again must be how the signed file begins. A form that was printed by another release, or saved anew before it was signed, is not
found: that says nothing against it, it only cannot be told this way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from imgate.documents.form import form, recorded_on
from imgate.documents.languages import GERMAN, LANGUAGES, Language, language_of
from imgate.documents.office import Office
from imgate.documents.typesetting import PapersUnavailable
from imgate.documents.wording import LanguageUnsupported, WordingUnknown, words_of
from imgate.exchange.ports import Examination, Examiner, Statement
from imgate.vocabulary.words import EvidenceKind


@dataclass(frozen=True, slots=True)
class ComparingExaminer:
    """Has evidence examined, and tells of a signed PDF whether its pages are the form as it is printed here.

    ``printed_in`` in the report is the form's language, or None: then nobody here knows what the pages say. It refuses nothing.
    """

    examiner: Examiner
    office: Office
    partners: Mapping[str, str]
    zone: ZoneInfo

    def examine(self, kind: EvidenceKind, media_type: str | None, content: bytes | None, about: Statement, at: datetime) -> Examination:
        """Examine one piece of evidence as of ``at``. Raises what the other examiner raises."""
        found = self.examiner.examine(kind, media_type, content, about, at)
        if kind is not EvidenceKind.PADES or found.refused is not None or content is None or not about.shown:
            return found
        made_on = recorded_on(about.shown, self.zone)
        try:
            language = language_printed(content, about.shown, self.office, partners=self.partners, made_on=made_on)
        except PapersUnavailable:
            return found
        return replace(found, report={**found.report, "printed_in": None if language is None else language.tag})


def language_printed(
    signed: bytes, shown: Mapping[str, Any], office: Office, *, partners: Mapping[str, str], made_on: date
) -> Language | None:
    """Give the language of the form that this file begins with, None if it begins with no form of this declaration.

    The arguments are those of ``form``. The declaration's own language is tried first, then German, then the others: each takes as long
    as setting a form. Raises PapersUnavailable.
    """
    before_signing = dict(shown) | {"state": "draft"}
    for language in _likely_first(shown["content"]["language"]):
        try:
            words = words_of(shown["content"]["wording"], language.tag)
        except (LanguageUnsupported, WordingUnknown):
            continue
        if signed.startswith(form(before_signing, words, office, partners=partners, made_on=made_on)):
            return language
    return None


def _likely_first(declared: str) -> Iterator[Language]:
    own = language_of(declared)
    likely = [GERMAN] if own is None or own is GERMAN else [own, GERMAN]
    yield from likely
    yield from (language for language in LANGUAGES.values() if language not in likely)
