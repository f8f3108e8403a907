"""A paper's blocks as a page shows them: for the templates, which know no types."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from imgate.documents.office_papers.blocks import Blank, Block, Code, Heading, Items, Paper, Paragraph, Rows, Table, Text, parts_of
from imgate.documents.office_papers.words import words

Parts = Sequence[tuple[bool, str]]


def shown_blocks(paper: Paper) -> Sequence[Mapping[str, Any]]:
    """Give each block with its kind. A text is parts, each with whether it is a word of code.

    A table has the name of the heading above it, and a number where that has more than one: a screen reader lists tables by their names.
    """
    shown, above, names = [], paper.title, Counter[str]()
    for block in paper.blocks:
        if isinstance(block, Heading):
            above = block.text
        if isinstance(block, Table):
            names[above] += 1
        shown.append({"name": above if names[above] <= 1 else f"{above} ({names[above]})", **_block(block)})
    return shown


def _block(block: Block) -> Mapping[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": _parts(block.text)}
        case Paragraph():
            return {"kind": "paragraph", "text": _parts(block.text)}
        case Items():
            return {"kind": "items", "numbered": block.numbered, "items": [_parts(item) for item in block.items]}
        case Table():
            return {"kind": "table", "head": block.head, "rows": [[_parts(cell) for cell in row] for row in block.rows]}
        case Rows():
            return {"kind": "rows", "rows": [(label, _parts(value)) for label, value in block.rows]}
        case Blank():
            return {"kind": "blank", "label": words()["blank"], "text": _parts(block.what)}
        case _:
            assert_never(block)


def _parts(text: Text) -> Parts:
    return [(True, part.text) if isinstance(part, Code) else (False, part) for part in parts_of(text)]
