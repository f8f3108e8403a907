"""The tables. What stands in clear here is what contract §7 allows: ids, partners, scopes, purposes, dates, states, digests.

``position`` and ``written_in`` give lists their order (see ``pages``). ``client`` is the client's keyed digest; it refers to
``client_keys``, so that nothing can be stored for a client who was erased in the meantime, and so that erasing, which
replaces it, reaches every row.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

import imgate.storage.client_page_tables
import imgate.storage.code_list_tables
import imgate.storage.log_tables
import imgate.storage.message_tables
import imgate.storage.people_tables  # noqa: F401  # they name their tables in the metadata
from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import client, position, written_in
from imgate.storage.columns import metadata as metadata  # complete only once all tables have been named, here and there

# The database's backup writes this table to a file of its own: without it, the rest cannot be read.
client_keys = Table(
    "client_keys",
    metadata,
    Column("client", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("wrapping_key", Text, nullable=False),
    Column("proof_key", LargeBinary),
    Column("data_key", LargeBinary),
    Column("subject", LargeBinary),
    Column("reference", LargeBinary),
    Column("erased_at", Utc),
    Column("proof_until", Utc),
    sqlite_with_rowid=False,
)

declarations = Table(
    "declarations",
    metadata,
    position(),
    written_in(),
    Column("id", Text, nullable=False, unique=True),
    client(),
    Column("partner", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "client", "written_in", "position"),
    sqlite_autoincrement=True,
)

# Everything that decides, clustered by client and partner: one exchange reads neighbours, however many declarations there are.
declaration_heads = Table(
    "declaration_heads",
    metadata,
    client(primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("id", Text, ForeignKey("declarations.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("unit", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("ends_on", Text),
    Column("ended_at", Utc),
    Index(None, "id"),
    sqlite_with_rowid=False,
)
# Days pass without anybody's doing: what may have ended by now is looked for; what has ended is done with.
_h = declaration_heads.c
Index("ix_declaration_heads_ends_on", _h.ends_on, sqlite_where=_h.ended_at.is_(None), postgresql_where=_h.ended_at.is_(None))

declaration_events = Table(
    "declaration_events",
    metadata,
    Column("declaration", Text, ForeignKey("declarations.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("event", Text, nullable=False),
    sqlite_with_rowid=False,
)

declaration_reasons = Table(
    "declaration_reasons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("declaration", Text, ForeignKey("declarations.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("reason", LargeBinary, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    position(),
    Column("id", Text, nullable=False, unique=True),
    Column("declaration", Text, ForeignKey("declarations.id"), nullable=False, index=True),
    Column("recorded_at", Utc, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("content", LargeBinary),
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    metadata,
    client(primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("reference_digest", Text, nullable=False),
    Column("reference", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("set_at", Utc, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("partner", "reference_digest"),
    sqlite_with_rowid=False,
)

# What a subscribed partner was sent last, as keyed digests: scope to digest and exchange.
known = Table(
    "known",
    metadata,
    client(primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("digests", Json, nullable=False),
    sqlite_with_rowid=False,
)

# The end of a declaration, or of some of its scopes, and what it meant for the partner.
revocations = Table(
    "revocations",
    metadata,
    position(),
    written_in(),
    Column("id", Text, nullable=False, unique=True),
    client(),
    Column("partner", Text, nullable=False),
    Column("declaration", Text, ForeignKey("declarations.id"), nullable=False, index=True),
    Column("cause", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "client"),
    Index(None, "written_in", "position"),
    sqlite_autoincrement=True,
)

# What the partner is told about it: one for each reference under which it was handed something.
notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revocation", Text, ForeignKey("revocations.id"), nullable=False, index=True),
    client(),
    Column("reference", LargeBinary, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("message", Text, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("remind_at", Utc),
    Column("answer", Text),
    Column("statute", LargeBinary),
    Column("answered_at", Utc),
    Index(None, "client"),
    sqlite_with_rowid=False,
)
_n = notices.c
Index("ix_notices_remind_at", _n.remind_at, sqlite_where=_n.remind_at.is_not(None), postgresql_where=_n.remind_at.is_not(None))
Index("ix_notices_unanswered", _n.revocation, sqlite_where=_n.answer.is_(None), postgresql_where=_n.answer.is_(None))

origins = Table(
    "origins",
    metadata,
    client(primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("partner", Text, primary_key=True),
    sqlite_with_rowid=False,
)

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("expires_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

accesses = Table(
    "accesses",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("partner", Text),
    Column("name", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("public_key", Text),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

audit_log = Table(
    "audit_log",
    metadata,
    position(),
    Column("id", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("place", BigInteger, unique=True),
    Column("place_mac", LargeBinary),
    Column("entry", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
# The sequencer looks for what has no place yet; almost everything has one.
Index("ix_audit_log_unplaced", audit_log.c.position, sqlite_where=audit_log.c.place.is_(None), postgresql_where=audit_log.c.place.is_(None))

# One line per key of the keyring: an index key that was swapped would make every client look unknown.
key_checks = Table(
    "key_checks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
