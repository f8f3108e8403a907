"""The header of a table: which kind of sheet it is, and where in its rows what stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from imgate.plugin_api import MessageUnreadable, RowProblem
from imgate_jobkraftwerk import cells, forms
from imgate_jobkraftwerk.leaves import GOALS, ITEMS, LIST_FORMS, STEPS, Item
from imgate_jobkraftwerk.mapping import Column, Sheet, TableMapping, folded
from imgate_jobkraftwerk.rows import Row
from imgate_jobkraftwerk.words import ValueList

# So many different cells of a column are read once only; a column of names has more, and gains nothing from more.
_REMEMBERED: Final = 2_000


@dataclass(slots=True)
class Cell:
    """One column of a table. ``marks`` is the column in which a list says that it is empty; ``lists``: a cell is a whole list.

    ``known`` is what its cells so far said, by their text: None for one that says nothing.
    """

    index: int
    column: Column
    marks: bool
    lists: bool
    read: Callable[[str], Any] = field(repr=False)
    known: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, index: int, column: Column, words: Mapping[str, ValueList]) -> "Cell":
        """Find out how the cells of a column are read."""
        item = ITEMS[column.scope]
        read = forms.reader(column.leaf, words, column.separator)
        return cls(index, column, item.many and column.path == item.marker, column.leaf.form in LIST_FORMS, read)

    def value(self, cell: str) -> Any:
        """Read a cell of this column; None if it is empty. Raises CellUnusable."""
        text = cells.tidy(cell)
        value = self._value(cells.unguarded(text)) if text else None
        # What a cell says that is no list is one value that nothing later changes, so that several rows can share it.
        if not self.lists and len(self.known) < _REMEMBERED:
            self.known[cell] = value
        return value

    def says_none(self, row: Sequence[str]) -> bool:
        """Tell whether this cell of a row is the word for an empty list."""
        return cells.unguarded(cells.tidy(row[self.index])) == cells.NONE

    def _value(self, text: str) -> Any:
        if self.lists and text == cells.NONE:
            return []
        if self.lists or self.marks:
            text = cells.unspelt(text)
        for word in self.column.drop_first:
            if text.startswith(word + " "):
                text = text.removeprefix(word).lstrip()
                break
        return self.read(text)


@dataclass(frozen=True, slots=True)
class ScopeCells:
    """The columns of one scope. ``flat`` are those whose leaves stand side by side, none within another."""

    scope: str
    item: Item
    cells: tuple[Cell, ...]
    flat: bool


@dataclass(frozen=True, slots=True)
class Header:
    """Where in a row what stands."""

    sheet: Sheet
    width: int
    reference: int
    scopes: tuple[ScopeCells, ...]
    envelope: tuple[tuple[int, str], ...]
    joins_plan: bool

    def reference_of(self, row: Row) -> str:
        """Give the reference by which a row names its client; empty if it has none."""
        return cells.unguarded(cells.tidy(row.cells[self.reference])) if self.reference < len(row.cells) else ""


def known_columns(mapping: TableMapping, names: Iterable[str]) -> int:
    """Tell how many columns of a header the mapping knows, in the sheet that it fits best; 0 if it is none."""
    return max((_known(sheet, set(map(folded, names))) for sheet in mapping.sheets), default=0)


def sheet_of(mapping: TableMapping, names: Iterable[str]) -> Sheet | None:
    """Find the kind of sheet with this header; None if the mapping has none."""
    found = set(map(folded, names))
    score, sheet = max(((_known(sheet, found), sheet) for sheet in mapping.sheets), key=lambda pair: pair[0])
    return sheet if score else None


def _known(sheet: Sheet, found: set[str]) -> int:
    needed = {folded(name) for name in (sheet.reference, sheet.message_id) if name is not None}
    if not needed <= found:
        return 0
    return len(
        found & {folded(name) for name in (*needed, *sheet.silent, *sheet.without_scope, *(column.name for column in sheet.columns))}
    )


def header_of(sheet: Sheet, row: Row, words: Mapping[str, ValueList]) -> tuple[Header, list[RowProblem]]:
    """Find each column; the problems are the columns that hold nothing of the case record. Raises MessageUnreadable."""
    names = [folded(name) for name in row.cells]
    while names and not names[-1]:
        names.pop()
    by_name = {folded(column.name): column for column in sheet.columns}
    envelope = {folded(name): key for key, name in (("message_id", sheet.message_id), ("purpose", sheet.purpose)) if name is not None}
    reportable = {folded(name): name for name in sheet.without_scope}
    silent = {folded(sheet.reference), *map(folded, sheet.silent), *envelope}
    problems: list[RowProblem] = []
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name and name in seen:
            raise MessageUnreadable("header_duplicate", row.line, index + 1)
        seen.add(name)
        if name not in by_name and name not in silent:
            problems.append(RowProblem(row.line, reportable.get(name, index + 1), "column_without_scope"))
    scopes = {column.scope for column in sheet.columns}
    ids = any(column.scope == GOALS and column.path == "id" for column in sheet.columns)
    header = Header(
        sheet,
        len(names),
        names.index(folded(sheet.reference)),
        tuple(_scopes([(index, by_name[name]) for index, name in enumerate(names) if name in by_name], words)),
        tuple((index, envelope[name]) for index, name in enumerate(names) if name in envelope),
        joins_plan={GOALS, STEPS} <= scopes and not ids,
    )
    return header, problems


def _scopes(columns: Sequence[tuple[int, Column]], words: Mapping[str, ValueList]) -> Iterable[ScopeCells]:
    for scope in dict.fromkeys(column.scope for _, column in columns):
        item = ITEMS[scope]
        found = [Cell.of(index, column, words) for index, column in columns if column.scope == scope]
        yield ScopeCells(scope, item, tuple(found), not any("." in path or path in ("", "channels") for path in item.leaves))
