"""The mapping: which column of a table holds which leaf of the case record.

Whoever gets it wrong is an operator with an editor, so each mistake is answered with one sentence that names the table and
the column. A mapping can only narrow what ``leaves.ITEMS`` allows.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from imgate.plugin_api import SettingsInvalid
from imgate_jobkraftwerk import cells
from imgate_jobkraftwerk.leaves import ABSENT, ITEMS, LIST_FORMS, Leaf
from imgate_jobkraftwerk.words import ValueList, read_value_lists

ENCODINGS: Final[Mapping[str, str]] = MappingProxyType({"utf-8": "utf-8-sig", "windows-1252": "cp1252"})
ENVELOPE: Final = ("message_id", "created_at", "sender", "recipient", "reference", "purpose", "row", "content", "releases", "notice")

_NAME_LONGEST: Final = 100
_UNSAFE_NAME: Final = re.compile(r"[-=+@'\s]|.*\s\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a leaf. ``path`` is the leaf's within its item; ``drop_first`` are words before the value."""

    name: str
    scope: str
    path: str
    leaf: Leaf
    separator: str = "|"
    drop_first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of table that is read. ``without_scope`` are columns without a leaf that may be named in reports."""

    name: str
    reference: str
    columns: tuple[Column, ...]
    without_scope: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    message_id: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping that was checked. ``sheets`` begins with the table that imgate itself writes."""

    encoding: str
    envelope: Mapping[str, str]
    written: tuple[Column, ...]
    sheets: tuple[Sheet, ...]
    words: Mapping[str, ValueList]


def read_mapping(text: str) -> TableMapping:
    """Read a mapping file. Raises SettingsInvalid with the first mistake."""
    try:
        mapping = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"the file is not TOML: {error}") from None
    _no_others("the file", mapping, ("message", "sheets", "values"))
    message = _table("[message]", mapping.get("message"))
    _no_others("[message]", message, ("encoding", "envelope", "columns"))
    encoding = message.get("encoding", "utf-8")
    if not isinstance(encoding, str) or encoding not in ENCODINGS:
        raise _invalid(f"[message] encoding must be one of {', '.join(ENCODINGS)}")
    envelope = _envelope(_table("[message.envelope]", message.get("envelope")))
    written = _columns("[message.columns]", message.get("columns"), list(envelope.values()))
    if special := next((column for column in written if column.drop_first or column.leaf.kind), None):
        raise _invalid(
            f"[message.columns] {special.name}: what is written must be readable again, "
            "so neither drop_first nor a single kind of channel can stand here"
        )
    own = Sheet(
        "message",
        envelope["reference"],
        written,
        silent=tuple(envelope[part] for part in ENVELOPE if part not in ("reference", "message_id", "purpose")),
        message_id=envelope["message_id"],
        purpose=envelope["purpose"],
    )
    sheets = [_sheet(name, sheet, own) for name, sheet in _table("[sheets]", mapping.get("sheets", {})).items()]
    words = read_value_lists(_table("[values]", mapping.get("values", {})))
    return TableMapping(ENCODINGS[encoding], envelope, written, (own, *sheets), words)


def folded(name: str) -> str:
    """Return a column's name as it is compared: blanks at the ends, and upper and lower case, do not matter."""
    return " ".join(cells.tidy(name).casefold().split())


def _envelope(table: Mapping[str, object]) -> Mapping[str, str]:
    _no_others("[message.envelope]", table, ENVELOPE)
    names = {part: _name("[message.envelope]", table.get(part), part) for part in ENVELOPE}
    _no_name_twice("[message.envelope]", list(names.values()))
    return MappingProxyType(names)


def _sheet(name: str, value: object, own: Sheet) -> Sheet:
    where = f"[sheets.{name}]"
    table = _table(where, value)
    _no_others(where, table, ("reference", "without_scope", "columns"))
    reference = _name(where, table.get("reference"), "reference")
    without_scope = tuple(_name(where, said, "without_scope") for said in _words(where, "without_scope", table.get("without_scope", [])))
    columns = _columns(f"[sheets.{name}.columns]", table.get("columns"), [reference, *without_scope])
    if folded(own.message_id or "") in {folded(known) for known in (reference, *without_scope, *(column.name for column in columns))}:
        raise _invalid(f"{where} has the column {own.message_id}, by which a table is known for one that imgate wrote")
    return Sheet(f"sheets.{name}", reference, columns, without_scope)


def _columns(where: str, value: object, others: list[str]) -> tuple[Column, ...]:
    columns = tuple(_column(where, name, said) for name, said in _table(where, value).items())
    _no_name_twice(where, [*others, *(column.name for column in columns)])
    leaves: dict[tuple[str, str], str] = {}
    for column in columns:
        other = leaves.setdefault((column.scope, column.path), column.name)
        if other != column.name:
            raise _invalid(f"{where} has two columns for {written_path(column.scope, column.path)}: {other} and {column.name}")
    for scope in dict.fromkeys(column.scope for column in columns):
        for path, leaf in ITEMS[scope].leaves.items():
            if leaf.required and (scope, path) not in leaves:
                raise _invalid(
                    f"{where} has columns for {scope}, but none for {written_path(scope, path)}, without which the rest cannot be used"
                )
    return columns


def _column(where: str, name: str, said: object) -> Column:
    name = _name(where, name, "a column")
    table = _table(f"{where} {name}", {"leaf": said} if isinstance(said, str) else said)
    _no_others(f"{where} {name}", table, ("leaf", "separator", "drop_first"))
    scope, path = _leaf(f"{where} {name}", table.get("leaf"))
    leaf = ITEMS[scope].leaves[path]
    separator = table.get("separator", "|")
    if not isinstance(separator, str) or len(separator) != 1 or separator not in cells.SEPARATORS:
        raise _invalid(f"{where} {name}: separator must be one of {' '.join(cells.SEPARATORS)}")
    if "separator" in table and leaf.form not in LIST_FORMS:
        raise _invalid(f"{where} {name}: {written_path(scope, path)} is no list, so it has no separator")
    return Column(name, scope, path, leaf, separator, _words(f"{where} {name}", "drop_first", table.get("drop_first", [])))


def _leaf(where: str, said: object) -> tuple[str, str]:
    if not isinstance(said, str):
        raise _invalid(f'{where} must name a leaf of the case record, such as "person.name.family"')
    section, _, rest = said.partition(".")
    item, _, path = rest.partition(".")
    scope = f"{section}.{item}"
    if scope in ITEMS and path in ITEMS[scope].leaves:
        return scope, path
    if scope in ABSENT:
        raise _invalid(f"{where}: {scope} has no place in these tables ({ABSENT[scope]})")
    known = [written_path(scope, path) for scope, item in ITEMS.items() for path in item.leaves]
    near = difflib.get_close_matches(said, known, n=1)
    raise _invalid(f"{where}: there is no leaf {said}" + (f"; did you mean {near[0]}?" if near else ""))


def written_path(scope: str, path: str) -> str:
    """Write a leaf as a mapping names it."""
    return f"{scope}.{path}" if path else scope


def _table(where: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _invalid(f"{where} is missing, or is no table")
    return value


def _words(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise _invalid(f"{where}: {key} must be a list of texts in quotation marks")
    return tuple(value)


def _name(where: str, value: object, what: str) -> str:
    if not isinstance(value, str) or not value or len(value) > _NAME_LONGEST or not value.isprintable() or _UNSAFE_NAME.match(value):
        raise _invalid(
            f"{where}: the name of {what} must have 1 to {_NAME_LONGEST} printable characters, "
            "must not begin with one of = + - @ ' and not begin or end with a blank"
        )
    return value


def _no_name_twice(where: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if folded(name) in seen:
            raise _invalid(f"{where}: the column {name} stands twice in one table")
        seen.add(folded(name))


def _no_others(where: str, table: Mapping[str, object], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise _invalid(f"{where} does not know {key}; it knows {', '.join(known)}")


def _invalid(sentence: str) -> SettingsInvalid:
    return SettingsInvalid("mapping", sentence)
