"""Change one value of an item into another valid one: what two records do not share, two messages must not share either."""

import random
import re
import typing
import unicodedata
from collections.abc import Iterator
from typing import Any

from typing_extensions import is_typeddict

from imgate.conformance.random_records import FULL, item_fields, random_value
from imgate.record.fields import element_of, fields_of
from imgate.record.text import TEXT_MAX, WrittenText
from imgate.record.validation import RecordInvalid, validate_record

_Change = tuple[str, Any]


def other_values(scope: str, item: Any, rng: random.Random) -> Iterator[_Change]:
    """Yield valid items that differ from this one in one place, each with the path of the leaf; a list adds nothing to a path.

    A word of a closed list becomes each other word of it; a text loses its accents, gets signs that look like others, and grows; a time
    stays and its offset changes; a day becomes its month and its year; a list is turned round, shortened, emptied, and grows.
    """
    field = item_fields()[scope]
    section, _, name = scope.partition(".")
    for path, changed in _changes(field.kind, field.marks, item, rng):
        try:
            checked: Any = validate_record({section: {name: changed}})
        except RecordInvalid:
            continue
        if checked[section][name] != item:
            yield path.removeprefix("."), checked[section][name]


def other_words(scope: str, item: Any) -> Iterator[Any]:
    """Yield items in which one word of a closed list, or one yes or no, is another; together with this one they hold each of them."""
    field = item_fields()[scope]
    for _, changed in _changes(field.kind, field.marks, item, None):
        yield changed


def _changes(kind: Any, marks: tuple[object, ...], value: Any, rng: random.Random | None) -> Iterator[_Change]:
    """Yield changes of one value; without chance only those of closed words."""
    if value is None:
        return
    if typing.get_origin(kind) is typing.Literal:
        yield from (("", word) for word in typing.get_args(kind) if word != value)
    elif typing.get_origin(kind) is list:
        yield from _of_list(kind, value, rng)
    elif is_typeddict(kind):
        for field in fields_of(kind):
            if field.name in value:
                for path, changed in _changes(field.kind, field.marks, value[field.name], rng):
                    yield f".{field.name}{path}", {**value, field.name: changed}
    elif kind is bool:
        yield "", not value
    elif rng is None:
        return
    elif kind is int:
        yield from (("", number) for number in (0, value + 1) if number != value)
    elif any(isinstance(mark, WrittenText) for mark in marks):
        yield from (("", text) for text in _texts(value, rng) if text != value)
    else:
        other = random_value(kind, marks, rng, FULL)
        yield "", other
        yield from (("", text) for text in _like(other))


def _of_list(kind: Any, value: list[Any], rng: random.Random | None) -> Iterator[_Change]:
    element, marks = element_of(kind)
    if rng is not None:
        yield from (("", other) for other in (value[::-1], value[:-1], [], [*value, *value[-1:]], value * 6, [*value * 6, *value[:1]]))
    # Entries are alike: what is true of the first is true of the last.
    for path, changed in _changes(element, marks, value[0], rng) if value else ():
        yield path, [changed, *value[1:]]


# Endings that programs take for one another: blanks, signs that normal forms join, what an old encoding lacks, a text cut off.
# A text gets one of these groups, because all of them in each leaf take too long.
_ENDINGS = (
    ("b", " b", "  b", "\nb", "\tb", "\u00a0b"),
    ("bb", "b\u200db", "🙂", "?", "²", "2"),
    ("ß", "ss", "ä", "ae", "ﬁ", "fi"),
    tuple(f"{'b' * length}{last}" for length in (40, 240, TEXT_MAX - 200) for last in "bc"),
)


def _texts(value: str, rng: random.Random) -> Iterator[str]:
    yield from (_without_accents(value), value.swapcase(), value[:-1])
    yield from (f"{value}{ending}" for ending in rng.choice(_ENDINGS))


_TIME_OF_DAY = re.compile(r"(.+T.+?)(?:Z|[+-]\d\d:\d\d)").fullmatch
_DAY = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?").fullmatch


def _like(value: str) -> Iterator[str]:
    """Yield the same time at other places, and the same day known less well, and filled up."""
    if time := _TIME_OF_DAY(value):
        yield from (f"{time[1]}{offset}" for offset in ("Z", "+01:00", "+02:00"))
    elif day := _DAY(value):
        yield from (day[1], f"{day[1]}-01", f"{day[1]}-01-01")


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
