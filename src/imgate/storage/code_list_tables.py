"""The tables of published code lists: public data, in clear, and nobody's."""

from sqlalchemy import Column, ForeignKeyConstraint, Integer, Table, Text

from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import metadata

code_lists = Table(
    "code_lists",
    metadata,
    Column("uri", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("version_uri", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("columns", Json, nullable=False),
    Column("key_column", Text, nullable=False),
    Column("name_column", Text),
    Column("rows", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("imported_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# ``place`` keeps the order of the file.
code_list_entries = Table(
    "code_list_entries",
    metadata,
    Column("uri", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("name", Text),
    Column("last_day", Text),
    Column("cells", Json, nullable=False),
    ForeignKeyConstraint(["uri", "version"], ["code_lists.uri", "code_lists.version"]),
    sqlite_with_rowid=False,
)
