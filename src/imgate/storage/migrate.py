"""Migrations, run by the program itself: no alembic.ini, no second place that knows the database."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x696D67617466  # two that upgrade a PostgreSQL at once take turns; SQLite's writers do so anyway


class SchemaOutdated(Exception):
    """The operator must act: the database's tables are not those of this version; run ``imgate database upgrade``."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction; a database without tables gets them all."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(configuration(connection), "head")


def check_schema(engine: Engine) -> None:
    """Raise SchemaOutdated where the database is not at this version's schema."""
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise SchemaOutdated("the database has no tables of imgate yet: run `imgate database upgrade`")
    if revision != ScriptDirectory.from_config(configuration()).get_current_head():
        raise SchemaOutdated("the database's tables are not those of this version of imgate: run `imgate database upgrade`")


def configuration(connection: Connection | None = None) -> Config:
    """Give Alembic its configuration."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
