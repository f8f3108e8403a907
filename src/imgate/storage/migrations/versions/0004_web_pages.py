"""Web pages: users with passkeys and sessions, openings, clients' own pages, what liaisons ask for; indexes for the office's lists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from imgate.storage.column_types import CurrentTransaction, Json, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and indexes."""
    _add_people()
    _add_client_pages()
    op.create_index("ix_exchanges_state_written_in_position", "exchanges", ["state", "written_in", "position"])
    op.create_index("ix_exchanges_created_at", "exchanges", ["created_at"])
    op.create_index("ix_disclosures_at", "disclosures", ["at"])
    _add_partial("ix_intake_people_unknown", "intake_people", ["receipt"], "reference IS NOT NULL")
    _add_partial("ix_notices_unanswered", "notices", ["revocation"], "answer IS NULL")


def _add_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("of_office", sa.Boolean(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("notify", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Utc(), nullable=True),
        sa.Column("enrolment", sa.LargeBinary(), nullable=True),
        sa.Column("enrolment_until", Utc(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("notified_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
        sa.UniqueConstraint("enrolment", name="uq_users_enrolment"),
        sa.UniqueConstraint("issuer", "subject", name="uq_users_issuer_subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("added_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_passkeys_user"),
        sa.PrimaryKeyConstraint("credential_id", name="pk_passkeys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user"])
    op.create_table(
        "sessions",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_sessions_user"),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_sessions_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
        sqlite_with_rowid=False,
    )
    for column in ("user", "client", "ends_at"):
        op.create_index(f"ix_sessions_{column}", "sessions", [column])
    op.create_table(
        "openings",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("confirmed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "scope", "user", name="pk_openings"),
        sqlite_with_rowid=False,
    )


def _add_client_pages() -> None:
    op.create_table(
        "client_pages",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("factor", sa.LargeBinary(), nullable=True),
        sa.Column("factor_until", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_client_pages_client", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("client", name="pk_client_pages"),
        sa.UniqueConstraint("code_digest", name="uq_client_pages_code_digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scope_requests",
        sa.Column("position", _POSITION, autoincrement=True, nullable=False),
        sa.Column("written_in", sa.BigInteger(), server_default=CurrentTransaction(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["client"], ["client_keys.client"], name="fk_scope_requests_client", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.id"], name="fk_scope_requests_exchange"),
        sa.PrimaryKeyConstraint("position", name="pk_scope_requests"),
        sa.UniqueConstraint("id", name="uq_scope_requests_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scope_requests_client_partner", "scope_requests", ["client", "partner"])
    _add_partial("ix_scope_requests_open", "scope_requests", ["written_in", "position"], "answered_at IS NULL")


def _add_partial(name: str, table: str, columns: Sequence[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
