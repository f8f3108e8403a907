"""What proofs of the audit log are made from, checkpoints, who looked at what, and what the office's papers said when."""

import sqlalchemy as sa
from alembic import op

from imgate.storage.column_types import CurrentTransaction, Json, Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "audit_tiles",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("tile", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile", name="pk_audit_tiles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("time_stamp", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access_log",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_access_log_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("position", name="pk_access_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_log_at", "access_log", ["at"])
    op.create_index("ix_access_log_client_written_in_position", "access_log", ["client", "written_in", "position"])
    op.create_index("ix_access_log_actor_written_in_position", "access_log", ["actor", "written_in", "position"])
    op.create_table(
        "paper_facts",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_paper_facts"),
        sqlite_autoincrement=True,
    )
