"""What columns mean that no standard names: the one that people read, and those that say how long a code is taken.

XÖV marks the key column and no other, so they are recognised by the words that published lists use for them: as the column's id, or
as its name, because some lists number their columns.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from imgate.codelists.model import Column

_NAMES = ("beschreibung", "bezeichnung", "name", "kurzbeschreibung", "langbezeichnung", "wert", "text", "label", "description")
_LAST_DAY = ("meldbarbis", "gueltigbis", "gültigbis")
_GONE_FROM = ("entfaelltab", "entfälltab")
_ENDING = frozenset((*_LAST_DAY, *_GONE_FROM))
_GERMAN_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")


def name_column(columns: Sequence[Column], key: str, required: Iterable[str]) -> str | None:
    """Recommend the column that people read; None where there is none.

    One with a usual name, else the only one beside the key, else the first that always has a value.
    """
    others = [column for column in columns if column.id != key]
    named = {_plain(column.name): column.id for column in reversed(others)}
    known = named | {_plain(column.id): column.id for column in reversed(others)}
    always = set(required) if len(others) > 1 else {column.id for column in others}
    return next((known[word] for word in _NAMES if word in known), next((column.id for column in others if column.id in always), None))


def ending_columns(columns: Iterable[Column]) -> Mapping[str, str]:
    """Find the columns that say how long a code is taken: by id, with the word by which ``last_day`` knows what they say."""
    words = ((column.id, word) for column in columns for word in (column.name, column.id) if _plain(word) in _ENDING)
    return dict(words)


def last_day(cells: Iterable[tuple[str, str]]) -> str | None:
    """Give the last day for which a code is taken, from its cells; None where none of them says so in a way that can be read."""
    days = [day for column, cell in cells if (day := _last_day(_plain(column), cell)) is not None]
    return min(days).isoformat() if days else None


def newest(versions: Iterable[str]) -> str | None:
    """Give the version that counts as the newest: numbers in it are compared as numbers (`9` before `17`, dates as written)."""
    return max(versions, key=_in_order, default=None)


def is_newer(version: str, than: str) -> bool:
    """Tell whether a version counts as newer than another."""
    return _in_order(version) > _in_order(than)


def _in_order(version: str) -> tuple[tuple[bool, int, str], ...]:
    parts = re.findall(r"([0-9]+)|([^0-9]+)", version)
    return tuple((bool(word), int(number or 0), word) for number, word in parts)


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+", "", column.casefold())


def _last_day(column: str, cell: str) -> date | None:
    if column not in _ENDING:
        return None
    german = _GERMAN_DAY.fullmatch(cell)
    try:
        day = date.fromisoformat("-".join(reversed(german.groups())) if german else cell)
        return day if column in _LAST_DAY else day - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
