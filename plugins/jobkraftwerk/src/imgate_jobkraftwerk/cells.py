"""The text of a cell: which signs keep it from being misread, and how a list stands in it.

Each pair of functions undoes the other exactly. The signs are set as rarely as possible, since people read the table: an
apostrophe only before what would be a formula, a backslash only before what would be a separator or an empty list.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# An empty list, where an empty cell would say nothing.
NONE: Final = "keine"
# What may part the entries of a list in one cell.
SEPARATORS: Final = "|,;/"
# A sign that parts, here not meant to: one of the separators, or one between the parts of a channel.
_PROTECTED: Final = re.compile(r"\\([|,;/:(\\])")

# What makes a formula of a cell in Excel or LibreOffice, in CSV also behind blanks and invisible signs, and in full width,
# which some versions turn into ASCII when they open a file (OWASP, "CSV Injection").
_FORMULA: Final = re.compile("['\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[-=+@\uff0d\uff1d\uff0b\uff20]")
_NONE_SPELT: Final = re.compile(rf"\\*{NONE}\Z")


class CellUnusable(Exception):
    """A cell does not hold what its column is for. ``code`` says why, and never what stood there."""

    def __init__(self, code: str) -> None:
        """Name the problem by the code that goes into the row report."""
        super().__init__(code)
        self.code = code


def tidy(cell: str) -> str:
    """Bring the text of a cell into NFC, with plain line breaks and without blanks around it."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
    return (cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell).strip()


def guarded(text: str) -> str:
    """Put an apostrophe before what would be a formula."""
    return "'" + text if _FORMULA.match(text) else text


def guarded_as_text(text: str) -> str:
    """Guard a cell that is typed as text (XLSX), which cannot become a formula.

    Only a text that begins with an apostrophe of its own gets another, because ``unguarded`` would take that one off.
    """
    return guarded(text) if text.startswith("'") else text


def unguarded(cell: str) -> str:
    """Take off the one apostrophe that ``guarded`` put there. Any other (``'s-Hertogenbosch``) is the text's own."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def spelt(text: str) -> str:
    """Tell a text that happens to read ``keine`` from an empty list, by a backslash before it."""
    return "\\" + text if _NONE_SPELT.match(text) else text


def unspelt(cell: str) -> str:
    """Undo ``spelt``."""
    return cell[1:] if cell.startswith("\\") and _NONE_SPELT.match(cell) else cell


def escaped(text: str, signs: str) -> str:
    """Put a backslash before each of the signs that would part the text, and before each backslash."""
    for sign in "\\" + signs:
        text = text.replace(sign, "\\" + sign)
    return text


def plain(part: str) -> str:
    """Undo ``escaped``, and trim what stood around the separator. A backslash before any other sign is the text's own."""
    return _PROTECTED.sub(r"\1", part.strip())


def joined(parts: Iterable[str], separator: str) -> str:
    """Join entries that are already escaped; no entry at all is ``keine``."""
    blank = " " if separator in "|/" else ""
    return f"{blank}{separator} ".join(parts) or NONE


def parts(cell: str, separator: str) -> list[str]:
    """Part a cell at each separator that no backslash protects; empty entries are left out. The parts stay escaped."""
    return [part for part in split(cell, separator) if part.strip()]


def split(text: str, sign: str, most: int = -1) -> list[str]:
    """Part at a sign that no backslash protects, at most so many times."""
    found = [""]
    protected = False
    for letter in text:
        if letter == sign and not protected and len(found) - 1 != most:
            found.append("")
        else:
            found[-1] += letter
        protected = letter == "\\" and not protected
    return found
