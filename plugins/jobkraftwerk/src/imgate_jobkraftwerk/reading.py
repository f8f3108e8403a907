"""Read a table: from cells to what each row says, from rows to people, with a report of every row that cannot be used.

A bad cell costs its row and no other: half a row would say something that nobody wrote.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from imgate.plugin_api import MessageUnreadable, Reading, RowProblem, record_problems
from imgate_jobkraftwerk import cells, forms
from imgate_jobkraftwerk.cells import CellUnusable
from imgate_jobkraftwerk.leaves import GOALS, ITEMS, LIST_FORMS, STEPS
from imgate_jobkraftwerk.mapping import Column, Sheet, TableMapping, folded
from imgate_jobkraftwerk.people import Contradiction, Person, Said
from imgate_jobkraftwerk.rows import Row, Table, tables_of

_REFERENCE_LONGEST: Final = 64


def read_message(body: bytes, mapping: TableMapping) -> Reading:
    """Read a file. Raises MessageUnreadable where the whole of it cannot be used."""
    reading = _FileReading(mapping)
    for table in tables_of(body, lambda names: max((_known(sheet, names) for sheet in mapping.sheets), default=0)):
        reading.table(table)
    return reading.result()


def _known(sheet: Sheet, names: list[str]) -> int:
    """Tell how many columns of a header this kind of sheet knows; 0 if it cannot be one of them."""
    found = set(map(folded, names))
    needed = {folded(name) for name in (sheet.reference, sheet.message_id) if name is not None}
    if not needed <= found:
        return 0
    return len(
        found & {folded(name) for name in (*needed, *sheet.silent, *sheet.without_scope, *(column.name for column in sheet.columns))}
    )


@dataclass(frozen=True, slots=True)
class _Header:
    """Where in a row what stands."""

    sheet: Sheet
    width: int
    reference: int
    columns: tuple[tuple[int, Column], ...]
    envelope: tuple[tuple[int, str], ...]
    joins_plan: bool


class _FileReading:
    """Collects people and problems over the tables of one file."""

    def __init__(self, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._people: dict[str, Person] = {}
        self._problems: list[RowProblem] = []
        self._envelope: dict[str, str] = {}
        self._tables = 0

    def table(self, table: Table) -> None:
        scored = [(_known(sheet, table.header.cells), sheet) for sheet in self._mapping.sheets]
        score, sheet = max(scored, key=lambda pair: pair[0])
        if score == 0:
            self._problems.append(RowProblem(table.header.line, None, "header_unknown"))
            return
        self._tables += 1
        header = self._header(sheet, table.header)
        for row in table.rows:
            self._problems += self._row(header, row)

    def result(self) -> Reading:
        if self._tables == 0:
            line = self._problems[0].line if self._problems else None
            raise MessageUnreadable("header_unknown" if self._problems else "table_empty", line)
        people = tuple(person.incoming(reference) for reference, person in self._people.items())
        purpose = self._envelope.get("purpose")
        if purpose is not None:
            # A word that is no purpose stays as it is: the core refuses it rather than take a default in its place.
            purpose = self._mapping.words["purpose"].code(purpose) or purpose
        return Reading(people, tuple(self._problems), self._envelope.get("message_id"), purpose)

    def _header(self, sheet: Sheet, row: Row) -> _Header:
        names = [folded(name) for name in row.cells]
        while names and not names[-1]:
            names.pop()
        by_name = {folded(column.name): column for column in sheet.columns}
        envelope = {folded(name): key for key, name in (("message_id", sheet.message_id), ("purpose", sheet.purpose)) if name is not None}
        reportable = {folded(name): name for name in sheet.without_scope}
        silent = {folded(sheet.reference), *map(folded, sheet.silent), *envelope}
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name and name in seen:
                raise MessageUnreadable("header_duplicate", row.line, index + 1)
            seen.add(name)
            if name not in by_name and name not in silent:
                self._problems.append(RowProblem(row.line, reportable.get(name, index + 1), "column_without_scope"))
        columns = tuple((index, by_name[name]) for index, name in enumerate(names) if name in by_name)
        scopes = {column.scope for column in sheet.columns}
        ids = any(column.scope == GOALS and column.path == "id" for column in sheet.columns)
        return _Header(
            sheet,
            len(names),
            names.index(folded(sheet.reference)),
            columns,
            tuple((index, envelope[name]) for index, name in enumerate(names) if name in envelope),
            joins_plan={GOALS, STEPS} <= scopes and not ids,
        )

    def _row(self, header: _Header, row: Row) -> list[RowProblem]:
        """Take one row, or give the problems for which it was left out."""
        if len(row.cells) < header.width:
            return [RowProblem(row.line, None, "row_too_short")]
        if any(map(str.strip, row.cells[header.width :])):
            return [RowProblem(row.line, None, "row_too_long")]
        reference = cells.unguarded(cells.tidy(row.cells[header.reference]))
        if not reference:
            return [RowProblem(row.line, header.sheet.reference, "reference_missing")]
        if len(reference) > _REFERENCE_LONGEST or not reference.isprintable():
            return [RowProblem(row.line, header.sheet.reference, "reference_invalid")]
        self._take_envelope(header, row)
        filled = {
            (column.scope, column.path): (column, cells.unguarded(text))
            for index, column in header.columns
            if (text := cells.tidy(row.cells[index]))
        }
        said, unusable = self._said(filled)
        problems = [RowProblem(row.line, column, code) for column, code in unusable or _record_problems(said, header)]
        if problems or not said:
            return problems
        person = self._people.get(reference) or Person(row.line)
        if header.joins_plan:
            person.link(said)
        try:
            person.add(said)
        except Contradiction as contradiction:
            column = _column_of(header, contradiction.scope, contradiction.path)
            return [RowProblem(row.line, column, "contradicts_earlier_row")]
        self._people[reference] = person
        return []

    def _take_envelope(self, header: _Header, row: Row) -> None:
        for index, key in header.envelope:
            text = cells.unguarded(cells.tidy(row.cells[index]))
            if text and self._envelope.setdefault(key, text) != text:
                raise MessageUnreadable("envelope_contradicts", row.line, self._mapping.envelope[key])

    def _said(self, filled: Mapping[tuple[str, str], tuple[Column, str]]) -> tuple[Said, list[tuple[str | None, str]]]:
        """Turn the cells of a row into what they say about each scope; the second part is what cannot be used."""
        said: Said = {}
        problems: list[tuple[str | None, str]] = []
        for scope in dict.fromkeys(scope for scope, _ in filled):
            mine = {path: pair for (other, path), pair in filled.items() if other == scope}
            item = ITEMS[scope]
            if item.many and mine.keys() == {item.marker} and mine[item.marker][1] == cells.NONE:
                said[scope] = []
                continue
            values: dict[str, Any] = {}
            for path, (column, text) in mine.items():
                try:
                    values[path] = self._value(column, text, marks=item.many and path == item.marker)
                except CellUnusable as unusable:
                    problems.append((column.name, unusable.code))
            said[scope] = [_nested(scope, values)] if item.many else values.get("", _nested(scope, values))
        return said, problems

    def _value(self, column: Column, text: str, *, marks: bool) -> Any:
        if column.leaf.form in LIST_FORMS:
            if text == cells.NONE:
                return []
            marks = True
        if marks:
            text = cells.unspelt(text)
        for word in column.drop_first:
            if text.startswith(word + " "):
                text = text.removeprefix(word).lstrip()
                break
        return forms.read(column.leaf, text, self._mapping.words, column.separator)


def _nested(scope: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put the leaves of an item where they stand in the record."""
    item: dict[str, Any] = {}
    leaves = ITEMS[scope].leaves
    if "channels" in leaves:
        item["channels"] = list(values.get("channels", ()))
    for path, value in values.items():
        if (kind := leaves[path].kind) is not None:
            item["channels"].append({"kind": kind, "value": value})
        elif path != "channels":
            inner, _, leaf = path.rpartition(".")
            (item.setdefault(inner, {}) if inner else item)[leaf] = value
    return item


def _record_problems(said: Said, header: _Header) -> Iterator[tuple[str | None, str]]:
    """Check what a row says by the record's own rules, and find the column of each problem."""
    part: dict[str, dict[str, Any]] = {}
    for scope, value in said.items():
        section, _, item = scope.partition(".")
        part.setdefault(section, {})[item] = value
    for problem in record_problems(part):
        section, item, *path = problem.pointer.split("/")[1:]
        yield _column_of(header, f"{section}.{item}", ".".join(step for step in path if not step.isdecimal())), problem.code


def _column_of(header: _Header, scope: str, path: str) -> str | None:
    mine = [column for column in header.sheet.columns if column.scope == scope]
    exact = [column.name for column in mine if f"{path}.".startswith(f"{column.path}.") or f"{column.path}.".startswith(f"{path}.")]
    return next(iter([*exact, *(column.name for column in mine)]), None)
