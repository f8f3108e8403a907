"""Statements: written in SQLAlchemy Core, compiled once per database, run on the held driver connection.

Core costs up to six times the driver per small statement (measured), and an exchange runs a dozen: so Core writes the
SQL and converts values, and the driver runs it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Column, Dialect, LargeBinary, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import TypeEngine

_ROWS = 16

Row = tuple[Any, ...]
Converter = Callable[[Any], Any]
Upsert = Callable[[Table], Any]


class On(Protocol):
    """A held driver connection, and which database it is."""

    driver: Any
    dialect: Dialect


class Statement:
    """One statement with named parameters.

    ``build`` is given the database's own ``insert``, which knows ON CONFLICT; ``columns`` names what an insert writes.
    """

    def __init__(self, build: Executable | Callable[[Upsert], Executable], columns: Iterable[Column[Any]] = ()) -> None:
        self._build = build
        self._columns = [column.key for column in columns]
        self._forms: dict[str, _Form] = {}

    def run(self, on: On, /, **values: Any) -> int:
        """Run it; give how many rows it touched."""
        form = self._forms.get(on.dialect.name) or self._compile(on.dialect)
        count: int = on.driver.execute(form.sql, form.bind(values)).rowcount
        return count

    def first(self, on: On, /, **values: Any) -> Row | None:
        """Give the first row, or None."""
        form = self._forms.get(on.dialect.name) or self._compile(on.dialect)
        row: Row | None = on.driver.execute(form.sql, form.bind(values)).fetchone()
        return row if row is None or not form.results else form.read(row)

    def all(self, on: On, /, **values: Any) -> Sequence[Row]:
        """Give all rows."""
        form = self._forms.get(on.dialect.name) or self._compile(on.dialect)
        rows: list[Row] = on.driver.execute(form.sql, form.bind(values)).fetchall()
        return [form.read(row) for row in rows] if form.results else rows

    def many(self, on: On, values: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each set of values."""
        form = self._forms.get(on.dialect.name) or self._compile(on.dialect)
        with _closing(on.driver.cursor()) as cursor:
            cursor.executemany(form.sql, [form.bind(each) for each in values])

    def rows(self, on: On, rows: Sequence[Sequence[Any]]) -> None:
        """Run an insert for rows of values, in the order of ``columns``; the driver takes them as they are, so no type may need more.

        SQLite takes many in one statement at less cost (measured), PostgreSQL's driver sends many statements at once by itself.
        """
        form = self._forms.get(on.dialect.name) or self._compile(on.dialect)
        first = len(rows) - len(rows) % _ROWS if on.dialect.name == "sqlite" else 0
        if first:
            many = form.sql + f", {form.sql[form.sql.rindex('(') :]}" * (_ROWS - 1)
            for start in range(0, first, _ROWS):
                on.driver.execute(many, [value for row in rows[start : start + _ROWS] for value in row])
        if first < len(rows):
            with _closing(on.driver.cursor()) as cursor:
                cursor.executemany(form.sql, rows[first:])

    def _compile(self, dialect: Dialect) -> "_Form":
        built = self._build(_UPSERT[dialect.name]) if not isinstance(self._build, Executable) else self._build
        form = self._forms[dialect.name] = _Form(built, dialect, self._columns)
        return form


def insert_into(table: Table, *names: str) -> Statement:
    """Write a plain insert of these columns, or of all but the one the database numbers by itself."""
    columns = [table.c[name] for name in names] or [c for c in table.c if c.server_default is None and c.name != "position"]
    return Statement(insert(table).inline(), columns)


_UPSERT: Mapping[str, Upsert] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


# Stands where a value comes with each run; all others are written into the statement.
_GIVEN: Any = object()


class _Form:
    """A statement in the SQL of one database, with what turns values into the driver's and back."""

    __slots__ = ("_convert", "results", "sql")

    def __init__(self, built: Any, dialect: Dialect, columns: Sequence[str]) -> None:
        compiled: Any = built.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql: str = str(compiled)
        binds = [(compiled.binds[name], name) for name in compiled.positiontup or ()]
        self._convert: tuple[tuple[str, Converter | None, Any], ...] = tuple(
            (name, _converter(bind.type, "bind_processor", dialect), _GIVEN if bind.required else bind.value) for bind, name in binds
        )
        shown = built.selected_columns if isinstance(built, SelectBase) else getattr(built, "_returning", ())
        found = [(index, _converter(column.type, "result_processor", dialect, None)) for index, column in enumerate(shown)]
        self.results: tuple[tuple[int, Converter], ...] = tuple((index, convert) for index, convert in found if convert is not None)

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the driver its values in their order. Raises KeyError where one is missing."""
        return [
            (values[name] if convert is None else convert(values[name])) if fixed is _GIVEN else fixed
            for name, convert, fixed in self._convert
        ]

    def read(self, row: Row) -> Row:
        """Convert a row."""
        cells = list(row)
        for index, convert in self.results:
            cells[index] = convert(cells[index])
        return tuple(cells)


def _converter(column_type: TypeEngine[Any], processor: str, dialect: Dialect, *coltype: None) -> Converter | None:
    """Give what converts a value of this type; bytes need nothing, both drivers take and give them as they are."""
    if isinstance(column_type, LargeBinary):
        return None
    found: Converter | None = getattr(column_type, processor)(dialect, *coltype)
    return found


class _closing:  # noqa: N801  # reads as contextlib.closing, which types a driver's cursor as nothing
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __enter__(self) -> Any:
        return self._cursor

    def __exit__(self, *_: object) -> None:
        self._cursor.close()
