"""The form of one scope, made from the record's own types: a field for each leaf that the partner's format has a place for.

What is typed goes into the shape of the record and is checked by the record's own validation; a problem there leads back to its field.
"""

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from typing_extensions import is_typeddict

from imgate.documents.laid_out import value_words
from imgate.plugin_api import Place
from imgate.record import CaseRecord, Label, Problem, Scope
from imgate.record.fields import Field, element_of, fields_of
from imgate.record.text import DATE, FREE_TEXT, PARTIAL_DATE, TIME, CodedText

# How many entries of a list inside an item can be told; of the item itself, where it is a list, one.
_ENTRIES = 2
_GERMAN_DAY = re.compile(r"(?:(?:([0-9]{1,2})\.)?([0-9]{1,2})\.)?([0-9]{4})").fullmatch
_NUMBER = re.compile(r"[0-9]{1,9}").fullmatch
_BOOLEAN = {"true": True, "false": False}


class Kind(StrEnum):
    """How a leaf is asked for."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    PARTIAL_DAY = "partial_day"
    MOMENT = "moment"
    NUMBER = "number"
    CHOICE = "choice"
    YES_OR_NO = "yes_or_no"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. ``name`` is the input's; ``options`` are its closed values with their words; ``german`` says the form of a code."""

    key: str
    name: str
    label: str
    kind: Kind
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    german: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    key: str
    name: str
    label: str
    required: bool
    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Rows:
    """A list, with as many entries as can be told."""

    key: str
    name: str
    rows: "tuple[Part, ...]"


Part = Entry | Group | Rows


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, in the shape of the record. ``names`` leads from a place in the record to the part of the form that it came from."""

    record: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    empty: bool

    def __repr__(self) -> str:
        """Show nothing personal."""
        return "Typed(...)"

    def name_of(self, problem: Problem) -> str:
        """Name the part of the form that a problem belongs to: the nearest one; empty for the form as a whole."""
        pointer = problem.pointer
        while pointer and pointer not in self.names:
            pointer = pointer.rpartition("/")[0]
        return self.names.get(pointer, "")


def form_of(scope: str, place: Place) -> Part | None:
    """Make the form of a scope; None where the format has no place for a leaf that must be there."""
    section_name, _, item_name = scope.partition(".")
    section = {each.name: each for each in fields_of(CaseRecord)}[section_name]
    item = {each.name: each for each in fields_of(typing.cast("type", section.kind))}[item_name]
    mark = item.mark(Scope)
    try:
        return _part(item, "value", mark.label if mark else item_name, scope, frozenset(place.without), must=True, entries=1)
    except _NoPlace:
        return None


class _NoPlace(Exception):
    """A leaf that must be there has no place in the format."""


def _part(leaf: Field, name: str, label: str, path: str, without: frozenset[str], *, must: bool, entries: int) -> Part:
    inner, marks = element_of(leaf.kind)
    is_list = typing.get_origin(leaf.kind) is list
    if not is_typeddict(inner):
        return _entry(Field(leaf.name, inner, marks if is_list else leaf.marks, must, leaf.nullable), name, label, path, is_list=is_list)
    kind = typing.cast("type", inner)
    if not is_list:
        return Group(leaf.name, name, label, must, _parts(kind, name, path, without, must=must))
    rows = [
        Group("", f"{name}-{number}", f"{label} {number + 1}" if entries > 1 else label, needed, parts)
        for number in range(entries)
        for needed in [must and number == 0]
        for parts in [_parts(kind, f"{name}-{number}", path, without, must=needed)]
    ]
    return Rows(leaf.name, name, tuple(rows))


def _parts(kind: type, name: str, path: str, without: frozenset[str], *, must: bool) -> tuple[Part, ...]:
    parts = []
    for leaf in fields_of(kind):
        inner = f"{path}.{leaf.name}"
        if inner.split(".", 2)[2] in without:
            if leaf.required:
                raise _NoPlace
            continue
        mark = leaf.mark(Label)
        label = mark.german if mark else leaf.name
        parts.append(_part(leaf, f"{name}-{leaf.name}", label, inner, without, must=must and leaf.required, entries=_ENTRIES))
    return tuple(parts)


def _entry(leaf: Field, name: str, label: str, path: str, *, is_list: bool) -> Entry:
    coded = leaf.mark(CodedText)
    german: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    if is_list:
        kind = Kind.LINES
    elif typing.get_origin(leaf.kind) is typing.Literal:
        words = value_words(path)
        kind, options = Kind.CHOICE, tuple((str(value), words.get(str(value), str(value))) for value in typing.get_args(leaf.kind))
    elif leaf.kind is bool:
        kind = Kind.YES_OR_NO
    elif leaf.kind is int:
        kind = Kind.NUMBER
    elif coded is None:
        kind = Kind.TEXT if FREE_TEXT in leaf.marks else Kind.LINE
    else:
        kind = {DATE: Kind.DAY, PARTIAL_DATE: Kind.PARTIAL_DAY, TIME: Kind.MOMENT}.get(coded, Kind.LINE)
        german = coded.german if kind is Kind.LINE else None
    return Entry(leaf.name, name, label, kind, leaf.required, options, german)


def names_in(part: Part) -> Iterator[str]:
    """Name the inputs of a form."""
    match part:
        case Entry():
            yield part.name
        case Group(parts=parts) | Rows(rows=parts):
            for inner in parts:
                yield from names_in(inner)
        case _:
            assert_never(part)


def read_form(scope: str, part: Part, said: Callable[[str], str], zone: ZoneInfo) -> Typed:
    """Put what was typed into the shape of the record; empty fields are not said. Nothing is checked.

    ``said`` gives an input's text. Times are by the clock of ``zone``.
    """
    section, _, item = scope.partition(".")
    names: dict[str, str] = {}
    value = _value(part, said, zone, f"/{section}/{item}", names)
    is_empty = value is None
    if is_empty and not isinstance(part, Entry):
        value = [{}] if isinstance(part, Rows) else {}
    return Typed({section: {item: "" if value is None else value}}, names, is_empty)


def _value(part: Part, said: Callable[[str], str], zone: ZoneInfo, pointer: str, names: dict[str, str]) -> Any:
    """Read a part; None where nothing was typed in it. An empty entry of a list leaves its number to the next."""
    names[pointer] = part.name
    match part:
        case Entry():
            return _leaf(part, said(part.name), zone)
        case Group(parts=parts):
            values = {inner.key: _value(inner, said, zone, f"{pointer}/{inner.key}", names) for inner in parts}
            return {key: value for key, value in values.items() if value is not None} or None
        case Rows(rows=rows):
            found: list[Any] = []
            for row in rows:
                value = _value(row, said, zone, f"{pointer}/{len(found)}", names)
                found += [] if value is None else [value]
            return found or None
        case _:
            assert_never(part)


def _leaf(entry: Entry, text: str, zone: ZoneInfo) -> Any:
    """Read one field. What cannot be read stays as it was typed, for the record's validation to refuse."""
    if not text:
        return None
    match entry.kind:
        case Kind.LINE | Kind.TEXT | Kind.CHOICE:
            return text
        case Kind.DAY | Kind.PARTIAL_DAY:
            return _day(text)
        case Kind.MOMENT:
            return _moment(text, zone)
        case Kind.NUMBER:
            return int(text) if _NUMBER(text) else text
        case Kind.YES_OR_NO:
            return _BOOLEAN.get(text, text)
        case Kind.LINES:
            return [line.strip() for line in text.split("\n") if line.strip()]
        case _:
            assert_never(entry.kind)


def _day(text: str) -> str:
    """Read a day, or a month or year, as Germans write it; ISO 8601 stays as it is."""
    german = _GERMAN_DAY(text)
    if german is None:
        return text
    day, month, year = german.groups()
    return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])


def _moment(text: str, zone: ZoneInfo) -> str:
    """Read a time by the clock here, as browsers send it or as Germans write it. A time that the clock skips is none."""
    for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M"):
        with suppress(ValueError, OverflowError):
            clock = datetime.strptime(text, form)  # noqa: DTZ007  # the zone follows
            there = clock.replace(tzinfo=zone)
            if there.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) == clock:
                return there.isoformat(timespec="seconds")
    return text
