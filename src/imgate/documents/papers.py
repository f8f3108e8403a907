"""The papers of declarations: the form, the blank form for one partner, the annex, the client's copy, the consent record, disclosures.

The doors ask here; whatever cannot be printed is a refusal that says who must act.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from imgate.documents.annex import annex
from imgate.documents.blank import blank
from imgate.documents.clients_copy import OwnPage, clients_copy
from imgate.documents.consent_record import consent_record
from imgate.documents.disclosure_paper import disclosures_paper
from imgate.documents.form import form, recorded_on
from imgate.documents.languages import GERMAN, language_of
from imgate.documents.office import Office
from imgate.documents.typesetting import PapersUnavailable
from imgate.documents.wording import LanguageUnsupported, WordingUnknown, Words, words_of
from imgate.exchange.client_page import code_on_copy, declarations_of
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor
from imgate.exchange.declarations import register
from imgate.exchange.declarations.course import course_of
from imgate.exchange.declarations.would_be import AnnexRequest, would_be_sent
from imgate.exchange.refusals import Problem, Refused, not_found

_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Papers:
    """Makes them for one gateway. Nothing is stored, sent or put on record. ``lang`` is BCP 47, None the declaration's own language.

    ``url`` is the gateway's own address, without a slash at the end: clients read it on their copy, where they have a page of their own.
    Raises Refused ``language_unsupported``, ``wording_unknown``, ``papers_unavailable``, and 404.
    """

    corridor: Corridor
    office: Office = field(default_factory=Office)
    url: str = ""

    def form(self, declaration: str, lang: str | None = None) -> bytes:
        """Set the form of a declaration as PDF. Raises Refused ``declaration_unreadable``: nobody may sign what does not match."""
        shown = register.show(self.corridor, declaration)
        if shown["state"] == _UNREADABLE:
            raise Refused(409, "declaration_unreadable")
        partners = {partner: policy.name for partner, policy in self.corridor.policy.partners.items()}
        with _refusing():
            return form(
                shown, _words(shown["content"], lang), self.office, partners=partners, made_on=recorded_on(shown, self.corridor.policy.zone)
            )

    def blank(self, partner: str, lang: str | None = None) -> bytes:
        """Set the blank form for a configured partner as PDF; without ``lang`` it is German alone."""
        policy = self.corridor.policy
        if partner not in policy.partners:
            raise not_found()
        with _refusing():
            return blank(policy.partners[partner], policy.gateway, words_of(policy.wording, lang or GERMAN.tag), self.office)

    def annex(self, declaration: str, request: AnnexRequest, lang: str | None = None) -> bytes:
        """Set "this is what would be sent" as PDF. Raises Refused as ``would_be_sent`` does, and ``annex_too_long``; AdapterFault."""
        shown = would_be_sent(self.corridor, declaration, request)
        with _refusing():
            return annex(shown, _words(shown.shown["content"], lang), StoredNames(self.corridor.store))

    def copy(self, declaration: str, lang: str | None = None) -> bytes:
        """Set the client's copy as PDF, as of now. Raises Refused ``declaration_unreadable``."""
        course = course_of(self.corridor, declaration)
        code = code_on_copy(self.corridor, declaration)
        own_page = None if code is None else OwnPage(f"{self.url}/pages/client", code)
        with _refusing():
            return clients_copy(course, _words(course.shown["content"], lang), self.office, own_page)

    def consent_record(self, declaration: str) -> bytes:
        """Write the consent record as JSON-LD, as of now, in German and the declaration's own language. Needs no extra."""
        course = course_of(self.corridor, declaration)
        with _refusing():
            return consent_record(course, _words(course.shown["content"], None))

    def disclosures(self, disclosed: Mapping[str, Any], lang: str | None = None) -> bytes:
        """Set what ``rights.disclosed`` gives as PDF, in ``lang`` alone; without it in the one they signed in last, else in German."""
        with _refusing():
            words = words_of(self.corridor.policy.wording, lang or self._spoken(disclosed["client"]))
            return disclosures_paper(disclosed, words, self.office, self.corridor.policy.zone)

    def _spoken(self, client: str) -> str:
        """Give the language in which this client signed last, of those that there are papers in; German where there is none."""
        contents = (declared.get("content") for declared in declarations_of(self.corridor, client))
        found = (language_of(content["language"]) for content in contents if content)
        return next((language.tag for language in found if language is not None), GERMAN.tag)


def _words(content: Mapping[str, Any], wanted: str | None) -> Words:
    """Give the words in the language that is asked for; else in the declaration's own, or in German if there is none in it."""
    signed_in = content["language"] if language_of(content["language"]) is not None else GERMAN.tag
    return words_of(content["wording"], signed_in if wanted is None else wanted)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what papers cannot do into refusals that name who must act."""
    try:
        yield
    except LanguageUnsupported:
        raise Refused(422, "language_unsupported", [Problem("language_unsupported", "/lang")]) from None
    except WordingUnknown:
        raise Refused(501, "wording_unknown") from None
    except PapersUnavailable:
        raise Refused(501, "papers_unavailable") from None
