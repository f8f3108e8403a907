"""Each form of a leaf as the text of a cell, and back.

What was written is read again exactly; reading takes more than is written, because exports come from people.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import phonenumbers

from imgate_jobkraftwerk import cells
from imgate_jobkraftwerk.cells import CellUnusable
from imgate_jobkraftwerk.leaves import Form, Leaf
from imgate_jobkraftwerk.words import ValueList

_GERMAN_DATE: Final = re.compile(r"(?:(?:(\d{1,2})\.)?(\d{1,2})\.)?(\d{4})\Z", re.ASCII)
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?\Z", re.ASCII)
_TIME: Final = re.compile(r"(\S+?)[ T](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(?: Uhr)? ?(Z|[-+]\d{2}:\d{2})?\Z", re.ASCII)
_RFC3339: Final = re.compile(r"(.{10})T(.{5})(:[0-9.]+)(.+)")
_NUMBER: Final = re.compile(r"\d{1,4}\Z", re.ASCII)
_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}\Z")
_PHONE_SIGNS: Final = re.compile(r"[-+0-9 ()/.\u2013\u00a0]+\Z")
# A time without an offset is the clock on the wall of the office.
_OFFICE: Final = "Europe/Berlin"
_YES_NO: Final[Mapping[str, bool]] = {"ja": True, "wahr": True, "true": True, "nein": False, "falsch": False, "false": False}


def writer(leaf: Leaf, words: Mapping[str, ValueList], separator: str) -> Callable[[Any], str]:
    """Give what writes such a leaf as the text of a cell. It is never given None; an empty list is ``keine``."""
    match leaf.form:
        case Form.TEXT | Form.PHONE | Form.NUMBER:
            return str
        case Form.WORD:
            return _list(leaf, words).word
        case Form.DATE | Form.PARTIAL_DATE:
            return _german
        case Form.TIME:
            return _written_time
        case Form.YES_NO:
            return _yes_or_no
        case Form.WORDS:
            word = _list(leaf, words).word
            return lambda codes: cells.joined((cells.escaped(word(code), separator) for code in codes), separator)
        case Form.TEXTS:
            return lambda texts: cells.joined((cells.escaped(text, separator) for text in texts), separator)
        case Form.CHANNELS:
            kinds = _list(leaf, words)
            return lambda channels: cells.joined((_written_channel(channel, kinds, separator) for channel in channels), separator)


def reader(leaf: Leaf, words: Mapping[str, ValueList], separator: str) -> Callable[[str], Any]:
    """Give what reads such a leaf from a tidy cell that is not empty. What it gives raises CellUnusable."""
    match leaf.form:
        case Form.TEXT:
            return str
        case Form.NUMBER:
            return lambda cell: int(_matched(_NUMBER, cell, "number_invalid")[0])
        case Form.DATE:
            return _read_day
        case Form.PARTIAL_DATE:
            return _read_date
        case Form.TIME:
            return _read_time
        case Form.YES_NO:
            return lambda cell: _known(_YES_NO.get(cell.casefold()))
        case Form.PHONE:
            return _read_phone
        case Form.WORD:
            code = _list(leaf, words).code
            return lambda cell: _known(code(cell))
        case Form.WORDS:
            return partial(_read_words, _list(leaf, words), separator)
        case Form.TEXTS:
            return lambda cell: [cells.plain(part) for part in cells.parts(cell, separator)]
        case Form.CHANNELS:
            kinds = _list(leaf, words)
            return lambda cell: [_read_channel(part, kinds) for part in cells.parts(cell, separator)]


def _list(leaf: Leaf, words: Mapping[str, ValueList]) -> ValueList:
    return words[leaf.words or ""]


def _known(value: Any) -> Any:
    if value is None:
        raise CellUnusable("not_in_list")
    return value


def _matched(pattern: re.Pattern[str], cell: str, code: str) -> re.Match[str]:
    match = pattern.match(cell)
    if match is None:
        raise CellUnusable(code)
    return match


def _yes_or_no(value: bool) -> str:
    return "ja" if value else "nein"


def _german(iso: str) -> str:
    return ".".join(reversed(iso.split("-")))


def _written_time(value: str) -> str:
    day, minutes, seconds, offset = _matched(_RFC3339, value, "time_invalid").groups()
    return f"{_german(day)} {minutes}{'' if seconds == ':00' else seconds} {offset}"


def _read_date(cell: str) -> str:
    """Read ``14.07.1979`` ``07.1979`` ``1979`` or their ISO forms, and make nothing more precise than it was said."""
    if iso := _ISO_DATE.match(cell):
        year, month, day = iso.groups()
    else:
        day, month, year = _matched(_GERMAN_DATE, cell, "date_invalid").groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise CellUnusable("date_invalid") from None
    return "-".join([part.zfill(2) for part in (year, month, day) if part])


def _read_day(cell: str) -> str:
    day = _read_date(cell)
    if len(day) < len("1979-07-14"):
        raise CellUnusable("date_invalid")
    return day


def _read_time(cell: str) -> str:
    day, minutes, seconds, offset = _matched(_TIME, cell, "time_invalid").groups()
    local = f"{_read_day(day)}T{minutes}{seconds or ':00'}"
    if offset is not None:
        return local + offset
    try:
        naive = datetime.fromisoformat(local[:19])
    except ValueError:
        raise CellUnusable("time_invalid") from None
    first, second = (naive.replace(tzinfo=ZoneInfo(_OFFICE), fold=fold) for fold in (0, 1))
    # In the two nights when the clock is changed an hour does not exist, or exists twice: nobody can tell which was meant.
    if first.utcoffset() != second.utcoffset() or first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != naive:
        raise CellUnusable("time_invalid")
    return local + first.isoformat()[-6:]


def _read_phone(cell: str) -> str:
    if _E164.match(cell):
        return cell
    _matched(_PHONE_SIGNS, cell, "phone_invalid")
    try:
        number = phonenumbers.parse(cell, "DE")
    except phonenumbers.NumberParseException:
        raise CellUnusable("phone_invalid") from None
    if not phonenumbers.is_valid_number(number):
        raise CellUnusable("phone_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read_words(known: ValueList, separator: str, cell: str) -> list[str]:
    # A name may hold the separator itself ("Korea, Republik"), so the whole cell is tried first.
    whole = known.code(cell)
    return [whole] if whole else [_known(known.code(cells.plain(part))) for part in cells.parts(cell, separator)]


def _written_channel(channel: Mapping[str, Any], kinds: ValueList, separator: str) -> str:
    note = channel.get("note")
    said = f"{cells.escaped(kinds.word(channel['kind']), ':' + separator)}: {cells.escaped(channel['value'], '(' + separator)}"
    return said if note is None else f"{said} ({cells.escaped(note, separator)})"


def _read_channel(part: str, kinds: ValueList) -> dict[str, str]:
    kind, *rest = cells.split(part, ":", most=1)
    code = kinds.code(cells.plain(kind))
    if code is None or not rest:
        raise CellUnusable("channel_invalid")
    value, *notes = cells.split(rest[0].rstrip(), "(", most=1)
    channel = {"kind": code, "value": cells.plain(value)}
    if notes:
        if not notes[0].endswith(")"):
            raise CellUnusable("channel_invalid")
        channel["note"] = cells.plain(notes[0][:-1])
    return channel
