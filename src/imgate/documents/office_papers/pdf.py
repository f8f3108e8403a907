"""Sets a paper of the office as PDF, from the same blocks as its Markdown, with the facts inside it as a file."""

from datetime import date
from typing import Any, assert_never

from imgate.audit.canonical import canonical
from imgate.consent.declaration import WORDING_OF_REGIME
from imgate.documents.languages import GERMAN
from imgate.documents.office_papers.blocks import Blank, Block, Code, Heading, Items, Paper, Paragraph, Rows, Table, Text, parts_of
from imgate.documents.office_papers.facts import PaperFacts
from imgate.documents.office_papers.words import words
from imgate.documents.runs import written
from imgate.documents.typesetting import Attachment, typeset
from imgate.documents.wording import Both, words_of

_FACTS_FILE, _EARLIER_FILE = "tatsachen.json", "tatsachen-vorher.json"


def pdf(paper: Paper, facts: PaperFacts, on: date, *, earlier: PaperFacts | None = None) -> bytes:
    """Set it. The same paper, facts and day give the same bytes. Raises PapersUnavailable.

    ``earlier`` are what a paper about changes compares the facts with.
    """
    attachments = [Attachment(_FACTS_FILE, canonical(facts.kept()), description="The facts, RFC 8785")]
    if earlier is not None:
        attachments.append(Attachment(_EARLIER_FILE, canonical(earlier.kept()), description="The earlier facts, RFC 8785"))
    return typeset(
        "office",
        {"subtitle": written(paper.subtitle), "blank": words()["blank"], "blocks": [_block(block) for block in paper.blocks]},
        words=words_of(WORDING_OF_REGIME["sgb-x"], GERMAN.tag),
        title=_both(paper.title),
        dated=on,
        reference=paper.reference,
        digest=facts.sha256,
        attachments=attachments,
    )


def _both(text: str) -> Both:
    return {"de": [written(text)], "tr": None}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": _runs(block.text)}
        case Paragraph():
            return {"kind": "paragraph", "text": _runs(block.text)}
        case Items():
            return {"kind": "items", "numbered": block.numbered, "items": [_runs(item) for item in block.items]}
        case Table():
            rows = [[_runs(cell) for cell in row] for row in block.rows]
            return {"kind": "table", "head": [_runs(cell) for cell in block.head], "rows": rows, "widths": list(block.widths)}
        case Rows():
            return {"kind": "rows", "rows": [[_runs(label), _runs(value)] for label, value in block.rows]}
        case Blank():
            return {"kind": "blank", "text": _runs(block.what)}
        case _:
            assert_never(block)


def _runs(text: Text) -> list[dict[str, Any]]:
    """Give the parts of a text as the sheet takes them; a word of code says so."""
    return [written(part.text) | {"code": True} if isinstance(part, Code) else written(part) for part in parts_of(text)]
