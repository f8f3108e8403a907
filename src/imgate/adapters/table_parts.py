"""Look through the XML parts of a workbook for what would harm whoever reads them in earnest.

expat parses each part piece by piece and decodes it (a part in UTF-16 hides ``<!DOCTYPE`` from a search in the bytes).
Three things in a small file make a reader use a lot of memory: entities that multiply; a cell far out, because readers
hold the area from A1 to it; and one long shared string that many cells refer to.
"""

from typing import Final, Protocol
from xml.parsers import expat

from imgate.plugin_api import MessageUnreadable

# Parts that are pictures or settings of a printer. Nothing that a workbook calls a sheet may be named like this.
_NO_XML: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".bin")
_WORKBOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
# The only place where calamine looks for them; it has to be fed first.
SHARED_STRINGS: Final = "xl/sharedstrings.xml"
_LETTERS: Final = str.maketrans("", "", "0123456789")
# What Excel lets one cell hold.
_LONGEST_CELL: Final = 32_767
# No sheet of Excel is larger (ECMA-376, 18.3.1); a number beyond it is refused before it is multiplied.
_MOST_ROWS: Final = 1_048_576
_MOST_COLUMNS: Final = 16_384


class Part(Protocol):
    """One part of the package, fed piece by piece."""

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece. Raises MessageUnreadable."""

    def close(self) -> None:
        """Look at the part as a whole. Raises MessageUnreadable."""


class PartGuard:
    """Guards all parts of one workbook; remembers the lengths of its shared strings."""

    def __init__(self, cells: int, text: int) -> None:
        """Allow each sheet that area, and the workbook that many characters."""
        self.cells = cells
        self.text_left = text
        self.shared: list[int] = []

    def part(self, name: str) -> Part:
        """Return the guard for the part of this name."""
        lower = name.lower()
        return _Ignored() if lower.endswith((*_NO_XML, "/")) else _XmlPart(self, lower)


class _Ignored:
    def feed(self, chunk: bytes) -> None:
        pass

    def close(self) -> None:
        pass


class _XmlPart:
    def __init__(self, workbook: PartGuard, name: str) -> None:
        self._workbook = workbook
        self._targets_are_xml = name == _WORKBOOK_RELATIONS
        self._shares = name == SHARED_STRINGS
        self._row = self._column = self._last_row = self._last_column = 0
        self._refers = False
        # Characters seen in the present shared string, or the digits of a reference to one.
        self._length = 0
        self._index: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, chunk: bytes) -> None:
        self._parse(chunk, last=False)

    def close(self) -> None:
        self._parse(b"", last=True)

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise MessageUnreadable("xml_broken") from error

    def _doctype(self, *_: object) -> None:
        raise MessageUnreadable("xml_doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._cell(attributes.get("r"))
                self._refers = attributes.get("t") == "s"
            case "v" if self._refers:
                self._index = []
            case "row":
                self._column = 0
                self._row = _number(attributes["r"], _MOST_ROWS) if "r" in attributes else self._row + 1
                self._last_row = max(self._last_row, self._row)
            case "si":
                self._length = 0
            case "Relationship":
                self._relationship(attributes)
            case _:
                pass

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "si" if self._shares:
                if self._length > _LONGEST_CELL:
                    raise MessageUnreadable("cell_too_large")
                self._workbook.shared.append(self._length)
            case "v" if self._index is not None:
                index = "".join(self._index).strip()
                self._index = None
                if index.isdecimal() and len(index) <= len(str(_MOST_ROWS)) + 1 and int(index) < len(self._workbook.shared):
                    self._workbook.text_left -= self._workbook.shared[int(index)]
                if self._workbook.text_left < 0:
                    raise MessageUnreadable("table_too_large")

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._index is not None:
            self._index.append(text)

    def _cell(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
        else:
            letters = reference.translate(_LETTERS)
            self._column = _column_number(letters)
            self._row = _number(reference[len(letters) :], _MOST_ROWS)
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        if self._last_row * self._last_column > self._workbook.cells:
            raise MessageUnreadable("table_too_large")

    def _relationship(self, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "").lower()
        if attributes.get("TargetMode", "").lower() == "external":
            # Excel makes a link of every mail address that is typed in; nobody follows it here.
            if not attributes.get("Type", "").endswith("/hyperlink"):
                raise MessageUnreadable("external_link")
        elif self._targets_are_xml and not target.endswith(".xml"):
            raise MessageUnreadable("format_unsupported")


def _number(digits: str, most: int) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(most)) and 0 < int(digits) <= most):
        raise MessageUnreadable("table_too_large")
    return int(digits)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise MessageUnreadable("xml_broken")
        number = number * 26 + ord(letter) - ord("A") + 1
        if number > _MOST_COLUMNS:
            raise MessageUnreadable("table_too_large")
    if number == 0:
        raise MessageUnreadable("xml_broken")
    return number
