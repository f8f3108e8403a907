"""Writes a paper as Markdown (CommonMark with the tables of GFM). Names out of the configuration stay text, whatever they contain."""

import re
from collections.abc import Iterator
from typing import assert_never

from imgate.documents.office_papers.blocks import Blank, Block, Code, Heading, Items, Paper, Paragraph, Rows, Table, Text, parts_of
from imgate.documents.office_papers.words import words

_ESCAPED = re.compile(r"[\\`*<>\[\]|&~]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
# What would begin something else at the beginning of a line.
_BEGINNING = re.compile(r"^(?:[-+#=]|[0-9]+(?=[.)]))")
_BLANKS = re.compile(r"\s+")
_HEADS = ("", "")


def markdown(paper: Paper) -> str:
    """Write it. The same paper gives the same text."""
    parts = [f"# {_line(paper.title)}", _line(paper.subtitle)] if paper.subtitle else [f"# {_line(paper.title)}"]
    return "\n\n".join([*parts, *map(_block, paper.blocks)]) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * (block.level + 1)} {_line(block.text)}"
        case Paragraph():
            return _line(block.text)
        case Items():
            return "\n".join(f"{f'{number}.' if block.numbered else '-'} {_line(item)}" for number, item in enumerate(block.items, start=1))
        case Table():
            return "\n".join(_table(block.head, block.rows))
        case Rows():
            return "\n".join(_table(_HEADS, block.rows))
        case Blank():
            return f"> **[{words()['blank']}]** {_inline(block.what)}\n>\n> …"
        case _:
            assert_never(block)


def _table(head: tuple[str, ...], rows: tuple[tuple[Text, ...], ...]) -> Iterator[str]:
    yield _row(head)
    yield "|" + "---|" * len(head)
    for row in rows:
        yield _row(row)


def _row(cells: tuple[Text, ...]) -> str:
    return f"| {' | '.join(map(_inline, cells))} |"


def _line(text: Text) -> str:
    """Write what begins a line."""
    written = _inline(text)
    return _BEGINNING.sub(lambda found: found[0] + "\\" if found[0].isdigit() else f"\\{found[0]}", written)


def _inline(text: Text) -> str:
    return "".join(_code(part.text) if isinstance(part, Code) else _escaped(part) for part in parts_of(text))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\{found[0]}", _BLANKS.sub(" ", text))


def _code(text: str) -> str:
    """Write a word of code; one that could end the code, or a table's cell, is written as text."""
    return f"`{text}`" if text.isprintable() and not set(text) & {"`", "|"} and text.strip() == text and text else _escaped(text)
