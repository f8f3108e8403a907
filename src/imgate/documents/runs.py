"""Text as runs, each with its direction and language, so that a name or a paragraph of law keeps its order inside another script.

The sheet sets each run by itself (an embedding of the bidirectional algorithm), and marks its language for screen readers.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from imgate.documents.fonts import printable
from imgate.documents.languages import GERMAN, Language

# What stands in German letters inside a right-to-left text: „§ 203 StGB“, „Art. 6 Abs. 1“, „declaration.json“; and dates.
_LEFT_TO_RIGHT = re.compile(r"(?:§+\s?|[A-Za-zÀ-ɏ])(?:[A-Za-zÀ-ɏ0-9§ .,/:_-]*[A-Za-zÀ-ɏ0-9])?|[0-9][0-9.:/-]*[0-9]")
# No word of a name is as long as this; an address or a row of signs may be.
_LONG_WORD, _PIECE, _MAY_BREAK = re.compile(r"[^\s-]{40,}"), 6, "\u200b"
# More blank lines than these are pages of nothing between what somebody reads: their number is printed instead.
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){3,}")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

Run = str | Mapping[str, str]
Runs = list[Run]


def direction_of(text: str) -> str:
    """Give ``rtl`` or ``ltr``, as the first letter of the text says (rule P2 of the bidirectional algorithm)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def written(text: str) -> dict[str, str]:
    """Give what somebody wrote: a name, a unit, an occasion. It is shown as it is, whatever it contains.

    More than two blank lines in a row are told by how many line feeds there are: ``[U+000A × 12]``.
    """
    return {"t": _LONG_WORD.sub(_breakable, shortened(printable(text))), "dir": direction_of(text)}


def shortened(text: str) -> str:
    """Give the text with long runs of blank lines told by their number. It says that they are there and takes no room for them."""
    return _BLANK_LINES.sub(lambda blank: f"\n[U+000A × {blank[0].count(chr(10))}]\n", text)


def _breakable(word: re.Match[str]) -> str:
    """Let a word that is wider than a column break anywhere but before a mark: else it runs over its neighbours, and off the page."""
    return "".join(
        f"{_MAY_BREAK}{character}" if at and at % _PIECE == 0 and not unicodedata.combining(character) else character
        for at, character in enumerate(word[0])
    )


def runs_of(text: str, language: Language, values: Mapping[str, str]) -> Runs:
    """Give a text of a wording with its placeholders filled in. Raises KeyError for one that has no value."""
    return list(_runs(text, language, values))


def _runs(text: str, language: Language, values: Mapping[str, str]) -> Iterator[Run]:
    end = 0
    for placeholder in _PLACEHOLDER.finditer(text):
        yield from _own(text[end : placeholder.start()], language)
        yield inside(written(values[placeholder[1]]), language)
        end = placeholder.end()
    yield from _own(text[end:], language)


def _own(text: str, language: Language) -> Iterator[Run]:
    """Give a piece of a wording, its German citations set apart where it runs from right to left."""
    end = 0
    for citation in _LEFT_TO_RIGHT.finditer(text) if language.right_to_left else ():
        if citation.start() > end:
            yield text[end : citation.start()]
        yield inside({"t": citation[0], "dir": "ltr", "lang": GERMAN.lang}, language)
        end = citation.end()
    if end < len(text):
        yield text[end:]


def inside(run: dict[str, str], language: Language) -> dict[str, str]:
    """Mark a run that reads the other way than the text around it: it is set in letters that go with that text."""
    return run | {"among": "rtl"} if language.right_to_left and run["dir"] == "ltr" else run


def plain(runs: Any) -> str:
    """Give the bare text of runs."""
    return "".join(run if isinstance(run, str) else run["t"] for run in runs)
