"""Read a table: from cells to what each row says, from rows to people, with a report of every row that cannot be used.

A bad cell costs its row and no other: half a row would say something that nobody wrote.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from imgate.plugin_api import MessageUnreadable, Reading, RowProblem, record_problems
from imgate_jobkraftwerk import cells
from imgate_jobkraftwerk.cells import CellUnusable
from imgate_jobkraftwerk.header import Header, ScopeCells, header_of, known_columns, sheet_of
from imgate_jobkraftwerk.leaves import ITEMS
from imgate_jobkraftwerk.mapping import TableMapping
from imgate_jobkraftwerk.people import PLACES, Contradiction, Person, Said
from imgate_jobkraftwerk.rows import Row, Table, tables_of

_REFERENCE_LONGEST: Final = 64


def read_message(body: bytes, mapping: TableMapping) -> Reading:
    """Read a file. Raises MessageUnreadable where the whole of it cannot be used."""
    reading = _FileReading(mapping)
    for table in tables_of(io.BytesIO(body), lambda names: known_columns(mapping, names)):
        reading.table(table)
    return reading.result()


class _FileReading:
    """Collects people and problems over the tables of one file."""

    def __init__(self, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._people: dict[str, Person] = {}
        self._problems: list[RowProblem] = []
        self._envelope: dict[str, str] = {}
        self._tables = 0

    def table(self, table: Table) -> None:
        sheet = sheet_of(self._mapping, table.header.cells)
        if sheet is None:
            self._problems.append(RowProblem(table.header.line, None, "header_unknown"))
            return
        self._tables += 1
        header, problems = header_of(sheet, table.header, self._mapping.words)
        self._problems += problems
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

    def _row(self, header: Header, row: Row) -> list[RowProblem]:
        """Take one row, or give the problems for which it was left out."""
        if len(row.cells) < header.width:
            return [RowProblem(row.line, None, "row_too_short")]
        if len(row.cells) > header.width and any(map(str.strip, row.cells[header.width :])):
            return [RowProblem(row.line, None, "row_too_long")]
        reference = header.reference_of(row)
        if not reference:
            return [RowProblem(row.line, header.sheet.reference, "reference_missing")]
        if len(reference) > _REFERENCE_LONGEST or not reference.isprintable():
            return [RowProblem(row.line, header.sheet.reference, "reference_invalid")]
        self._take_envelope(header, row)
        said, unusable = _said(header, row.cells)
        problems = [RowProblem(row.line, column, code) for column, code in unusable or _record_problems(said, header)]
        if problems or not said:
            return problems
        person = self._people.get(reference) or Person(row.line)
        try:
            person.add(said, joins_plan=header.joins_plan)
        except Contradiction as contradiction:
            column = _column_of(header, contradiction.scope, contradiction.path)
            return [RowProblem(row.line, column, "contradicts_earlier_row")]
        self._people[reference] = person
        return []

    def _take_envelope(self, header: Header, row: Row) -> None:
        for index, key in header.envelope:
            text = cells.unguarded(cells.tidy(row.cells[index]))
            if text and self._envelope.setdefault(key, text) != text:
                raise MessageUnreadable("envelope_contradicts", row.line, self._mapping.envelope[key])


def _said(header: Header, row: Sequence[str]) -> tuple[Said, list[tuple[str | None, str]]]:
    """Turn the cells of a row into what they say about each scope; the second part is what cannot be used."""
    said: Said = {}
    problems: list[tuple[str | None, str]] = []
    for scope in header.scopes:
        if scope.item.many and _says_none(scope, row):
            said[scope.scope] = []
            continue
        values: dict[str, Any] = {}
        for cell in scope.cells:
            text = row[cell.index]
            try:
                value = cell.known[text] if text in cell.known else cell.value(text)
            except CellUnusable as unusable:
                problems.append((cell.column.name, unusable.code))
            else:
                if value is not None:
                    values[cell.column.path] = value
        if values:
            item = values if scope.flat else values[""] if "" in values else _nested(scope.scope, values)
            said[scope.scope] = [item] if scope.item.many else item
    return said, problems


def _says_none(scope: ScopeCells, row: Sequence[str]) -> bool:
    """Tell whether all that a row says about a list is that it has no entry."""
    filled = [cell for cell in scope.cells if row[cell.index].strip()]
    return len(filled) == 1 and filled[0].marks and filled[0].says_none(row)


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


def _record_problems(said: Said, header: Header) -> Iterator[tuple[str | None, str]]:
    """Check what a row says by the record's own rules, and find the column of each problem."""
    part: dict[str, dict[str, Any]] = {}
    for scope, value in said.items():
        section, item = PLACES[scope]
        part.setdefault(section, {})[item] = value
    for problem in record_problems(part):
        section, item, *path = problem.pointer.split("/")[1:]
        yield _column_of(header, f"{section}.{item}", ".".join(step for step in path if not step.isdecimal())), problem.code


def _column_of(header: Header, scope: str, path: str) -> str | None:
    mine = [column for column in header.sheet.columns if column.scope == scope]
    exact = [column.name for column in mine if f"{path}.".startswith(f"{column.path}.") or f"{column.path}.".startswith(f"{path}.")]
    return next(iter([*exact, *(column.name for column in mine)]), None)
