"""Delivery in order, breakers, receipts, known values, and the end of use."""

import json

import sqlalchemy as sa
from alembic import op

from imgate.storage.column_types import CurrentTransaction, Json, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Where the last day stands in a head as 0001 writes it (see ``Head``), counted from 0.
_VALID_UNTIL = 11


def upgrade() -> None:
    """Add the tables and columns, and fill what follows from what is there."""
    _add_tables()
    for table, column in (
        ("declaration_heads", sa.Column("ends_on", sa.Text(), nullable=True)),
        ("declaration_heads", sa.Column("ended_at", Utc(), nullable=True)),
        ("exchanges", sa.Column("notice", sa.Text(), sa.ForeignKey("notices.id", name="fk_exchanges_notice"), nullable=True)),
        ("outbox", sa.Column("client", sa.Text(), nullable=True)),
        ("outbox", sa.Column("held_until", Utc(), nullable=True)),
        ("outbox", sa.Column("counted_from", Utc(), nullable=True)),
        ("outbox", sa.Column("note", sa.Text(), nullable=True)),
        ("disclosures", sa.Column("provenance", Json(), nullable=True)),
        ("disclosures", sa.Column("reference", sa.LargeBinary(), nullable=True)),
    ):
        _add_column(table, column)
    op.execute("UPDATE outbox SET client = (SELECT exchanges.client FROM exchanges WHERE exchanges.id = outbox.exchange)")
    op.drop_index("ix_outbox_due_at", "outbox")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["partner", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_client_partner_position", "outbox", ["client", "partner", "position"])
    _name_last_days()
    op.create_index(
        "ix_declaration_heads_ends_on",
        "declaration_heads",
        ["ends_on"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _add_column(table: str, column: sa.Column) -> None:  # type: ignore[type-arg]  # of any type
    """Add a column with its reference. SQLite takes both in one statement only, and Alembic writes two."""
    if op.get_bind().dialect.name != "sqlite" or not column.foreign_keys:
        op.add_column(table, column)
        return
    (key,) = column.foreign_keys
    parent, _, name = str(key.target_fullname).partition(".")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column.name} TEXT CONSTRAINT {key.name} REFERENCES {parent} ({name})")


def _name_last_days() -> None:
    """Write down in clear until when each declaration runs; the judge goes by the authenticated head all the same."""
    connection = op.get_bind()
    after = ("", "", "")
    found = sa.text(
        "SELECT client, partner, id, head FROM declaration_heads WHERE (client, partner, id) > (:client, :partner, :id) "
        "ORDER BY client, partner, id LIMIT 1000"
    )
    put = sa.text("UPDATE declaration_heads SET ends_on = :ends_on WHERE client = :client AND partner = :partner AND id = :id")
    while rows := connection.execute(found, dict(zip(("client", "partner", "id"), after, strict=True))).fetchall():
        days = [
            {"client": client, "partner": partner, "id": declaration, "ends_on": json.loads(bytes(head))[_VALID_UNTIL]}
            for client, partner, declaration, head in rows
        ]
        connection.execute(put, days)
        after = tuple(rows[-1][:3])


def _add_tables() -> None:
    op.create_table(
        "partner_health",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("partner", name="pk_partner_health"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "awaited",
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_awaited_exchange"),
        sa.PrimaryKeyConstraint("exchange", name="pk_awaited"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_awaited_partner_due_at", "awaited", ["partner", "due_at"])
    op.create_table(
        "known",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digests", Json(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_known_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("client", "partner", "purpose", name="pk_known"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revocations",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_revocations_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["declaration"], ["declarations.id"], name="fk_revocations_declaration"),
        sa.PrimaryKeyConstraint("position", name="pk_revocations"),
        sa.UniqueConstraint("id", name="uq_revocations_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_revocations_client", "revocations", ["client"])
    op.create_index("ix_revocations_written_in_position", "revocations", ["written_in", "position"])
    op.create_index("ix_revocations_declaration", "revocations", ["declaration"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revocation", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", Utc(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("statute", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_notices_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["revocation"], ["revocations.id"], name="fk_notices_revocation"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notices_client", "notices", ["client"])
    op.create_index("ix_notices_revocation", "notices", ["revocation"])
    op.create_index(
        "ix_notices_remind_at",
        "notices",
        ["remind_at"],
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
