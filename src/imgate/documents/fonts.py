"""The fonts of the papers: delivered with imgate, so that every office prints the same, and the characters they can print."""

import tomllib
from bisect import bisect_right
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

LATIN = "Noto Sans"  # and Cyrillic, and Greek
ARABIC = "Noto Naskh Arabic"
ETHIOPIC = "Noto Sans Ethiopic"
MONO = "Noto Sans Mono"

FOLDER = Path(str(resources.files("imgate.documents"))) / "fonts"

# Characters that turn the order of what follows: in a sheet that somebody signs they are shown, not obeyed.
_TURNING = frozenset(chain(range(0x202A, 0x202F), range(0x2066, 0x206A)))


def printable(text: str) -> str:
    """Give the text with every character that no font has, or that turns the reading order, written as ``[U+…]``.

    A PDF/A may not hold characters without a glyph; and what is signed must be seen, even if somebody wrote an emoji.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _can_print(ord(character)) else f"[U+{ord(character):04X}]" for character in text)


def _can_print(character: int) -> bool:
    if character == 0x0A:
        return True
    firsts, lasts = _coverage()
    at = bisect_right(firsts, character) - 1
    return at >= 0 and character <= lasts[at] and character not in _TURNING


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
