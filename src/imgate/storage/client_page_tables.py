"""The tables of the web pages that are about clients: a client's own page, and what liaisons ask for. They go with the client's erasure."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import client, metadata, position, written_in

client_pages = Table(
    "client_pages",
    metadata,
    client(primary_key=True),
    Column("code", LargeBinary, nullable=False),
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("made_at", Utc, nullable=False),
    Column("factor", LargeBinary),
    Column("factor_until", Utc),
    Column("failures", Integer, nullable=False),
    sqlite_with_rowid=False,
)

scope_requests = Table(
    "scope_requests",
    metadata,
    position(),
    written_in(),
    Column("id", Text, nullable=False, unique=True),
    client(),
    Column("partner", Text, nullable=False),
    Column("exchange", Text, ForeignKey("exchanges.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("answer", Text),
    Column("answered_at", Utc),
    Index(None, "client", "partner"),
    sqlite_autoincrement=True,
)
_r = scope_requests.c
Index(
    "ix_scope_requests_open", _r.written_in, _r.position, sqlite_where=_r.answered_at.is_(None), postgresql_where=_r.answered_at.is_(None)
)
