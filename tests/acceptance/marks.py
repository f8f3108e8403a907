"""Records of which every leaf can be told again, wherever it turns up and however it is written there.

A mark is a beacon, which all marks of a kind share, and something of its own behind it. So one search finds any mark, and a mark
that may be there is told from one that may not.

What cannot carry a mark: truth values, numbers (0 to 200), closed lists, countries, languages, postal codes, AGS and their prefixes,
two-digit codes, and the date of birth of a child (a date to come would make an adult of it). They have too few values to be told
from chance; that the item they belong to stays out shows by its other leaves, and by the scopes that the core finds in the bytes.
"""

import random
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from typing_extensions import is_typeddict

from imgate.record import CaseRecord, text
from imgate.record.fields import Field, element_of, fields_of

TEXT, NUMBER, JOBCENTER_NUMBER, DATE = "Kanarienquarz", "49137913", "491Q37", "2913-1"
BEACONS = (TEXT, NUMBER, JOBCENTER_NUMBER, DATE, "10.2913", "11.2913", "12.2913")
_MARK = re.compile(rb"(?i:kanarienquarz[a-z]{8})|49137913\d{4,7}|491Q37\d{4}|2913-1\d-\d\d|\d\d\.1\d\.2913")
_GERMAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_DAYS = tuple(f"2913-{month}-{day:02}" for month in (10, 11, 12) for day in range(1, 31))
_UNMARKED = {
    text.COUNTRY: ("439", "163", "998"),
    text.LANGUAGE: ("pes", "ukr", "arb"),
    text.POSTAL_CODE: ("71364", "72074"),
    text.AGS: ("08416041", "08119079"),
    text.AGS_PREFIX: ("08", "08119"),
    text.TWO_DIGITS: ("03", "07"),
    text.LIST_URI: ("urn:de:xauslaender:codelist:azr:aufenthaltserlaubnis",),
}

Record = dict[str, dict[str, Any]]


def marks_in(haystack: bytes) -> set[str]:
    """Give the marks that stand in it as plain text; a date as the record writes it, however it stands there."""
    return {_GERMAN.sub(r"\3-\2-\1", found.decode()) for found in _MARK.findall(haystack)}


class Marks:
    """Makes marks, and records full of them. The same seed makes the same ones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._number = rng.randrange(26**7)
        self._days: list[str] = []

    def word(self) -> str:
        """Make a text that stands nowhere else."""
        self._number += 1
        rest, letters = self._number, ""
        for _ in range(8):
            rest, digit = divmod(rest, 26)
            letters += chr(ord("a") + digit)
        return TEXT + letters

    def record(self) -> tuple[Record, dict[str, frozenset[str]]]:
        """Fill every leaf of a record; give the marks of each scope that may leave where the scope may.

        The marks of an adult in the household are in no scope: they never leave.
        """
        self._days = self._rng.sample(_DAYS, len(_DAYS))
        record: Record = {}
        for section in fields_of(CaseRecord):
            for item in fields_of(section.kind):
                record.setdefault(section.name, {})[item.name] = self._filled(item)
        record["family"]["household"] = self._household()
        record["residence"]["title"]["code"] = self._text(text.JOBCENTER_NUMBER)  # ten letters or digits are what the lists allow
        record["contact"]["address"]["information_block"] = self._rng.random() < 0.2
        return record, {scope: self._may_leave(scope, value) for scope, value in items_of(record)}

    def _filled(self, field: Field) -> Any:
        if is_typeddict(field.kind):
            return {inner.name: self._filled(inner) for inner in fields_of(field.kind)}
        if get_origin(field.kind) is list:
            kind, marks = element_of(field.kind)
            return [self._filled(Field("", kind, marks, required=True, nullable=False)) for _ in range(self._rng.choice((1, 1, 2)))]
        if get_origin(field.kind) is Literal:
            return self._rng.choice(get_args(field.kind))
        if field.kind is bool:
            return self._rng.random() < 0.5
        if field.kind is int:
            return self._rng.randrange(200)
        return self._text(next(mark for mark in field.marks if mark in text.TEXT_TYPES))

    def _text(self, kind: object) -> str:
        match kind:
            case text.DATE | text.PARTIAL_DATE:
                return self._days.pop()
            case text.TIME:
                return f"{self._days.pop()}T09:30:00+01:00"
            case text.PHONE:
                return f"+{NUMBER}{self._rng.randrange(10**7):07}"
            case text.AZR_NUMBER:
                return f"{NUMBER}{self._rng.randrange(10**4):04}"
            case text.JOBCENTER_NUMBER:
                return f"{JOBCENTER_NUMBER}{self._rng.randrange(10**4):04}"
            case text.EMAIL:
                return f"{self.word()}@{self.word()}.example"
            case text.FREE_TEXT | text.LINE:
                return f"{self.word()} & <{self.word()}> “Größe”; äöü"
            case text.PERSON_NAME | text.PLACE_NAME | text.ORGANISATION_NAME:
                return f"{self.word()} Šäß-{self.word()}"
        return self._rng.choice(_UNMARKED[kind])

    def _household(self) -> list[dict[str, Any]]:
        child = {"relation": "child", "name": {"family": self.word(), "given": self.word()}, "birth": {"date": "2019-05-06"}}
        adult = {"relation": "parent", "name": {"family": self.word(), "given": self.word()}, "birth": {"date": self._days.pop()}}
        unknown = {"relation": "sibling", "name": {"given": self.word()}}
        return self._rng.sample([child, adult, unknown], 3)

    def _may_leave(self, scope: str, value: Any) -> frozenset[str]:
        if scope == "family.household":
            value = [member for member in value if member["relation"] == "child"]
        if scope == "contact.address" and value["information_block"]:
            return frozenset()
        return frozenset(marks_in("\n".join(_texts(value)).encode()))


def items_of(record: Record) -> Iterator[tuple[str, Any]]:
    """Give each item with its scope."""
    for section, items in record.items():
        for item, value in items.items():
            yield f"{section}.{item}", value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
