"""The field table: where each scope stands in a partner's messages, or why it does not.

The core reads the partner's ceiling off this table, direction by direction, and checks with it that the bytes which
leave hold each released scope and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from imgate.plugin_api.errors import TableInvalid


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scope stands.

    For an XML format ``at`` is one path of element names below the root (``content/languageLevel``), for a table it
    is one or several column names. ``without`` names leaves of the item that the format has no place for, by their
    path in the record (``note``, ``channels.note``); every other leaf must stand in the bytes. ``details`` are the leaves
    that a shape names; like those in ``without`` they are compared with the record's types at start.
    """

    at: tuple[str, ...]
    without: tuple[str, ...] = ()
    details: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """This scope has no place in that direction's messages, because."""

    because: str


@dataclass(frozen=True, slots=True)
class Field:
    """One scope, accounted for in both directions."""

    scope: str
    to_partner: Place | Absent
    from_partner: Place | Absent


@dataclass(frozen=True, slots=True)
class FieldTable:
    """All scopes, each once. Made by ``field_table``; whether none is left out is checked at start."""

    fields: Mapping[str, Field]

    def sent(self) -> Mapping[str, Place]:
        """Give the scopes that have a place in messages to the partner."""
        return {scope: field.to_partner for scope, field in self.fields.items() if isinstance(field.to_partner, Place)}

    def taken(self) -> Mapping[str, Place]:
        """Give the scopes that have a place in messages from the partner."""
        return {scope: field.from_partner for scope, field in self.fields.items() if isinstance(field.from_partner, Place)}


def field_table(*fields: Field) -> FieldTable:
    """Collect fields to a table. Raises ValueError for a scope that stands twice."""
    by_scope = {field.scope: field for field in fields}
    if len(by_scope) != len(fields):
        twice = sorted({field.scope for field in fields if sum(other.scope == field.scope for other in fields) > 1})
        raise TableInvalid(f"each scope stands once in a field table; twice: {', '.join(twice)}")
    return FieldTable(MappingProxyType(by_scope))
