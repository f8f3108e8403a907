"""Published code lists."""

import sqlalchemy as sa
from alembic import op

from imgate.storage.column_types import Json, Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "code_lists",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("version_uri", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("columns", Json(), nullable=False),
        sa.Column("key_column", sa.Text(), nullable=False),
        sa.Column("name_column", sa.Text(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("uri", "version", name="pk_code_lists"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "code_list_entries",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("last_day", sa.Text(), nullable=True),
        sa.Column("cells", Json(), nullable=False),
        sa.ForeignKeyConstraint(["uri", "version"], ["code_lists.uri", "code_lists.version"], name="fk_code_list_entries_uri_version"),
        sa.PrimaryKeyConstraint("uri", "version", "code", name="pk_code_list_entries"),
        sqlite_with_rowid=False,
    )
