"""Read OASIS genericode 1.0, the form in which XÖV publishes its code lists.

The root is in a namespace and its children are in none. Which column is the key is said by ``ColumnSet/Key/ColumnRef/@Ref``, and differs
from list to list. A file comes from whoever downloaded it, so it passes the same guard as a partner's message.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from lxml import etree

from imgate.codelists.columns import ending_columns, last_day, name_column
from imgate.codelists.model import CodeList, Column, Entry
from imgate.plugin_api.errors import MessageUnreadable
from imgate.plugin_api.xml_read import line_of, parse_message

NAMESPACE = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
MAX_BYTES = 64 * 1024 * 1024
ROWS_MAX = 200_000
COLUMNS_MAX = 100
_CODE_MAX, _CELL_MAX = 200, 10_000

# As the audit log and a message's attributes can carry them.
_is_uri = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[!-~]{1,90}").fullmatch
_is_version = re.compile(r"[!-~]{1,64}").fullmatch
# What XÖV marks the key with, in the versions 1, 3 and 4 of its own additions.
_RECOMMENDED = frozenset({"xoev-code", "empfohleneCodeSpalte", "recommendedKeyColumn"})


class ListProblem(StrEnum):
    """What can be wrong with a file."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NOT_UTF8 = "not_utf8"
    DTD_REFUSED = "dtd_refused"
    NOT_WELLFORMED = "not_wellformed"
    TOO_DEEP = "too_deep"
    ROOT_UNKNOWN = "root_unknown"
    IDENTIFICATION_MISSING = "identification_missing"
    IDENTIFICATION_UNUSABLE = "identification_unusable"
    COLUMNS_MISSING = "columns_missing"
    COLUMNS_ELSEWHERE = "columns_elsewhere"
    COLUMNS_UNUSABLE = "columns_unusable"
    KEY_MISSING = "key_missing"
    KEY_UNKNOWN = "key_unknown"
    SEVERAL_KEYS = "several_keys"
    KEY_OF_SEVERAL_COLUMNS = "key_of_several_columns"
    NAME_COLUMN_UNKNOWN = "name_column_unknown"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    COLUMN_UNKNOWN = "column_unknown"
    VALUE_TWICE = "value_twice"
    VALUE_NOT_SIMPLE = "value_not_simple"
    VALUE_TOO_LONG = "value_too_long"
    CODE_MISSING = "code_missing"
    CODE_TWICE = "code_twice"


_SENTENCES: Mapping[ListProblem, str] = {
    ListProblem.TOO_LARGE: f"the file is larger than {MAX_BYTES // 1024**2} MiB",
    ListProblem.EMPTY: "the file is empty",
    ListProblem.NOT_UTF8: "the file is not UTF-8: save it as UTF-8, with an XML declaration that says so",
    ListProblem.DTD_REFUSED: "the file has a document type definition, which is not read; a web page that was saved in its place has one",
    ListProblem.NOT_WELLFORMED: "this is no well-formed XML; a download may have been cut, or be of another kind (JSON, ZIP)",
    ListProblem.TOO_DEEP: "the elements are nested too deep",
    ListProblem.ROOT_UNKNOWN: f"this is no code list: its root is not CodeList in {NAMESPACE}",
    ListProblem.IDENTIFICATION_MISSING: "Identification lacks CanonicalUri, CanonicalVersionUri or Version",
    ListProblem.IDENTIFICATION_UNUSABLE: "CanonicalUri is no URI of at most 120 visible ASCII characters, "
    "or Version not of at most 64, or one is said twice",
    ListProblem.COLUMNS_MISSING: "there is no ColumnSet with columns",
    ListProblem.COLUMNS_ELSEWHERE: "the columns are described in another file, which is not fetched: take a file that holds all of it",
    ListProblem.COLUMNS_UNUSABLE: f"a column has no id, or the id of another one, or there are more than {COLUMNS_MAX} columns",
    ListProblem.KEY_MISSING: "ColumnSet names no key, so nobody can say which column holds the codes",
    ListProblem.KEY_UNKNOWN: "there is no such key, or two of one id, or it names a column that the file does not have",
    ListProblem.SEVERAL_KEYS: "there is more than one key and none is marked as the recommended one: say which by --key",
    ListProblem.KEY_OF_SEVERAL_COLUMNS: "the key is made of several columns; a code in a message is one value",
    ListProblem.NAME_COLUMN_UNKNOWN: "there is no such column for the names, or it is the key",
    ListProblem.NO_ROWS: "the list has no rows",
    ListProblem.TOO_MANY_ROWS: f"the list has more than {ROWS_MAX:,} rows",
    ListProblem.COLUMN_UNKNOWN: "a value stands in a column that the file does not have",
    ListProblem.VALUE_TWICE: "a row has two values in one column",
    ListProblem.VALUE_NOT_SIMPLE: "a value is no single SimpleValue",
    ListProblem.VALUE_TOO_LONG: f"a code is longer than {_CODE_MAX} characters, or another value than {_CELL_MAX:,}",
    ListProblem.CODE_MISSING: "a row has no code",
    ListProblem.CODE_TWICE: "a code stands twice",
}


class CodeListUnreadable(Exception):
    """Whoever imports the file must act: take another one, or say more. Carries a code, the line, and what there is to choose from."""

    def __init__(self, code: ListProblem, line: int | None = None, choices: tuple[str, ...] = ()) -> None:
        """Name the problem; ``choices`` are ids of keys or columns of the file."""
        there_are = f" (there are: {', '.join(choices)})" if choices else ""
        super().__init__(f"{'' if line is None else f'line {line}: '}{_SENTENCES[code]}{there_are}")
        self.code = code
        self.line = line


def read_code_list(content: bytes, *, key: str | None = None, column_of_names: str | None = None) -> CodeList:
    """Read one file. ``key`` is the id of a Key, needed where there are several; ``column_of_names`` overrules the recommended one.

    Blanks around values are taken off. Raises CodeListUnreadable, and nothing else.
    """
    root = _parsed(content)
    if root.tag != f"{{{NAMESPACE}}}CodeList":
        raise CodeListUnreadable(ListProblem.ROOT_UNKNOWN, line_of(root))
    uri, version, version_uri, title = _identification(root)
    column_set = root.find("ColumnSet")
    if column_set is None:
        elsewhere = root.find("ColumnSetRef") is not None
        raise CodeListUnreadable(ListProblem.COLUMNS_ELSEWHERE if elsewhere else ListProblem.COLUMNS_MISSING, line_of(root))
    columns = _columns(column_set)
    ids = [column.id for column in columns]
    code_column = _key_column(column_set, ids, key)
    if column_of_names is not None and (column_of_names == code_column or column_of_names not in ids):
        raise CodeListUnreadable(ListProblem.NAME_COLUMN_UNKNOWN, choices=_shown(column for column in ids if column != code_column))
    required = [column.get("Id", "") for column in column_set.iterfind("Column") if column.get("Use") == "required"]
    names = column_of_names or name_column(columns, code_column, required)
    return CodeList(uri, version, version_uri, title, columns, code_column, names, tuple(_entries(root, columns, code_column, names)))


def _parsed(content: bytes) -> etree._Element:
    try:
        return parse_message(content, MAX_BYTES)
    except MessageUnreadable as error:
        unreadable = CodeListUnreadable(ListProblem(error.code), error.line)
    raise unreadable  # outside of `except`: the foreign error must not hang on ours


def _identification(root: etree._Element) -> tuple[str, str, str, str]:
    found = root.find("Identification")
    if found is None:
        raise CodeListUnreadable(ListProblem.IDENTIFICATION_MISSING, line_of(root))
    named = [found.findall(name) for name in ("CanonicalUri", "CanonicalVersionUri", "Version")]
    if len(root.findall("Identification")) > 1 or any(len(parts) > 1 or len(parts[0]) for parts in named if parts):
        raise CodeListUnreadable(ListProblem.IDENTIFICATION_UNUSABLE, line_of(found))
    uri, version_uri, version = (_text(parts[0]) if parts else "" for parts in named)
    if not uri or not version_uri or not version:
        raise CodeListUnreadable(ListProblem.IDENTIFICATION_MISSING, line_of(found))
    if not _is_uri(uri) or not _is_version(version):
        raise CodeListUnreadable(ListProblem.IDENTIFICATION_UNUSABLE, line_of(found))
    return uri, version, version_uri[:_CELL_MAX], (_text(found.find("LongName")) or _text(found.find("ShortName")) or uri)[:_CELL_MAX]


def _columns(column_set: etree._Element) -> tuple[Column, ...]:
    columns: dict[str, Column] = {}
    for child in column_set:
        if child.tag == "ColumnRef":
            raise CodeListUnreadable(ListProblem.COLUMNS_ELSEWHERE, line_of(child))
        if child.tag != "Column":
            continue
        column = (child.get("Id") or "").strip()
        if not column or column in columns or len(column) > _CODE_MAX or len(columns) == COLUMNS_MAX:
            raise CodeListUnreadable(ListProblem.COLUMNS_UNUSABLE, line_of(child))
        name = _text(child.find("LongName")) or _text(child.find("ShortName")) or column
        columns[column] = Column(column, name[:_CODE_MAX])
    if not columns:
        raise CodeListUnreadable(ListProblem.COLUMNS_MISSING, line_of(column_set))
    return tuple(columns.values())


def _key_column(column_set: etree._Element, columns: list[str], wanted: str | None) -> str:
    named = [(key.get("Id", ""), key) for key in column_set.iterfind("Key")]
    keys = dict(named)
    if not keys:
        elsewhere = column_set.find("KeyRef") is not None
        raise CodeListUnreadable(ListProblem.COLUMNS_ELSEWHERE if elsewhere else ListProblem.KEY_MISSING, line_of(column_set))
    if len(keys) < len(named):  # of two that are called the same nobody can say which is meant
        raise CodeListUnreadable(ListProblem.KEY_UNKNOWN, line_of(column_set), _shown(keys))
    candidates = [wanted] if wanted is not None else [id_ for id_, key in keys.items() if _is_recommended(key)] or list(keys)
    if len(candidates) > 1:
        raise CodeListUnreadable(ListProblem.SEVERAL_KEYS, line_of(column_set), _shown(keys))
    if candidates[0] not in keys:
        raise CodeListUnreadable(ListProblem.KEY_UNKNOWN, line_of(column_set), _shown(keys))
    key = keys[candidates[0]]
    references = key.findall("ColumnRef")
    if any(reference.get("ExternalRef") for reference in references):
        raise CodeListUnreadable(ListProblem.COLUMNS_ELSEWHERE, line_of(key))
    referenced = [(reference.get("Ref") or "").strip() for reference in references]
    if len(referenced) > 1:
        raise CodeListUnreadable(ListProblem.KEY_OF_SEVERAL_COLUMNS, line_of(key))
    if not referenced or referenced[0] not in columns:
        raise CodeListUnreadable(ListProblem.KEY_UNKNOWN, line_of(key))
    return referenced[0]


def _is_recommended(key: etree._Element) -> bool:
    return any(etree.QName(mark).localname in _RECOMMENDED for mark in key.iterfind("Annotation/AppInfo/*"))


def _entries(root: etree._Element, columns: tuple[Column, ...], key: str, names: str | None) -> Iterator[Entry]:
    seen: set[str] = set()
    ids = [column.id for column in columns]
    places = {column: place for place, column in enumerate(ids)}
    ending = ending_columns(columns)
    for row in root.iterfind("SimpleCodeList/Row"):
        if len(seen) == ROWS_MAX:
            raise CodeListUnreadable(ListProblem.TOO_MANY_ROWS, line_of(row))
        cells = _cells(row, places, ids)
        code = cells.pop(key, None)
        if not code:
            raise CodeListUnreadable(ListProblem.CODE_MISSING, line_of(row))
        if code in seen:
            raise CodeListUnreadable(ListProblem.CODE_TWICE, line_of(row))
        if len(code) > _CODE_MAX:
            raise CodeListUnreadable(ListProblem.VALUE_TOO_LONG, line_of(row))
        seen.add(code)
        ends = last_day((word, cells[column]) for column, word in ending.items() if column in cells)
        yield Entry(code, None if names is None else cells.pop(names, None), ends, cells)
    if not seen:
        raise CodeListUnreadable(ListProblem.NO_ROWS, line_of(root))


def _cells(row: etree._Element, columns: Mapping[str, int], ids: list[str]) -> dict[str, str]:
    """Read one row. A value without ColumnRef stands in the column after that of the value before it."""
    cells: dict[str, str] = {}
    seen: set[str] = set()
    following = 0
    for value in row:
        if value.tag != "Value":
            continue
        column = value.get("ColumnRef") or (ids[following] if following < len(ids) else "")
        if column not in columns:
            raise CodeListUnreadable(ListProblem.COLUMN_UNKNOWN, line_of(value))
        if column in seen:
            raise CodeListUnreadable(ListProblem.VALUE_TWICE, line_of(value))
        seen.add(column)
        following = columns[column] + 1
        cell = _cell(value)
        if cell:
            cells[column] = cell
    return cells


def _cell(value: etree._Element) -> str:
    simple = value.findall("SimpleValue")
    if len(simple) > 1 or any(len(one) for one in simple) or value.find("ComplexValue") is not None:
        raise CodeListUnreadable(ListProblem.VALUE_NOT_SIMPLE, line_of(value))
    cell = _text(simple[0]) if simple else ""
    if len(cell) > _CELL_MAX:
        raise CodeListUnreadable(ListProblem.VALUE_TOO_LONG, line_of(value))
    return cell


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _shown(ids: Iterator[str] | Mapping[str, object] | list[str]) -> tuple[str, ...]:
    """Give ids of the file as an error shows them: a few, and none that would spoil a terminal."""
    return tuple(id_ for id_ in ids if id_.isprintable() and len(id_) <= _CODE_MAX)[:COLUMNS_MAX]
