"""The first tables. Written by Alembic from the schema of the day; the schema goes on, this stays."""

import sqlalchemy as sa
from alembic import op

from imgate.storage.column_types import CurrentTransaction, Json, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "accesses",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name="pk_accesses"),
    )
    op.create_table(
        "audit_log",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("place_mac", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_log"),
        sa.UniqueConstraint("place", name="uq_audit_log_place"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_audit_log_unplaced",
        "audit_log",
        ["position"],
        unique=False,
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_table(
        "client_keys",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("wrapping_key", sa.Text(), nullable=False),
        sa.Column("proof_key", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", Utc(), nullable=True),
        sa.Column("proof_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("client", name="pk_client_keys"),
        sa.UniqueConstraint("id", name="uq_client_keys_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intake",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("leased_until", Utc(), nullable=True),
        sa.Column("problems", Json(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_intake"),
        sa.UniqueConstraint("receipt", name="uq_intake_receipt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intake_partner_written_in_position", "intake", ["partner", "written_in", "position"], unique=False)
    op.create_index(
        "ix_intake_waiting",
        "intake",
        ["position"],
        unique=False,
        sqlite_where=sa.text("outcome = 'waiting'"),
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_index("ix_intake_written_in_position", "intake", ["written_in", "position"], unique=False)
    op.create_table(
        "intake_message_ids",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_message_ids"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "key_checks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_key_checks"),
    )
    op.create_table(
        "used_assertions",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("jti", name="pk_used_assertions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "declarations",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_declarations_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("position", name="pk_declarations"),
        sa.UniqueConstraint("id", name="uq_declarations_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_declarations_client_written_in_position", "declarations", ["client", "written_in", "position"], unique=False)
    op.create_table(
        "exchanges",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("released", Json(), nullable=False),
        sa.Column("withheld", Json(), nullable=False),
        sa.Column("declarations", Json(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("by", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_exchanges_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("position", name="pk_exchanges"),
        sa.UniqueConstraint("id", name="uq_exchanges_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchanges_client_written_in_position", "exchanges", ["client", "written_in", "position"], unique=False)
    op.create_table(
        "links",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("reference_digest", sa.Text(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", Utc(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_links_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("client", "partner", name="pk_links"),
        sa.UniqueConstraint("partner", "reference_digest", name="uq_links_partner_reference_digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "origins",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_origins_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("client", "scope", "partner", name="pk_origins"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "declaration_events",
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["declaration"], ["declarations.id"], name="fk_declaration_events_declaration"),
        sa.PrimaryKeyConstraint("declaration", "line", name="pk_declaration_events"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "declaration_heads",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_declaration_heads_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["id"], ["declarations.id"], name="fk_declaration_heads_id"),
        sa.PrimaryKeyConstraint("client", "partner", "id", name="pk_declaration_heads"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_declaration_heads_id", "declaration_heads", ["id"], unique=False)
    op.create_table(
        "declaration_reasons",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["declaration"], ["declarations.id"], name="fk_declaration_reasons_declaration"),
        sa.PrimaryKeyConstraint("id", name="pk_declaration_reasons"),
    )
    op.create_index("ix_declaration_reasons_declaration", "declaration_reasons", ["declaration"], unique=False)
    op.create_table(
        "disclosures",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("declarations", Json(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_disclosures_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_disclosures_exchange"),
        sa.PrimaryKeyConstraint("position", name="pk_disclosures"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_disclosures_client_written_in_position", "disclosures", ["client", "written_in", "position"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["declaration"], ["declarations.id"], name="fk_evidence_declaration"),
        sa.PrimaryKeyConstraint("position", name="pk_evidence"),
        sa.UniqueConstraint("id", name="uq_evidence_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_evidence_declaration", "evidence", ["declaration"], unique=False)
    op.create_table(
        "exchange_history",
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_exchange_history_exchange"),
        sa.PrimaryKeyConstraint("exchange", "line", name="pk_exchange_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("named", Json(), nullable=False),
        sa.Column("handed_out_at", Utc(), nullable=True),
        sa.Column("handed_out_count", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_inbox_exchange"),
        sa.PrimaryKeyConstraint("position", name="pk_inbox"),
        sa.UniqueConstraint("exchange", name="uq_inbox_exchange"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_written_in_position", "inbox", ["written_in", "position"], unique=False)
    op.create_table(
        "intake_people",
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.Column("reported_at", Utc(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("released", Json(), nullable=False),
        sa.Column("withheld", Json(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_intake_people_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_intake_people_exchange"),
        sa.ForeignKeyConstraint(["receipt"], ["intake.receipt"], name="fk_intake_people_receipt"),
        sa.PrimaryKeyConstraint("receipt", "line", name="pk_intake_people"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_intake_people_client", "intake_people", ["client"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("named", Json(), nullable=False),
        sa.Column("provenance", Json(), nullable=False),
        sa.Column("reference_digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("fetched", sa.Boolean(), nullable=False),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("leased_until", Utc(), nullable=True),
        sa.Column("begun_at", Utc(), nullable=True),
        sa.Column("handed_out_at", Utc(), nullable=True),
        sa.Column("handed_out_sha256", sa.Text(), nullable=True),
        sa.Column("handed_out_count", sa.Integer(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("released", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_outbox_exchange"),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.UniqueConstraint("exchange", name="uq_outbox_exchange"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_due_at",
        "outbox",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_partner_written_in_position", "outbox", ["partner", "written_in", "position"], unique=False)
