"""The tables of people on the web pages: users, how they sign in, and their sessions. See ``schema`` for what tables share.

In clear stand a user's name and login, as a caller's name does. The e-mail address and the secret of one-time codes are sealed under
a key derived from the intake key; a code, a token or an identity provider's subject is kept as a keyed digest only.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from imgate.storage.column_types import Utc
from imgate.storage.columns import client, metadata

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("of_office", Boolean, nullable=False),  # now, or with an earlier role
    Column("partner", Text),
    Column("name", Text, nullable=False),
    Column("login", Text, unique=True),
    Column("email", LargeBinary),
    Column("language", Text),
    Column("notify", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("password", Text),
    Column("totp", LargeBinary),
    Column("totp_step", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Utc),
    Column("enrolment", LargeBinary, unique=True),
    Column("enrolment_until", Utc),
    Column("issuer", Text),
    Column("subject", LargeBinary),
    Column("notified_at", Utc),
    UniqueConstraint("issuer", "subject"),
    sqlite_with_rowid=False,
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("added_at", Utc, nullable=False),
    Column("used_at", Utc),
    sqlite_with_rowid=False,
)

# Of a user, or of a client on the client's own page. ``token`` is a keyed digest of what stands in the cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id"), index=True),
    client(nullable=True),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("confirmed_at", Utc),
    Index(None, "client"),
    Index(None, "ends_at"),
    sqlite_with_rowid=False,
)

# Who of the office confirmed that a closed scope is open to a partner: it takes two.
openings = Table(
    "openings",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("confirmed_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)
