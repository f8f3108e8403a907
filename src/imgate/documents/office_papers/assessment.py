"""The factual part of a data protection impact assessment (Art. 35(7) GDPR, Datenschutz-Folgenabschätzung).

It judges nothing: necessity, proportionality and risks are the office's to assess, and are left blank beside the facts they rest on.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from imgate.documents.office_papers.blocks import Block, Heading, Items, Paper, Paragraph, Table
from imgate.documents.office_papers.chapters import Chapters
from imgate.documents.office_papers.facts import PaperFacts, PartnerFacts
from imgate.documents.office_papers.processing import blanks, foot, head
from imgate.documents.office_papers.words import words
from imgate.vocabulary.words import AttachmentKind

_BLOCKABLE = "contact.address"


def assessment(facts: PaperFacts, on: date) -> Paper:
    """Write it as of a day."""
    said = words()["assessment"]
    return Paper(said["title"], said["subtitle"], tuple(_blocks(facts, on)), foot(facts, on))


def _blocks(facts: PaperFacts, on: date) -> Iterator[Block]:
    said, chapters = words()["assessment"], Chapters(facts)
    yield from head(facts, on)
    yield Paragraph(said["note"])
    yield from _description(said, chapters)
    yield Heading(said["necessity"])
    yield Paragraph(said["necessity_facts"])
    yield Items(tuple(_for_necessity(said, chapters)))
    yield from blanks(said["necessity_blanks"])
    yield Heading(said["risks"])
    yield Paragraph(said["risks_lead"])
    risks = (*following(facts), *said["limits"])
    yield Table(tuple(said["risks_head"]), tuple((risk, f"({words()['blank']})") for risk in risks), (7, 4))
    yield from blanks(said["risks_blanks"])
    yield Heading(said["measures"])
    yield from chapters.measures()
    yield Heading(said["terms"], 2)
    yield from chapters.terms()
    yield Heading(said["rights"])
    yield Items(tuple(said["rights_facts"]))
    yield Heading(said["opinions"])
    yield from blanks(said["opinions_blanks"])


def _description(said: Any, chapters: Chapters) -> Iterator[Block]:
    yield Heading(said["description"])
    yield Heading(said["system"], 2)
    yield from chapters.gateway()
    yield Heading(said["course"], 2)
    yield Items(tuple(said["steps"]), numbered=True)
    yield Heading(said["purposes"], 2)
    yield from chapters.purposes()
    yield Heading(said["legal_bases"], 2)
    yield from chapters.legal_bases()
    yield Heading(said["people"], 2)
    yield from chapters.people()
    yield Heading(said["categories"], 2)
    yield from chapters.categories()
    yield Heading(said["recipients"], 2)
    yield from chapters.recipients(details=False)
    yield Heading(said["software"], 2)
    yield from chapters.software(details=False)


def _for_necessity(said: Any, chapters: Chapters) -> Iterator[str]:
    facts, flowing = chapters.facts, chapters.flowing
    special = sum(scope.sensitivity == "special" for scope in flowing)
    yield said["flows"].format(all=facts.gateway.catalogue_size, flowing=len(flowing), special=special)
    opened = sorted({scope for partner in facts.partners for scope in partner.open})
    yield said["flows_open"].format(scopes=chapters.reader.grouped(opened)) if opened else said["flows_no_open"]
    subscribed = [partner for partner in facts.partners if partner.subscriptions]
    yield said["flows_subscriptions"].format(partners=chapters.names(subscribed)) if subscribed else said["flows_no_subscriptions"]
    yield said["necessity_built_in"]


def following(facts: PaperFacts) -> Iterator[str]:
    """Say what follows for people from how this gateway is configured, one sentence each."""
    said, chapters, measures = words()["assessment"]["of_configuration"], Chapters(facts), facts.measures
    if not measures.key_files_encrypted:
        yield said["keys_readable"]
    if not measures.four_eyes and any(partner.open for partner in facts.partners):
        yield said["no_four_eyes"]
    special = [scope.scope for scope in chapters.flowing if scope.sensitivity == "special"]
    if special:
        yield said["special"].format(scopes=chapters.reader.grouped(special))
    for name, partners in _partners_with(facts.partners).items():
        if partners:
            yield said[name].format(partners=chapters.names(partners))


def _partners_with(partners: Sequence[PartnerFacts]) -> dict[str, list[PartnerFacts]]:
    return {
        "single": [one for one in partners if one.open and one.accept_single],
        "blocked_address": [one for one in partners if _BLOCKABLE in one.open],
        "paper": [one for one in partners if one.paper],
        "folder": [one for one in partners if one.transport.kind == "folder"],
        "xta": [one for one in partners if one.transport.kind == "xta"],
        "bundle": [one for one in partners if AttachmentKind.DECLARATION_BUNDLE in one.attach],
        "plugin_transport": [one for one in partners if one.transport.departure == "unknown"],
    }
