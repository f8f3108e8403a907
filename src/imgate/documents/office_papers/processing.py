"""The record of processing activities (Art. 30(1) GDPR, Verzeichnis von Verarbeitungstätigkeiten), in the order of the article."""

from collections.abc import Iterator, Sequence
from datetime import date

from imgate.documents.languages import written_day
from imgate.documents.office_papers.blocks import Blank, Block, Code, Heading, Items, Paper, Paragraph, Rows
from imgate.documents.office_papers.chapters import Chapters
from imgate.documents.office_papers.facts import PaperFacts
from imgate.documents.office_papers.words import words


def processing(facts: PaperFacts, on: date) -> Paper:
    """Write it as of a day."""
    said = words()["processing"]
    return Paper(said["title"], said["subtitle"], tuple(_blocks(facts, on)), foot(facts, on))


def head(facts: PaperFacts, on: date) -> Iterator[Block]:
    """Say what the paper is made from, and by which digest its facts are known."""
    yield Paragraph(words()["lead"])
    yield Rows(((words()["as_of"], written_day(on)), (words()["sha256"], Code(facts.sha256))))


def foot(facts: PaperFacts, on: date) -> str:
    """Say at the foot of each page whose paper this is, and of when."""
    text: str = words()["foot"]
    return text.format(id=facts.gateway.id, day=written_day(on))


def blanks(whats: Sequence[str]) -> Iterator[Block]:
    """Leave places for what only the office knows."""
    yield from map(Blank, whats)


def _blocks(facts: PaperFacts, on: date) -> Iterator[Block]:
    said, chapters = words()["processing"], Chapters(facts)
    yield from head(facts, on)
    yield Heading(said["controller"])
    yield from blanks(said["controller_blanks"])
    yield from chapters.gateway()
    yield Heading(said["processor"])
    yield Paragraph(said["processor_law"].get(facts.gateway.regime, said["processor"]))
    yield from blanks(said["processor_blanks"])
    yield Heading(said["purposes"])
    yield from chapters.purposes()
    yield Heading(said["legal_bases"])
    yield from chapters.legal_bases()
    yield from blanks(said["legal_blanks"])
    yield Heading(said["people"])
    yield from chapters.people()
    yield Heading(said["categories"])
    yield from chapters.categories()
    yield Heading(said["recipients"])
    yield from chapters.recipients(details=True)
    yield Heading(said["third_countries"])
    yield from _hosts(facts)
    yield from blanks(said["third_countries_blanks"])
    yield Heading(said["terms"])
    yield from chapters.terms()
    yield from blanks(said["terms_blanks"])
    yield Heading(said["measures"])
    yield from chapters.measures()
    yield from blanks(said["measures_blanks"])
    yield Heading(said["software"])
    yield from chapters.software(details=True)


def _hosts(facts: PaperFacts) -> Iterator[Block]:
    said = words()["processing"]
    hosts = {host for partner in facts.partners for host in partner.transport.hosts}
    hosts.update(filter(None, [facts.measures.mail_host, facts.measures.sign_in.issuer]))
    if hosts:
        yield Paragraph(said["hosts"])
        yield Items(tuple(Code(host) for host in sorted(hosts)))
    else:
        yield Paragraph(said["no_hosts"])
