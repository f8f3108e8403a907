"""A released scope as an office reads it on the screen: in the words of the paper, with origin, discloser and last day."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgate.documents.laid_out import Said
from imgate.documents.message_paper import read_out
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor
from imgate.plugin_api import ReleasedRecord
from imgate.vocabulary.words import SELF


def _(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


_SAID: Mapping[Said, str] = {Said.YES: _("ja"), Said.NO: _("nein"), Said.EMPTY: _("keine Angabe")}
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line. ``said`` is a word of ours, to be translated; ``text`` stands as it is; both are None for a heading of what follows."""

    depth: int
    label: str | None
    text: str | None = field(repr=False)
    said: str | None = None


@dataclass(frozen=True, slots=True)
class ShownScope:
    """One scope. ``origin`` is None for the client's own word."""

    scope: str
    lines: tuple[ShownLine, ...]
    origin: str | None
    discloser: str
    until: str


def shown_scopes(corridor: Corridor, released: ReleasedRecord) -> tuple[ShownScope, ...]:
    """Lay out what was released, in the catalogue's order. Codes of published lists are called by their names where they are known."""
    names = StoredNames(corridor.store)
    shown = []
    for scope in corridor.policy.catalogue.scopes:
        if scope in released.releases:
            release = released.releases[scope]
            lines = tuple(_line(line.depth, line.label, line.content) for line in read_out(scope, released, corridor.policy.zone, names))
            origin = None if release.origin == SELF else _name(corridor, release.origin)
            shown.append(ShownScope(scope, lines, origin, release.discloser, release.until))
    return tuple(shown)


def _line(depth: int, label: str | None, content: str | Said | None) -> ShownLine:
    if isinstance(content, Said):
        return ShownLine(min(depth, _DEEPEST), label, None, _SAID[content])
    return ShownLine(min(depth, _DEEPEST), label, content)


def _name(corridor: Corridor, partner: str) -> str:
    known = corridor.partners.get(partner)
    return partner if known is None else known.policy.name
