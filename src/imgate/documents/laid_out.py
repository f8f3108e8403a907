"""One value of the case record as lines to read: label and content, with the German labels of the record's own types.

For the eyes of a client or an official: dates as on German letters, words instead of codes (``value_words.toml``, and names out of the
published lists). A code whose name nobody knows says so, and which list it is of. What is sent is the message.
"""

import tomllib
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from babel.core import Locale, get_global
from typing_extensions import is_typeddict

from imgate.documents.languages import written_day
from imgate.exchange.code_lists import NoNames
from imgate.exchange.ports import CodeNames
from imgate.record import CaseRecord, Label
from imgate.record.fields import Field, element_of, fields_of
from imgate.record.text import AGS, COUNTRY, DATE, LANGUAGE, PARTIAL_DATE, TIME

# The published lists of codes that stand in a record without naming their list.
_NATIONALITIES = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit"
_MUNICIPALITIES = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags"
_DOMICILE_RESTRICTIONS = "urn:de:xauslaender:codelist:azr:wohnsitzauflage"
_LANGUAGES = "ISO 639-3"

# Says in words what a code of a published list means, by its field, its path and itself; None for what is no such code.
_Called = Callable[[Field, str, str], str | None]


class Said(StrEnum):
    """What is said in both languages instead of a text."""

    YES = "yes"
    NO = "no"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``label`` is None for a value that is nothing but itself, ``content`` for a heading of what follows, deeper."""

    depth: int
    label: str | None
    content: str | Said | None = field(repr=False)


def laid_out(scope: str, value: Any, names: CodeNames = NoNames()) -> tuple[Line, ...]:  # noqa: B008  # holds nothing
    """Lay out the value of one scope. A code of a published list is shown as its name, where ``names`` knows one.

    Raises KeyError for a scope that is not in the catalogue.
    """
    section_name, _, item_name = scope.partition(".")
    section = {each.name: each for each in fields_of(CaseRecord)}[section_name]
    item = {each.name: each for each in fields_of(typing.cast("type", section.kind))}[item_name]
    return tuple(_lines(item, value, scope, 0, None, _called(names, scope, value)))


def _called(names: CodeNames, scope: str, value: Any) -> _Called:
    """Say how codes in this scope are called. Only the fine title names its list and version; of the others the newest counts."""

    def named(uri: str, version: str | None, code: str) -> str:
        unnamed = _words()["shown"]["unnamed"]
        return names.name(uri, version, code) or unnamed.format(code=code, list=_list_called(uri))

    def called(leaf: Field, path: str, code: str) -> str | None:
        if COUNTRY in leaf.marks:
            return named(_NATIONALITIES, None, code)
        if AGS in leaf.marks:
            return named(_MUNICIPALITIES, None, code)
        if path == "residence.domicile_restriction.code":
            return named(_DOMICILE_RESTRICTIONS, None, code)
        if path == "residence.title.code" and scope == "residence.title":
            return named(value["list"], value["version"], code)
        if path == "residence.title.list":
            return _list_called(code)
        return _language_called(code) or named(_LANGUAGES, None, code) if LANGUAGE in leaf.marks else None

    return called


def _language_called(code: str) -> str | None:
    """Give the German name of a language by its code of ISO 639-3; CLDR has most of them under a shorter tag (``prs``: ``fa_AF``)."""
    aliases: Mapping[str, str] = get_global("language_aliases")
    return Locale.parse("de").languages.get(aliases.get(code, code))


def _list_called(uri: str) -> str:
    return _words()["lists"].get(uri, uri)


def _lines(leaf: Field, value: Any, path: str, depth: int, label: str | None, called: _Called) -> Iterator[Line]:
    """Lay out one field: by itself, as a group of fields, or as a list of either."""
    inner, marks = element_of(leaf.kind)
    if isinstance(value, list):
        if not value:
            yield Line(depth, label, _words()["shown"]["empty_list"])
        elif _is_group(inner):
            for number, entry in enumerate(value, start=1):
                yield Line(depth, f"{label} {number}" if label else f"{number}.", None)
                yield from _group(inner, entry, path, depth + 1, called)
        else:
            shown = Field("", inner, marks, required=True, nullable=False)
            yield Line(depth, label, "; ".join(_text(shown, entry, path, called) for entry in value))
    elif value is not None and _is_group(inner):
        if label is not None:
            yield Line(depth, label, None)
        yield from _group(inner, value, path, depth + (label is not None), called)
    else:
        yield Line(depth, label, _said(value) or _text(leaf, value, path, called))


def _group(kind: object, value: Mapping[str, Any], path: str, depth: int, called: _Called) -> Iterator[Line]:
    for leaf in fields_of(typing.cast("type", kind)):
        if leaf.name in value:
            mark = leaf.mark(Label)
            yield from _lines(leaf, value[leaf.name], f"{path}.{leaf.name}", depth, mark.german if mark else leaf.name, called)


def _is_group(kind: object) -> bool:
    return isinstance(kind, type) and is_typeddict(kind)


def _said(value: Any) -> Said | None:
    if value is None:
        return Said.EMPTY
    return (Said.YES if value else Said.NO) if isinstance(value, bool) else None


def _text(leaf: Field, value: Any, path: str, called: _Called) -> str:
    text = str(value)
    name = called(leaf, path, text)
    if name is not None:
        return name
    if typing.get_origin(leaf.kind) is typing.Literal:
        return value_words(path).get(text, text)
    if DATE in leaf.marks or PARTIAL_DATE in leaf.marks:
        return _day(text)
    return _moment(text) if TIME in leaf.marks else text


def _day(text: str) -> str:
    """Write a day, or a month or year where no more is known: nothing is added."""
    if len(text) == 10:
        return written_day(date.fromisoformat(text))
    year, _, month = text.partition("-")
    return f"{month}.{year}" if month else year


def _moment(text: str) -> str:
    """Write a time as it was said, with its distance from UTC: a client's clock may be another one."""
    clock, offset = text[11:16], text[19:].lstrip("0123456789.")
    return f"{_day(text[:10])}, {clock} (UTC{'' if offset in ('Z', 'z') else offset})"


def value_words(path: str) -> Mapping[str, str]:
    """Give the German words for a field's closed values, by its path in the record; empty where the values are shown as they are."""
    words = _words()
    return words.get(path) or words.get(".".join(path.split(".")[-2:]), {})


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((resources.files("imgate.documents") / "value_words.toml").read_text(encoding="utf-8"))
