"""What a code list is, once it has been read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its id in the file, and its name for people."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. ``name`` is what people read, ``last_day`` (``YYYY-MM-DD``) the last day for which the list takes it.

    ``cells`` holds what the file says in its other columns, by column id; a column without a value is absent.
    """

    code: str
    name: str | None
    last_day: str | None
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CodeList:
    """One version of one list. ``name_column`` is None where the file has nothing but codes."""

    uri: str
    version: str
    version_uri: str
    title: str
    columns: tuple[Column, ...]
    key_column: str
    name_column: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class KeptList:
    """What is kept about an imported list beside its entries; ``sha256`` is that of the file."""

    uri: str
    version: str
    version_uri: str
    title: str
    columns: tuple[Column, ...]
    key_column: str
    name_column: str | None
    rows: int
    sha256: str
    imported_at: datetime
