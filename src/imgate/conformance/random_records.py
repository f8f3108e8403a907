"""Random valid records, read off the record's own types. Reproducible: the same seed gives the same records.

Fixtures are written by people, who think of the usual client. These records have one name, a birthday of which only the year
is known, a note in Arabic, a street called ``&amp;`` and a list without entries.
"""

import random
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from typing_extensions import is_typeddict

from imgate.record.case_record import CaseRecord
from imgate.record.fields import Field, element_of, fields_of
from imgate.record.text import TEXT_MAX, CodedText, WrittenText
from imgate.record.validation import RecordInvalid, validate_record

Made = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fill:
    """How much of a record is there: the chance that an optional leaf is, that it is null, and the lengths of lists."""

    present: float
    null: float
    lengths: tuple[int, ...]


FULL = Fill(1.0, 0.0, (2,))
BARE = Fill(0.0, 0.0, (1,))
EMPTY = Fill(1.0, 0.0, (0,))
SOME = Fill(0.6, 0.15, (0, 1, 1, 2, 3))
# Where a rule asks for one of several optional leaves, a bare item has to have more than nothing.
_LESS_BARE = Fill(0.5, 0.0, (1,))

_NAMES = "aBäßÉŁşḤʿ' -Öéł"
_PLACES = "aBäß 019/&<>\"'.-Éł;"
_SIGNS = "aBäßÉłşЖ 019/&<>\"'.,;|\\=+@-%#{}[]مرح€🙂\u00a0\u200d\u2028"
# What some format has a meaning of its own for.
_TROUBLE = (
    "]]>",
    "&amp;",
    "<![CDATA[",
    "=1+1",
    "@SUM",
    "-",
    "null",
    "None",
    "NaN",
    "0",
    "true",
    "''",
    '""',
    ";",
    "|",
    "\\n",
    "%41",
    "a  b",
)


def random_records(scopes: Collection[str], seed: int, count: int) -> Iterator[Made]:
    """Yield records that hold between one and eight of these scopes, in every state of completeness."""
    rng = random.Random(seed)  # noqa: S311  # the same records each time
    ordered = sorted(scopes)
    if not ordered:
        return
    for number in range(count):
        chosen = rng.sample(ordered, rng.randint(1, min(8, len(ordered))))
        yield random_record(chosen, rng, (SOME, SOME, FULL, BARE, EMPTY)[number % 5])


def random_record(scopes: Collection[str], rng: random.Random, fill: Fill) -> Made:
    """Make one record that holds exactly these scopes, in the record's own order."""
    made: Made = {}
    for scope in item_fields():
        if scope in scopes:
            section, _, item = scope.partition(".")
            made.setdefault(section, {})[item] = random_item(scope, rng, fill)
    return made


def random_item(scope: str, rng: random.Random, fill: Fill) -> Any:
    """Make one valid item. Raises ValueError where the types ask for something that this module cannot make."""
    section, _, item = scope.partition(".")
    field = item_fields()[scope]
    for attempt in range(200):
        value = random_value(field.kind, field.marks, rng, _LESS_BARE if attempt > 20 and fill is BARE else fill)
        try:
            checked = typing.cast("Made", validate_record({section: {item: value}}))
        except RecordInvalid:
            continue
        return checked[section][item]
    raise ValueError(f"no valid {scope} was found; the kit does not know what its type asks for")


@cache
def item_fields() -> Mapping[str, Field]:
    """Give the field of each scope, in the record's order."""
    sections = fields_of(CaseRecord)
    return {f"{section.name}.{item.name}": item for section in sections for item in fields_of(typing.cast("type", section.kind))}


def random_value(kind: object, marks: tuple[object, ...], rng: random.Random, fill: Fill) -> Any:
    """Make a value of one of the record's types; a rule about several leaves is not looked at."""
    if typing.get_origin(kind) is typing.Literal:
        return rng.choice(typing.get_args(kind))
    if typing.get_origin(kind) is list:
        element, element_marks = element_of(kind)
        return [random_value(element, element_marks, rng, fill) for _ in range(rng.choice(fill.lengths))]
    if is_typeddict(kind):
        return _object(typing.cast("type", kind), rng, fill)
    if kind is bool:
        return rng.random() < 0.5
    if kind is int:
        return rng.randint(0, 200)
    return _text(marks, rng)


def _object(kind: type, rng: random.Random, fill: Fill) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in _fields(kind):
        if field.required or rng.random() < fill.present:
            null = field.nullable and rng.random() < fill.null
            made[field.name] = None if null else random_value(field.kind, field.marks, rng, fill)
    return made


@cache
def _fields(kind: type) -> tuple[Field, ...]:
    return fields_of(kind)


def _text(marks: tuple[object, ...], rng: random.Random) -> str:
    for mark in marks:
        if isinstance(mark, CodedText):
            return _CODED[mark.name](rng)
        if isinstance(mark, WrittenText):
            return _WRITTEN[mark.name](rng)
    raise ValueError("text of no known kind")


def _word(rng: random.Random, signs: str, longest: int = 14) -> str:
    return "".join(rng.choices(signs, k=rng.randint(1, longest)))


def _line(rng: random.Random) -> str:
    return rng.choice(_TROUBLE) if rng.random() < 0.15 else _word(rng, _SIGNS, 24)


def _free_text(rng: random.Random) -> str:
    if rng.random() < 0.02:
        return "ä" * TEXT_MAX
    return "".join(rng.choice((_line(rng), "\n", "\t", " ")) for _ in range(rng.randint(1, 5)))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _date(rng: random.Random) -> str:
    return f"{rng.randint(1900, 2060):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _time(rng: random.Random) -> str:
    second = f"{rng.randint(0, 59):02}" + rng.choice(("", ".5", ".123456789"))
    return f"{_date(rng)}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{second}{rng.choice(('Z', '+01:00', '-11:30', '+14:00'))}"


def _ags(rng: random.Random) -> str:
    return f"{rng.randint(1, 16):02}{_digits(rng, 6)}"


_Maker = Callable[[random.Random], str]

_WRITTEN: dict[str, _Maker] = {
    "line": _line,
    "free_text": _free_text,
    "person_name": lambda rng: _word(rng, _NAMES),
    "place_name": lambda rng: _word(rng, _PLACES),
    "organisation_name": lambda rng: _word(rng, _PLACES + "ЖяΩ“”"),
    "email": lambda rng: rng.choice(("a@example.org", "ä+b'c@exämple.org", "=x|y@a-b.example")),
}
_CODED: dict[str, _Maker] = {
    "date": _date,
    "partial_date": lambda rng: _date(rng)[: rng.choice((4, 7, 10))],
    "time": _time,
    "phone": lambda rng: f"+{rng.randint(1, 9)}{_digits(rng, rng.randint(5, 14))}",
    "country": lambda rng: _digits(rng, 3),
    "language": lambda rng: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=3)),
    "postal_code": lambda rng: _digits(rng, 5),
    "ags": _ags,
    "ags_prefix": lambda rng: _ags(rng)[: rng.choice((2, 3, 5, 8))],
    "jobcenter_number": lambda rng: f"{_digits(rng, 3)}{rng.choice('ABXYZ')}{_digits(rng, 6)}",
    "azr_number": lambda rng: _digits(rng, 12),
    "list_uri": lambda rng: rng.choice(("urn:xoev-de:a:b", "https://example.org/l?a=1&b=<2>", "urn:de:xauslaender:codelist:azr:x")),
    "two_digits": lambda rng: _digits(rng, 2),
}
