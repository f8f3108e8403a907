"""The fonts of the papers: delivered with imgate, so that every office prints the same, and the characters they can print."""

import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

LATIN = "Noto Sans"  # and Cyrillic, and Greek
ARABIC = "Noto Naskh Arabic"
ETHIOPIC = "Noto Sans Ethiopic"
MONO = "Noto Sans Mono"

FOLDER = Path(str(resources.files("imgate.documents"))) / "fonts"

# Characters that turn the order of what follows, break a line, or are there and not seen: what is signed shows them, not obeys them.
_UNSEEN = frozenset(
    chain(
        (0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),
        range(0x200B, 0x2010),  # zero-width, and marks of direction
        range(0x2028, 0x202F),  # separators of lines, and what turns the order
        range(0x2060, 0x2070),
        range(0xFE00, 0xFE10),  # variation selectors
        range(0xE0000, 0xE0200),
    )
)
# Persian and its neighbours write them between two letters of one word. Anywhere else they are hidden.
_JOINERS = "\u200c\u200d"
# No script here writes more on one letter. A tower of them would be drawn through the lines above and below.
_MARKS_MAX = 4


def printable(text: str) -> str:
    """Give the text with every character that no font has, that is not seen, or that turns the reading order, written as ``[U+…]``.

    A PDF/A may not hold characters without a glyph; and what is signed must be seen, even if somebody wrote an emoji.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text))


def _shown(text: str) -> Iterator[str]:
    marks = 0
    for at, character in enumerate(text):
        marks = marks + 1 if _is_mark(character) else 0
        seen = _joins(text, at) if character in _JOINERS else _can_print(ord(character))
        yield character if seen and marks <= _MARKS_MAX else f"[U+{ord(character):04X}]"


def _is_mark(character: str) -> bool:
    """Tell whether it is drawn on the letter before it."""
    return unicodedata.category(character) in ("Mn", "Me")


def _joins(text: str, at: int) -> bool:
    """Tell whether the joiner here stands between two letters of Arabic script; the first of them may carry marks."""
    before = at - 1
    while before >= 0 and at - before <= _MARKS_MAX and _is_mark(text[before]):
        before -= 1
    return before >= 0 and at + 1 < len(text) and _is_arabic(text[before]) and _is_arabic(text[at + 1])


def _is_arabic(character: str) -> bool:
    return unicodedata.bidirectional(character) == "AL" and character.isalpha()


def _can_print(character: int) -> bool:
    if character == 0x0A:
        return True
    firsts, lasts = _coverage()
    at = bisect_right(firsts, character) - 1
    return at >= 0 and character <= lasts[at] and character not in _UNSEEN


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """Read which characters the fonts have, as ranges without overlap: their first and their last characters."""
    families = tomllib.loads((FOLDER / "coverage.toml").read_text(encoding="utf-8"))
    printed = sorted(pair for family, pairs in families.items() if family != "NotoSansMono" for pair in pairs)
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in printed:
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts
