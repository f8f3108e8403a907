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
    Column("notice", Text, ForeignKey("notices.id")),
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
    Column("client", Text),  # as in its exchange, by which messages to one partner about one client wait for each other
    Column("held_until", Utc),
    Column("counted_from", Utc),
    Column("note", Text),
    Index(None, "partner", "written_in", "position"),
    Index(None, "client", "partner", "position"),
    sqlite_autoincrement=True,
)
_o = outbox.c
Index("ix_outbox_due", _o.partner, _o.due_at, sqlite_where=_o.due_at.is_not(None), postgresql_where=_o.due_at.is_not(None))

# One line per partner that is handed its messages: how often in a row it could not be reached, and until when it is left in peace.
partner_health = Table(
    "partner_health",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("open_until", Utc),
    sqlite_with_rowid=False,
)

# Delivered messages of which the partner's own word is still to come, on ways on which it comes by itself.
awaited = Table(
    "awaited",
    metadata,
    Column("exchange", Text, ForeignKey("exchanges.id"), primary_key=True),
    Column("partner", Text, nullable=False),
    Column("note", Text),
    Column("sent_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Index(None, "partner", "due_at"),
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
    Column("provenance", Json),
    Column("reference", LargeBinary),
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
