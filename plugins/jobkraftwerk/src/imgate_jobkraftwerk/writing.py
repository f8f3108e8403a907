"""Write a table: one row for what is said once about a client, and one for each entry of a list.

The header holds the columns of the released scopes and of the envelope, no other. A list's entries stand in rows of their
own, because entries of two lists side by side would look as if they belonged together; and each row carries the whole
envelope, because rows get sorted and copied (§ 78 SGB X: purpose and origin travel with the datum).
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from imgate.plugin_api import CONFIDENTIALITY_NOTICE, Envelope, ReleasedRecord, TranslationFault
from imgate_jobkraftwerk import cells, forms
from imgate_jobkraftwerk.leaves import ITEMS, LIST_FORMS, is_known
from imgate_jobkraftwerk.mapping import Column, TableMapping

# What Excel lets one cell hold.
_LONGEST_CELL: Final = 32_767
# Where a problem of the envelope is reported; a fault names a scope or this.
_ENVELOPE: Final = "envelope"

_NOTICE: Final = f"unterliegt der Schweigepflicht ({CONFIDENTIALITY_NOTICE})"

# What keeps a text from being run as a formula, in the kind of file that is written.
_Guard = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it is written: ``steps`` lead to its leaf, ``text`` writes one that is there, ``marks`` that a list has no entry."""

    name: str
    scope: str
    steps: tuple[str, ...]
    marks: bool
    text: Callable[[Any], str]

    @classmethod
    def of(cls, column: Column, mapping: TableMapping) -> "_Column":
        item = ITEMS[column.scope]
        marks = item.many and column.path == item.marker
        steps = tuple(column.path.split(".")) if column.path else ()
        return cls(column.name, column.scope, steps, marks, _writer(column, mapping, marks=marks))


def _writer(column: Column, mapping: TableMapping, *, marks: bool) -> Callable[[Any], str]:
    write = forms.writer(column.leaf, mapping.words, column.separator)
    if column.leaf.form in LIST_FORMS:
        return lambda value: cells.spelt(write(value)) if value else cells.NONE
    return (lambda value: cells.spelt(write(value))) if marks else write


@dataclass(frozen=True, slots=True)
class _Table:
    """The names of the columns, the scope that each belongs to, and the rows below: a text for each column, empty for nothing."""

    header: list[str]
    scopes: list[str]
    rows: list[list[str]]

    def __repr__(self) -> str:
        return f"_Table({len(self.rows)} rows)"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: its kind of content, the scopes that it is about, and a text for each of the released columns."""

    content: str
    scopes: tuple[str, ...]
    texts: list[str]

    def __repr__(self) -> str:
        return f"_Row({self.content})"


class TableWriter:
    """Writes tables by one mapping. How each column is written depends on the mapping alone, and is found out once."""

    def __init__(self, mapping: TableMapping) -> None:
        """Prepare the columns."""
        self._mapping = mapping
        self._columns = tuple(_Column.of(column, mapping) for column in mapping.written)

    def csv(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write ``;``, CRLF, every cell in quotes. Raises TranslationFault for a sign that the mapping's encoding does not have."""
        table, encoding = self._table(released, envelope, cells.guarded), self._mapping.encoding
        target = io.StringIO(newline="")
        writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(table.header)
        writer.writerows(table.rows)
        try:
            return target.getvalue().encode(encoding)
        except UnicodeEncodeError:
            scope = next(scope for row in table.rows for scope, text in zip(table.scopes, row, strict=True) if not _fits(text, encoding))
        # Outside the except block: the error of the codec holds the text.
        raise TranslationFault(scope, 'has a sign that the encoding of the mapping does not have; set encoding = "utf-8", or write XLSX')

    def xlsx(self, released: ReleasedRecord, envelope: Envelope) -> bytes:
        """Write one sheet whose cells are all typed as text. Raises TranslationFault for more text than a cell can hold."""
        table = self._table(released, envelope, cells.guarded_as_text)
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
            # The library would put the present time here; everything else that it writes is the same each time.
            workbook.set_properties({"created": datetime.fromisoformat(envelope.created_at)})
            sheet = workbook.add_worksheet("imgate")
            as_text = workbook.add_format({"num_format": "@", "valign": "top"})
            sheet.set_column(0, len(table.header) - 1, 18, as_text)
            sheet.freeze_panes(1, 0)
            for line, row in enumerate([table.header, *table.rows]):
                for index, text in enumerate(row):
                    if len(text) > _LONGEST_CELL:
                        raise TranslationFault(table.scopes[index], "has more text than one cell of a workbook can hold; write CSV instead")
                    if text:
                        sheet.write_string(line, index, text, as_text)
        return target.getvalue()

    def _table(self, released: ReleasedRecord, envelope: Envelope, guarded: _Guard) -> _Table:
        """Give the envelope, the released columns, and what goes with them, with each text guarded that did not come from here."""
        columns = [column for column in self._columns if column.scope in released.releases]
        names = self._mapping.envelope
        first = {
            names["message_id"]: envelope.message_id,
            names["created_at"]: envelope.created_at,
            names["sender"]: envelope.sender,
            names["recipient"]: envelope.recipient,
            names["reference"]: envelope.reference,
            names["purpose"]: self._mapping.words["purpose"].word(envelope.purpose),
        }
        before = [*first, names["row"], names["content"]]
        repeated = [guarded(text) for text in first.values()]
        said: dict[tuple[str, ...], str] = {}
        rows = []
        for number, row in enumerate(_rows(released, columns, guarded), start=1):
            if row.scopes not in said:  # the rows of one list say the same
                said[row.scopes] = _releases(released, row.scopes)
            rows.append([*repeated, str(number), row.content, *row.texts, said[row.scopes], _NOTICE])
        scopes = [*[_ENVELOPE] * len(before), *(column.scope for column in columns), _ENVELOPE, _ENVELOPE]
        return _Table([*before, *(column.name for column in columns), names["releases"], names["notice"]], scopes, rows)


def _rows(released: ReleasedRecord, columns: Sequence[_Column], guarded: _Guard) -> Iterator[_Row]:
    by_scope: dict[str, list[tuple[int, _Column]]] = {}
    for index, column in enumerate(columns):
        by_scope.setdefault(column.scope, []).append((index, column))
    if once := tuple(scope for scope in by_scope if not ITEMS[scope].many):
        row = _Row(ITEMS[once[0]].content, once, [""] * len(columns))
        for scope in once:
            _fill(row.texts, by_scope[scope], _item(released, scope), guarded)
        yield row
    for scope, mine in by_scope.items():
        item = ITEMS[scope]
        if not item.many:
            continue
        entries: Sequence[Mapping[str, Any]] = _item(released, scope)
        if not entries:
            texts = [""] * len(columns)
            for index, column in mine:
                if column.marks:
                    texts[index] = cells.NONE
            yield _Row(item.content, (scope,), texts)
        for entry in entries:
            row = _Row(item.content, (scope,), [""] * len(columns))
            _fill(row.texts, mine, entry, guarded)
            yield row


def _fill(texts: list[str], columns: Sequence[tuple[int, _Column]], item: Any, guarded: _Guard) -> None:
    for index, column in columns:
        value = item
        for step in column.steps:
            value = None if value is None else value.get(step)
        if value is not None:
            texts[index] = guarded(column.text(value))


def _item(released: ReleasedRecord, scope: str) -> Any:
    """Give one item. Raises TranslationFault for a leaf that these tables do not know, rather than leave it out silently."""
    section, _, name = scope.partition(".")
    item, known = released.record[section][name], ITEMS[scope]
    for entry in item if known.many else [item]:
        if not is_known(known, entry):
            raise TranslationFault(scope, "has a leaf that these tables do not know, or lacks one that they need")
    return item


def _releases(released: ReleasedRecord, scopes: Sequence[str]) -> str:
    """Say for each of the scopes who discloses it, where it came from, and the last day of the permission."""
    said = []
    for scope in scopes:
        release = released.releases[scope]
        origin = "selbst" if release.origin == "self" else release.origin
        said.append(cells.escaped(f"{scope}: {release.discloser}, {origin}, bis {release.until}", "|"))
    return cells.joined(said, "|")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
