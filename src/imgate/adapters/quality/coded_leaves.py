"""Which leaves of the case record hold codes of which published list; docs/code-lists.md shows the same table.

In JSON and in a table a code stands without its list, so that no message shows which lists are in use. The record's types do.
"""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from typing_extensions import is_typeddict

from imgate.adapters.quality.code_lists import ListVersion
from imgate.plugin_api import Place, xoev
from imgate.plugin_api.xml import Code
from imgate.record.case_record import CaseRecord
from imgate.record.fields import Field, element_of, fields_of
from imgate.record.text import AGS, COUNTRY, LANGUAGE


@dataclass(frozen=True, slots=True)
class CodedLeaf:
    """A leaf by its scope and its path in the item, which is empty where the item is a code or a list of codes itself."""

    scope: str
    path: str
    code_list: ListVersion

    def stands_at(self, place: Place) -> bool:
        """Tell whether a format that has this place for the scope has one for the leaf."""
        return not any(self.path == left_out or self.path.startswith(f"{left_out}.") for left_out in place.without)


def _of(code: Code) -> ListVersion:
    return ListVersion(code.list_uri, code.list_version)


# Not among them: the fine title, which names its list itself, and the numbers of units, which are any text.
_BY_KIND = ((COUNTRY, _of(xoev.nationality(""))), (AGS, _of(xoev.municipality(""))), (LANGUAGE, _of(xoev.language(""))))
_BY_LEAF: Mapping[tuple[str, str], ListVersion] = MappingProxyType(
    {
        ("person.sex", ""): _of(xoev.sex("")),
        ("person.marital_status", ""): ListVersion("urn:de:dsmeld:schluesseltabelle:familienstand", "2"),
        ("residence.status", "code"): _of(xoev.residence_status("")),
        ("residence.work_permission", "code"): _of(xoev.work_permission("")),
        ("residence.domicile_restriction", "code"): _of(xoev.domicile_restriction("")),
    }
)


@cache
def coded_leaves() -> tuple[CodedLeaf, ...]:
    """Give the leaves in the record's order."""
    return tuple(
        leaf
        for section in fields_of(CaseRecord)
        for item in fields_of(typing.cast("type", section.kind))
        for leaf in _coded(f"{section.name}.{item.name}", "", item)
    )


def _coded(scope: str, path: str, field: Field) -> Iterator[CodedLeaf]:
    inner, marks = element_of(field.kind)
    if is_typeddict(inner):
        for leaf in fields_of(typing.cast("type", inner)):
            yield from _coded(scope, f"{path}.{leaf.name}".removeprefix("."), leaf)
        return
    lists = [code_list for kind, code_list in _BY_KIND if kind in (*field.marks, *marks)]
    if (scope, path) in _BY_LEAF:
        lists.append(_BY_LEAF[scope, path])
    yield from (CodedLeaf(scope, path, code_list) for code_list in lists)
