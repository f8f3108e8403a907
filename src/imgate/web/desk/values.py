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


def person_in(corridor: Corridor, record: Mapping[str, Mapping[str, Any]]) -> tuple[ShownLine, ...]:
    """Lay out by what a person is told from another: name and date of birth, as far as the record has them."""
    person = record.get("person", {})
    told = {"name": person.get("name"), "birth": _date_only(person.get("birth"))}
    lines = values_of(corridor, {"person": told}, [f"person.{item}" for item, value in told.items() if value])
    return tuple(line for shown in lines.values() for line in shown)


def _date_only(birth: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {item: value for item, value in (birth or {}).items() if item == "date"}


def scopes_in(record: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Name what a record holds, in its order."""
    return tuple(f"{section}.{item}" for section, items in record.items() for item in items)
