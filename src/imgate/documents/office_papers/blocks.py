"""A paper before it is set: headings, paragraphs, lists, tables and blanks. Markdown and PDF are both written from these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A word of the configuration or of code, shown letter by letter."""

    text: str


Text = str | Code | tuple[str | Code, ...]


def parts_of(text: Text) -> tuple[str | Code, ...]:
    """Give a text in its parts."""
    return text if isinstance(text, tuple) else (text,)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: Text


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``numbered`` where the order is the point."""

    items: tuple[Text, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head. ``widths`` are shares of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Facts beside their names."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Blank:
    """What only the office can know: a marked place to write it."""

    what: str


Block = Heading | Paragraph | Items | Table | Rows | Blank


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. ``reference`` stands at the foot of each page."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    reference: str
