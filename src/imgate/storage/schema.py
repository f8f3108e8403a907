"""The tables. What stands in clear here is what contract §7 allows: ids, partners, scopes, purposes, dates, states, digests.

``position`` and ``written_in`` give lists their order (see ``pages``). ``client`` is the client's keyed digest; it refers to
``client_keys``, so that nothing can be stored for a client who was erased in the meantime, and so that erasing, which
replaces it, reaches every row.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import client, position, written_in
from imgate.storage.columns import metadata as metadata  # complete only once the tables below have been named

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
    Index(None, "id"),
    sqlite_with_rowid=False,
)

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

exchanges = Table(
    "exchanges",
    metadata,
    position(),
    written_in(),
    Column("id", Text, nullable=False, unique=True),
    client(),
    Column("partner", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("purpose", Text),
    Column("state", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("released", Json, nullable=False),
    Column("withheld", Json, nullable=False),
    Column("declarations", Json, nullable=False),
    Column("receipt", Text),
    Column("attempts", Integer, nullable=False),
    Column("by", LargeBinary),
    Index(None, "client", "written_in", "position"),
    sqlite_autoincrement=True,
)

exchange_history = Table(
    "exchange_history",
    metadata,
    Column("exchange", Text, ForeignKey("exchanges.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    position(),
    written_in(),
    Column("exchange", Text, ForeignKey("exchanges.id"), nullable=False, unique=True),
    Column("partner", Text, nullable=False),
    Column("named", Json, nullable=False),
    Column("provenance", Json, nullable=False),
    Column("reference_digest", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("fetched", Boolean, nullable=False),
    Column("due_at", Utc),
    Column("leased_until", Utc),
    Column("begun_at", Utc),
    Column("handed_out_at", Utc),
    Column("handed_out_sha256", Text),
    Column("handed_out_count", Integer, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("released", LargeBinary, nullable=False),
    Index(None, "partner", "written_in", "position"),
    sqlite_autoincrement=True,
)
Index("ix_outbox_due_at", outbox.c.due_at, sqlite_where=outbox.c.due_at.is_not(None), postgresql_where=outbox.c.due_at.is_not(None))

inbox = Table(
    "inbox",
    metadata,
    position(),
    written_in(),
    Column("exchange", Text, ForeignKey("exchanges.id"), nullable=False, unique=True),
    Column("named", Json, nullable=False),
    Column("handed_out_at", Utc),
    Column("handed_out_count", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Index(None, "written_in", "position"),
    sqlite_autoincrement=True,
)

origins = Table(
    "origins",
    metadata,
    client(primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("partner", Text, primary_key=True),
    sqlite_with_rowid=False,
)

intake = Table(
    "intake",
    metadata,
    position(),
    written_in(),
    Column("receipt", Text, nullable=False, unique=True),
    Column("partner", Text, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("leased_until", Utc),
    Column("problems", Json, nullable=False),
    Column("body", LargeBinary),
    Index(None, "written_in", "position"),
    Index(None, "partner", "written_in", "position"),
    sqlite_autoincrement=True,
)
Index("ix_intake_waiting", intake.c.position, sqlite_where=intake.c.outcome == "waiting", postgresql_where=intake.c.outcome == "waiting")

intake_people = Table(
    "intake_people",
    metadata,
    Column("receipt", Text, ForeignKey("intake.receipt"), primary_key=True),
    Column("line", Integer, primary_key=True),
    client(nullable=True),
    Column("exchange", Text, ForeignKey("exchanges.id")),
    Column("reported_at", Utc, nullable=False),
    Column("reference", LargeBinary),
    Column("released", Json, nullable=False),
    Column("withheld", Json, nullable=False),
    Index(None, "client"),
    sqlite_with_rowid=False,
)

intake_message_ids = Table(
    "intake_message_ids",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body_digest", LargeBinary, nullable=False),
    Column("receipt", Text, nullable=False),
    sqlite_with_rowid=False,
)

disclosures = Table(
    "disclosures",
    metadata,
    position(),
    written_in(),
    Column("exchange", Text, ForeignKey("exchanges.id"), nullable=False),
    client(),
    Column("partner", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("purpose", Text),
    Column("scopes", Json, nullable=False),
    Column("declarations", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "client", "written_in", "position"),
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("body_digest", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("kept_at", Utc, nullable=False),
    Column("body", LargeBinary, nullable=False),
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
