"""Which details each scope has by the record's types, so that a misspelt one in a field table is told at start."""

import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from typing_extensions import is_typeddict

from imgate.plugin_api import FieldTable
from imgate.record.case_record import CaseRecord
from imgate.record.fields import element_of, fields_of


def unknown_details(table: FieldTable) -> Iterator[str]:
    """Say which details a table gives a place, or leaves out, that the record does not have. Unknown scopes are passed over."""
    named: dict[str, set[str]] = {}
    for places in (table.sent(), table.taken()):
        for scope, place in places.items():
            named.setdefault(scope, set()).update(place.without, place.details)
    for scope in named.keys() & _details().keys():
        known = _details()[scope]
        for path in sorted(named[scope] - known):
            near = get_close_matches(path, sorted(known - named[scope]), n=1)
            yield f"`{path}` is no detail of {scope}" + (f"; did you mean `{near[0]}`?" if near else ".")


@cache
def _details() -> Mapping[str, frozenset[str]]:
    """Give the paths below each item; a list on the way is passed through without a sign of its own."""
    return MappingProxyType(
        {
            f"{section.name}.{item.name}": frozenset(_paths(item.kind))
            for section in fields_of(CaseRecord)
            for item in fields_of(typing.cast("type", section.kind))
        }
    )


def _paths(kind: object, above: str = "") -> Iterator[str]:
    inner, _ = element_of(kind)
    if is_typeddict(inner):
        for field in fields_of(typing.cast("type", inner)):
            yield above + field.name
            yield from _paths(field.kind, f"{above}{field.name}.")
