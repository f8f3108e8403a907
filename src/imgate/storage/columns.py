"""What the tables' columns have in common: how they are named, ordered, and tied to their client."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text

from imgate.storage.column_types import CurrentTransaction

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def position() -> Column[int]:
    """Never given twice, so that a cursor stays where it is when rows go."""
    return Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def written_in() -> Column[int]:
    """The number of the transaction that wrote the row: see ``pages``."""
    return Column("written_in", BigInteger, nullable=False, server_default=CurrentTransaction())


def client(*, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    """The client's digest, which follows when erasing replaces it."""
    kept = ForeignKey("client_keys.client", onupdate="CASCADE")
    return Column("client", Text, kept, nullable=nullable, primary_key=primary_key)
