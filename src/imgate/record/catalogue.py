"""The catalogue: which scopes there are, how sensitive they are, which leaves came when.

It is read off the record's types and written down nowhere else (contract §2). Since a catalogue is a value, a test can read one
off extended types and ask what a declaration of today would release under it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from typing_extensions import is_typeddict

from imgate.record.case_record import CaseRecord
from imgate.record.fields import element_of, fields_of
from imgate.record.marks import Label, Scope, Since
from imgate.vocabulary.sensitivity import Sensitivity

__all__ = ["CATALOGUE", "Catalogue", "Scope", "ScopeEntry"]


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """One scope. ``leaves_since`` names the leaves that came after catalogue 1, with the catalogue that brought them.

    A leaf's path names the fields below the item, joined by dots; a list on the way is passed through without a sign of
    its own (`declined_employers.name`).
    """

    scope: str
    label: str
    sensitivity: Sensitivity
    closed: bool
    section: str
    item: str
    leaves_since: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All scopes, in the order of the record. Equal only to itself, so that it can be a key; not slotted, to keep what it works out."""

    version: int
    scopes: Mapping[str, ScopeEntry]
    section_labels: Mapping[str, str]

    @classmethod
    def of(cls, record_type: type, version: int) -> "Catalogue":
        """Read the catalogue off a record type.

        Raises TypeError if an item is not marked with ``Scope``, a section has no ``Label``, or a leaf is newer than ``version``.
        """
        entries: dict[str, ScopeEntry] = {}
        labels: dict[str, str] = {}
        for section in fields_of(record_type):
            label = section.mark(Label)
            if label is None or not isinstance(section.kind, type):
                raise TypeError(f"{section.name} is no labelled section")
            labels[section.name] = label.german
            for item in fields_of(section.kind):
                mark = item.mark(Scope)
                if mark is None:
                    raise TypeError(f"{section.name}.{item.name} is not marked as a scope")
                scope = f"{section.name}.{item.name}"
                since = {path: catalogue for path, catalogue in _leaves(item.kind) if catalogue > 1}
                if max(since.values(), default=1) > version:
                    raise TypeError(f"{scope} has a leaf of a later catalogue than {version}")
                entries[scope] = ScopeEntry(
                    scope, mark.label, mark.sensitivity, mark.closed, section.name, item.name, MappingProxyType(since)
                )
        return cls(version, MappingProxyType(entries), MappingProxyType(labels))

    @cached_property
    def closed(self) -> frozenset[str]:
        """The scopes that pass only where a partner's configuration opens them by name."""
        return frozenset(scope for scope, entry in self.scopes.items() if entry.closed)

    @cached_property
    def by_sensitivity(self) -> Mapping[Sensitivity, frozenset[str]]:
        """The scopes of each sensitivity; every sensitivity is a key."""
        found = {wanted: frozenset(scope for scope, entry in self.scopes.items() if entry.sensitivity is wanted) for wanted in Sensitivity}
        return MappingProxyType(found)

    def __contains__(self, scope: object) -> bool:
        """Tell whether this is the name of a scope; no prefix and no wildcard is."""
        return scope in self.scopes


def _leaves(kind: object, above: str = "") -> Iterator[tuple[str, int]]:
    """Yield each field below this one with the catalogue that brought it."""
    inner, _ = element_of(kind)
    if isinstance(inner, type) and is_typeddict(inner):
        for field in fields_of(inner):
            mark = field.mark(Since)
            yield above + field.name, mark.catalogue if mark else 1
            yield from _leaves(field.kind, f"{above}{field.name}.")


CATALOGUE = Catalogue.of(CaseRecord, version=1)
