"""Read the fields of a record type, with the marks taken off.

The catalogue, the reference page, the published schema and the list of names that may be shown in problems all walk
the types by these functions, so that they agree on what a field is.
"""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, NotRequired, Required, TypeVar, Union

from typing_extensions import is_typeddict

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a TypedDict. ``kind`` is what is left when ``NotRequired``, ``Annotated`` and ``| None`` are taken off."""

    name: str
    kind: object
    marks: tuple[object, ...]
    required: bool
    nullable: bool

    def mark(self, wanted: type[M]) -> M | None:
        """Return the mark of this type, or None."""
        return next((mark for mark in self.marks if isinstance(mark, wanted)), None)


def fields_of(record_type: type) -> tuple[Field, ...]:
    """Return the fields of a TypedDict, inherited ones first, in the order in which they were written."""
    total: bool = getattr(record_type, "__total__", True)
    hints = typing.get_type_hints(record_type, include_extras=True)
    return tuple(_field(name, hint, required=total) for name, hint in hints.items())


def element_of(kind: object) -> tuple[object, tuple[object, ...]]:
    """Return what a list holds, with the marks of its elements; anything else is returned as it is, without marks."""
    if typing.get_origin(kind) is not list:
        return kind, ()
    element = _field("", typing.get_args(kind)[0], required=True)
    return element.kind, element.marks


def record_types_within(kind: object) -> Iterator[type]:
    """Yield this TypedDict and each one below it, also those in lists. One that is used twice is yielded twice."""
    inner, _ = element_of(kind)
    if isinstance(inner, type) and is_typeddict(inner):
        yield inner
        for field in fields_of(inner):
            yield from record_types_within(field.kind)


def _field(name: str, hint: object, *, required: bool) -> Field:
    marks: list[object] = []
    nullable = False
    while True:
        origin = typing.get_origin(hint)
        if origin is NotRequired or origin is Required:
            required = origin is Required
            hint = typing.get_args(hint)[0]
        elif origin is Annotated:
            hint, *found = typing.get_args(hint)
            marks += found
        elif origin in (Union, types.UnionType):
            kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
            if len(kinds) != 1:
                raise TypeError(f"{name}: a leaf of the record has one kind")
            nullable = True
            hint = kinds[0]
        else:
            return Field(name, hint, tuple(marks), required, nullable)
