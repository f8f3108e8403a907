"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import BigInteger, TypeDecorator, TypeEngine


class Utc(TypeDecorator[datetime]):
    """A moment. Goes in aware and comes out in UTC; SQLite has no such type and keeps text of one width, which sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give each database its own form."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Refuse a naive time: nobody knows what it means."""
        return _written if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # SQLAlchemy's signature
        """Give the moment in UTC."""
        return _read if dialect.name == "sqlite" else _aware


def _aware(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return at.astimezone(UTC)


def _written(at: datetime | None) -> str | None:
    aware = _aware(at)
    return None if aware is None else aware.isoformat(timespec="microseconds")


def _read(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


class Json(TypeDecorator[Any]):
    """A small list or mapping of words, as JSON text: nothing is ever searched inside it."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:  # SQLAlchemy's signature
        """Write JSON."""
        return _written_json

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # SQLAlchemy's signature
        """Read JSON."""
        return _read_json


def _written_json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _read_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


class CurrentTransaction(ColumnElement[int]):
    """The number of the writing transaction, by which PostgreSQL orders a list; SQLite has one writer at a time and needs none."""

    inherit_cache = True
    type = BigInteger()


@compiles(CurrentTransaction, "sqlite")
def _none(_element: CurrentTransaction, _compiler: SQLCompiler, **_options: Any) -> str:
    return "0"


@compiles(CurrentTransaction, "postgresql")
def _pg_current_xact_id(_element: CurrentTransaction, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"
