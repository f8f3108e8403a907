"""A released scope as an office reads it on the screen: in the words of the paper, with origin, discloser and last day."""

from dataclasses import dataclass

from imgate.documents.message_paper import read_out
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor
from imgate.plugin_api import ReleasedRecord
from imgate.vocabulary.words import SELF
from imgate.web.lines import ShownLine, shown_lines


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
            lines = shown_lines(read_out(scope, released, corridor.policy.zone, names))
            origin = None if release.origin == SELF else _name(corridor, release.origin)
            shown.append(ShownScope(scope, lines, origin, release.discloser, release.until))
    return tuple(shown)


def _name(corridor: Corridor, partner: str) -> str:
    known = corridor.partners.get(partner)
    return partner if known is None else known.policy.name
