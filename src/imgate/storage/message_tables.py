"""The tables of exchanges and messages: on their way out, on their way in, and what was handed out. See ``schema`` for what they share."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from imgate.storage.column_types import Json, Utc
from imgate.storage.columns import client, metadata, position, written_in

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
    Index(None, "state", "written_in", "position"),
    Index(None, "created_at"),
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

_p = intake_people.c
Index("ix_intake_people_unknown", _p.receipt, sqlite_where=_p.reference.is_not(None), postgresql_where=_p.reference.is_not(None))

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
    Index(None, "at"),
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
