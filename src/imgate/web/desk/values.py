"""Values of a case record as lines to read, the way papers show them."""

from collections.abc import Iterable, Mapping
from typing import Any

from imgate.documents.laid_out import laid_out
from imgate.exchange.code_lists import StoredNames
from imgate.exchange.context import Corridor
from imgate.web.lines import ShownLine, shown_lines


def values_of(corridor: Corridor, record: Mapping[str, Mapping[str, Any]], scopes: Iterable[str]) -> dict[str, tuple[ShownLine, ...]]:
    """Lay out these scopes of a record, in their order."""
    names = StoredNames(corridor.store)
    shown: dict[str, tuple[ShownLine, ...]] = {}
    for scope in scopes:
        section, _dot, item = scope.partition(".")
        shown[scope] = shown_lines(laid_out(scope, record[section][item], names))
    return shown


def scopes_in(record: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Name what a record holds, in its order."""
    return tuple(f"{section}.{item}" for section, items in record.items() for item in items)
