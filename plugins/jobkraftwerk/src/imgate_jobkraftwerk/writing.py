"""Write a table: one row for what is said once about a client, and one for each entry of a list.

The header holds the columns of the released scopes and of the envelope, no other. A list's entries stand in rows of their
own, because entries of two lists side by side would look as if they belonged together; and each row carries the whole
envelope, because rows get sorted and copied (§ 78 SGB X: purpose and origin travel with the datum).
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
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


def write_csv(released: ReleasedRecord, envelope: Envelope, mapping: TableMapping) -> bytes:
    """Write ``;``, CRLF, every cell in quotes. Raises TranslationFault for a sign that the mapping's encoding does not have."""
    table = _table(released, envelope, mapping)
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(table.header)
    writer.writerows([[text and cells.guarded(text, typed=False) for text in row] for row in table.rows])
    try:
        return target.getvalue().encode(mapping.encoding)
    except UnicodeEncodeError:
        scope = next(
            scope for row in table.rows for scope, text in zip(table.scopes, row, strict=True) if not _fits(text, mapping.encoding)
        )
    # Outside the except block: the error of the codec holds the text.
    raise TranslationFault(scope, 'has a sign that the encoding of the mapping does not have; set encoding = "utf-8", or write XLSX')


def write_xlsx(released: ReleasedRecord, envelope: Envelope, mapping: TableMapping) -> bytes:
    """Write one sheet whose cells are all typed as text. Raises TranslationFault for more text than a cell can hold."""
    table = _table(released, envelope, mapping)
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
                guarded = cells.guarded(text, typed=True) if line else text
                if len(guarded) > _LONGEST_CELL:
                    raise TranslationFault(table.scopes[index], "has more text than one cell of a workbook can hold; write CSV instead")
                if guarded:
                    sheet.write_string(line, index, guarded, as_text)
    return target.getvalue()


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
    """One row: its kind of content, the scopes that it is about, and its texts by the index among the released columns."""

    content: str
    scopes: tuple[str, ...]
    texts: Mapping[int, str]

    def __repr__(self) -> str:
        return f"_Row({self.content})"


def _table(released: ReleasedRecord, envelope: Envelope, mapping: TableMapping) -> _Table:
    """Give the envelope, the released columns, and what goes with them."""
    columns = [column for column in mapping.written if column.scope in released.releases]
    names = mapping.envelope
    first = {
        names["message_id"]: envelope.message_id,
        names["created_at"]: envelope.created_at,
        names["sender"]: envelope.sender,
        names["recipient"]: envelope.recipient,
        names["reference"]: envelope.reference,
        names["purpose"]: mapping.words["purpose"].word(envelope.purpose),
    }
    before = [*first, names["row"], names["content"]]
    said: dict[tuple[str, ...], str] = {}
    rows = []
    for number, row in enumerate(_rows(released, columns, mapping), start=1):
        if row.scopes not in said:  # the rows of one list say the same
            said[row.scopes] = _releases(released, row.scopes)
        texts = [""] * len(columns)
        for index, text in row.texts.items():
            texts[index] = text
        rows.append([*first.values(), str(number), row.content, *texts, said[row.scopes], _NOTICE])
    scopes = [*[_ENVELOPE] * len(before), *(column.scope for column in columns), _ENVELOPE, _ENVELOPE]
    return _Table([*before, *(column.name for column in columns), names["releases"], names["notice"]], scopes, rows)


def _rows(released: ReleasedRecord, columns: Sequence[Column], mapping: TableMapping) -> Iterator[_Row]:
    by_scope: dict[str, list[tuple[int, Column]]] = {}
    for index, column in enumerate(columns):
        by_scope.setdefault(column.scope, []).append((index, column))
    if once := tuple(scope for scope in by_scope if not ITEMS[scope].many):
        texts = [_texts(by_scope[scope], _item(released, scope), mapping) for scope in once]
        yield _Row(ITEMS[once[0]].content, once, dict(pair for row in texts for pair in row.items()))
    for scope, mine in by_scope.items():
        item = ITEMS[scope]
        if not item.many:
            continue
        entries: Sequence[Mapping[str, Any]] = _item(released, scope)
        if not entries:
            yield _Row(item.content, (scope,), {index: cells.NONE for index, column in mine if column.path == item.marker})
        for entry in entries:
            yield _Row(item.content, (scope,), _texts(mine, entry, mapping))


def _texts(columns: Sequence[tuple[int, Column]], item: Any, mapping: TableMapping) -> dict[int, str]:
    return {index: text for index, column in columns if (text := _cell(column, item, mapping)) is not None}


def _item(released: ReleasedRecord, scope: str) -> Any:
    """Give one item. Raises TranslationFault for a leaf that these tables do not know, rather than leave it out silently."""
    section, _, name = scope.partition(".")
    item = released.record[section][name]
    for entry in item if ITEMS[scope].many else [item]:
        if not is_known(ITEMS[scope].leaves, entry):
            raise TranslationFault(scope, "has a leaf that these tables do not know, or lacks one that they need")
    return item


def _cell(column: Column, item: Any, mapping: TableMapping) -> str | None:
    value, path = item, column.path
    if "." in path:
        for step in path.split("."):
            value = None if value is None else value.get(step)
    elif path:
        value = value.get(path)
    if value is None:
        return None
    text = forms.write(column.leaf, value, mapping.words, column.separator)
    if not text.endswith(cells.NONE):  # what is below is about this word only, and most cells have another
        return text
    if column.leaf.form in LIST_FORMS:
        return cells.spelt(text) if value else text
    return cells.spelt(text) if ITEMS[column.scope].many and column.path == ITEMS[column.scope].marker else text


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
