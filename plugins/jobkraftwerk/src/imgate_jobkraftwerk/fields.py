"""The field table, derived from the mapping: places are names of columns."""

from collections.abc import Sequence
from typing import Final

from imgate.plugin_api import Absent, Field, FieldTable, Place, field_table
from imgate_jobkraftwerk.leaves import ABSENT, ITEMS
from imgate_jobkraftwerk.mapping import Column, TableMapping

_NO_COLUMN: Final = Absent("the mapping has no column for it")


def fields_of(mapping: TableMapping) -> FieldTable:
    """Account for every scope, in both directions."""
    read = [column for sheet in mapping.sheets for column in sheet.columns]
    held = [Field(scope, _place(scope, mapping.written), _place(scope, read)) for scope in ITEMS]
    absent = [Field(scope, Absent(because), Absent(because)) for scope, because in ABSENT.items()]
    return field_table(*held, *absent)


def _place(scope: str, columns: Sequence[Column]) -> Place | Absent:
    mine = [column for column in columns if column.scope == scope]
    if not mine:
        return _NO_COLUMN
    paths = {column.path for column in mine}
    without = tuple(path for path, leaf in ITEMS[scope].leaves.items() if leaf.kind is None and path not in paths)
    return Place(tuple(dict.fromkeys(column.name for column in mine)), without)
