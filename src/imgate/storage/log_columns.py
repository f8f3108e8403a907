"""The audit log's columns for whoever verifies it: SQLite keeps any kind of value in any column, and a wrong kind must be found, not fail.

What is no number of a place is read as -1, what is no id as an empty one, and of anything the bytes: all of that is in no entry. An id
that is a text and not in UTF-8 stays what the driver refuses (Unavailable): looking for it would double the time of reading.
"""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger, LargeBinary, Text

from imgate.storage.schema import audit_log


class _Bytes(FunctionElement[bytes]):
    """Bytes; of a text those that it is kept as, so that the same content stays the same."""

    inherit_cache = True
    type = LargeBinary()


class _Place(FunctionElement[int]):
    """A place."""

    inherit_cache = True
    type = BigInteger()


class _Id(FunctionElement[str]):
    """An entry's id."""

    inherit_cache = True
    type = Text()


_SQLITE = {
    _Bytes: "CAST({0} AS BLOB)",
    _Place: "CASE WHEN typeof({0}) IN ('integer', 'null') THEN {0} ELSE -1 END",
    _Id: "CASE WHEN typeof({0}) = 'text' THEN {0} ELSE '' END",
}


@compiles(_Bytes)
@compiles(_Place)
@compiles(_Id)
def _compiled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    column = str(compiler.process(element.clauses, **options))
    return _SQLITE[type(element)].format(column) if compiler.dialect.name == "sqlite" else column


_c = audit_log.c
ID: ColumnElement[str] = _Id(_c.id)
ENTRY: ColumnElement[bytes] = _Bytes(_c.entry)
LEAF: ColumnElement[bytes] = _Bytes(_c.leaf)
PLACE: ColumnElement[int] = _Place(_c.place)
# As an ``AuditEntry`` has them.
COLUMNS = (ID, ENTRY, LEAF, _Bytes(_c.mac), PLACE, _Bytes(_c.place_mac))


def as_bytes(column: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """Read a column of another table so."""
    return _Bytes(column)
