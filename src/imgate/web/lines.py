"""Values of a case record as lines to read on a page: what papers lay out, with its few words of ours marked for translation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from imgate.documents.laid_out import Line, Said
from imgate.web.texts import _

_SAID: Mapping[Said, str] = {Said.YES: _("ja"), Said.NO: _("nein"), Said.EMPTY: _("keine Angabe")}
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line. ``said`` is a word of ours, to be translated; ``text`` stands as it is; both are None for a heading of what follows."""

    depth: int
    label: str | None
    text: str | None = field(repr=False)
    said: str | None


def shown_lines(lines: Iterable[Line]) -> tuple[ShownLine, ...]:
    """Make what a paper says ready for a page; what holds nothing says so."""
    return tuple(map(_shown, lines)) or (ShownLine(0, None, None, _SAID[Said.EMPTY]),)


def _shown(line: Line) -> ShownLine:
    said = _SAID[line.content] if isinstance(line.content, Said) else None
    text = None if isinstance(line.content, Said) else line.content
    return ShownLine(min(line.depth, _DEEPEST), line.label, text, said)
