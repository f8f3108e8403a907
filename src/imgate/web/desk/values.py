"""Values of a case record as lines to read, the way papers show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imgate.documents.laid_out import Said, laid_out
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor


def _(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


_SAID: Mapping[Said, str] = {Said.YES: _("ja"), Said.NO: _("nein"), Said.EMPTY: _("keine Angabe")}
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line. ``said`` is a word of ours, to be translated; ``text`` stands as it is, and both are None for a heading."""

    depth: int
    label: str | None
    text: str | None = field(repr=False)
    said: str | None


def values_of(corridor: Corridor, record: Mapping[str, Mapping[str, Any]], scopes: Iterable[str]) -> dict[str, tuple[ShownLine, ...]]:
    """Lay out these scopes of a record, in their order."""
    names = StoredNames(corridor.store)
    shown: dict[str, tuple[ShownLine, ...]] = {}
    for scope in scopes:
        section, _dot, item = scope.partition(".")
        lines = (_line(line.depth, line.label, line.content) for line in laid_out(scope, record[section][item], names))
        shown[scope] = tuple(lines) or (ShownLine(0, None, None, _SAID[Said.EMPTY]),)
    return shown


def scopes_in(record: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Name what a record holds, in its order."""
    return tuple(f"{section}.{item}" for section, items in record.items() for item in items)


def _line(depth: int, label: str | None, content: str | Said | None) -> ShownLine:
    said = _SAID[content] if isinstance(content, Said) else None
    return ShownLine(min(depth, _DEEPEST), label, None if said is not None else content, said)
