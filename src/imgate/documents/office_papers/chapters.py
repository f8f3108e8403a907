"""Chapters that both papers have: who is concerned, which data, to whom it goes, how long it is kept, how it is protected, what runs."""

from collections.abc import Iterator, Sequence
from typing import Any

from imgate.documents.office_papers.blocks import Block, Code, Heading, Items, Paragraph, Rows, Table, Text
from imgate.documents.office_papers.facts import PaperFacts, PartnerFacts, ScopeFacts, TermFacts
from imgate.documents.office_papers.words import Reader, term_name, term_value, words

# Terms after which something is deleted; the others limit how long something holds.
_OF_DELETION = ("retention.", "built_in.")
_CODE_LISTS = frozenset({"code_lists"})


class Chapters:
    """Writes chapters about one set of facts. A recipient is named by its number where room is short."""

    def __init__(self, facts: PaperFacts) -> None:
        """Take the facts."""
        self.facts = facts
        self.reader = Reader(facts.scopes)
        self.numbers = {partner.id: f"E{number}" for number, partner in enumerate(facts.partners, start=1)}

    @property
    def flowing(self) -> tuple[ScopeFacts, ...]:
        """What may flow to or from any partner, in the order of the record."""
        found = {scope for partner in self.facts.partners for scope in (*partner.to_partner, *partner.from_partner)}
        return tuple(scope for scope in self.facts.scopes if scope.scope in found)

    def gateway(self) -> Iterator[Block]:
        """Whose gateway it is, and how the office is reached."""
        yield Rows((*self.reader.rows(self.facts.gateway), *self.reader.rows(self.facts.office)))

    def legal_bases(self) -> Iterator[Block]:
        """On which law the flow rests, and what never flows."""
        yield Items(tuple(words()["legal_bases"].get(self.facts.gateway.regime, ())))
        yield Paragraph(words()["never"]["text"])

    def purposes(self) -> Iterator[Block]:
        """What anything is for, and with whom."""
        of: dict[str, list[str]] = {}
        for partner in self.facts.partners:
            for purpose in {*partner.purposes, *(one.purpose for one in partner.subscriptions), *filter(None, [partner.purpose])}:
                of.setdefault(purpose, []).append(self.numbers[partner.id])
        if not of:
            yield Paragraph(_said("purposes")["none"])
            return
        yield Paragraph(_said("purposes")["lead"])
        yield Items(
            tuple(
                (f"{self.reader.word('purposes', each)} (", Code(each), f"): {', '.join(numbers)}") for each, numbers in sorted(of.items())
            )
        )

    def people(self) -> Iterator[Block]:
        """Who is concerned, as far as the kinds of data tell."""
        by_scope = _said("people")["by_scope"]
        yield Paragraph(_said("people")["lead"])
        yield Items((*_said("people")["always"], *(by_scope[scope.scope] for scope in self.flowing if scope.scope in by_scope)))

    def categories(self) -> Iterator[Block]:
        """Which data may flow, each with its recipients; and what imgate itself keeps."""
        texts = _said("categories")
        if self.flowing:
            yield Paragraph(texts["lead"])
            yield Table(tuple(texts["head"]), tuple(map(self._category, self.flowing)), (4, 8, 4, 3, 3))
        else:
            yield Paragraph(texts["none"])
        yield Paragraph(texts["special"])
        yield Paragraph(f"{texts['confided']} {texts['regimes'].get(self.facts.gateway.regime, '')}".strip())
        yield Paragraph(texts["address"])
        shut = [scope for scope in self.facts.scopes if any(scope.scope in partner.shut for partner in self.facts.partners)]
        if shut:
            yield Paragraph(texts["shut_lead"])
            rows = tuple((_named(scope), self._sensitivity(scope), self._of("shut", scope)) for scope in shut)
            yield Table(tuple(texts["shut_head"]), rows, (6, 4, 4))
        yield Heading(texts["kept_title"], 2)
        yield Items(tuple(texts["kept"]))

    def recipients(self, *, details: bool) -> Iterator[Block]:
        """To whom it goes; with ``details`` every fact about each."""
        texts, partners = _said("recipients"), self.facts.partners
        if not partners:
            yield Paragraph(texts["none"])
            return
        yield Paragraph(texts["lead"])
        yield Table(tuple(texts["head"]), tuple(map(self._recipient, partners)), (1, 5, 5, 5, 4))
        for partner in partners if details else ():
            yield Heading(texts["details"].format(number=self.numbers[partner.id], name=partner.name), 2)
            yield Rows(tuple(self.reader.rows(partner)))

    def terms(self) -> Iterator[Block]:
        """How long what is kept."""
        said = words()["terms_lead"]
        deletion = [term for term in self.facts.terms if term.name.startswith(_OF_DELETION)]
        yield Paragraph(said["text"])
        yield Rows(tuple(map(_term, deletion)))
        yield Items(tuple(said["also"]))
        yield Paragraph(said["others"])
        yield Rows(tuple(_term(term) for term in self.facts.terms if term not in deletion))

    def measures(self) -> Iterator[Block]:
        """How it is protected: as it is configured, and what imgate does in any case."""
        yield Paragraph(_said("measures")["lead"])
        yield Rows((*self.reader.rows(self.facts.measures), *self.reader.rows(self.facts.evidence)))
        yield Paragraph(_said("measures")["built_in_lead"])
        yield Items(tuple(_said("measures")["built_in"]))

    def software(self, *, details: bool) -> Iterator[Block]:
        """What runs, with the digests of the schemas that decide; with ``details`` the code lists too."""
        yield Paragraph(_said("software")["lead"])
        for plugin in self.facts.plugins:
            yield Heading(f"{plugin.name} ({plugin.id} {plugin.version})", 2)
            yield Rows(tuple(self.reader.rows(plugin, without=_CODE_LISTS)))
            if details and plugin.code_lists:
                yield Paragraph(_said("software")["code_lists"])
                yield Items(tuple(map(Code, plugin.code_lists)))

    def names(self, partners: Sequence[PartnerFacts]) -> str:
        """Name partners by number and name."""
        return "; ".join(f"{self.numbers[partner.id]} {partner.name}" for partner in partners)

    def _category(self, scope: ScopeFacts) -> tuple[Text, ...]:
        sensitivity = self._sensitivity(scope)
        protected = _said("categories")["opened"].format(sensitivity=sensitivity) if scope.closed else sensitivity
        return scope.section, _named(scope), protected, self._of("to_partner", scope), self._of("from_partner", scope)

    def _sensitivity(self, scope: ScopeFacts) -> str:
        return self.reader.word("sensitivities", scope.sensitivity)

    def _of(self, member: str, scope: ScopeFacts) -> str:
        having = [self.numbers[partner.id] for partner in self.facts.partners if scope.scope in getattr(partner, member)]
        return ", ".join(having) or "–"

    def _recipient(self, partner: PartnerFacts) -> tuple[Text, ...]:
        way = self.reader.word("transports", partner.transport.kind)
        hosts = f": {', '.join(partner.transport.hosts)}" if partner.transport.hosts else ""
        body = self.reader.word("bodies", partner.body)
        return self.numbers[partner.id], partner.name, body, f"{way}{hosts}", f"{len(partner.to_partner)} · {len(partner.from_partner)}"


def _term(term: TermFacts) -> tuple[str, Text]:
    return term_name(term.name), (f"{term_value(term)} (", Code(term.name), ")")


def _named(scope: ScopeFacts) -> Text:
    return (f"{scope.label} (", Code(scope.scope), ")")


def _said(part: str) -> Any:
    return words()[part]
