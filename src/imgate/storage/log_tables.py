"""The tables around the audit log: what proofs of it are made from, who looked at what, and what the office's papers said when."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import client, metadata, position, written_in

# Level 1: the root over each 256 entries; level 2: over each 256 of those; and so on. What a proof needs without reading the whole log.
audit_tiles = Table(
    "audit_tiles",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("tile", BigInteger, primary_key=True),
    Column("root", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# ``note`` is the signed note, with the signatures of witnesses as they come in; ``time_stamp`` the answer of a time-stamping authority.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("note", Text, nullable=False),
    Column("time_stamp", LargeBinary),
    sqlite_with_rowid=False,
)

# Who looked at what: ``what`` is a word of ours or a route's template, never a path. ``client`` is absent where it was about nobody.
access_log = Table(
    "access_log",
    metadata,
    position(),
    written_in(),
    Column("at", Utc, nullable=False),
    Column("actor", Text, nullable=False),
    Column("door", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("partner", Text),
    client(nullable=True),
    Index(None, "at"),
    Index(None, "client", "written_in", "position"),
    Index(None, "actor", "written_in", "position"),
    sqlite_autoincrement=True,
)

# What the office's papers are generated from, each time that it had changed.
paper_facts = Table(
    "paper_facts",
    metadata,
    position(),
    Column("at", Utc, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("facts", Json, nullable=False),
    sqlite_autoincrement=True,
)
