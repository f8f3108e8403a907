"""A look into the database before anything runs, for what ``imgate check`` has to say about it. Changes nothing."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from imgate.bootstrap.custody import custody_of
from imgate.exchange.ports import Unavailable, Unreadable
from imgate.keys import KeysMissing, KeysUnusable, load_keys
from imgate.settings import Settings
from imgate.storage import SqlStore
from imgate.storage.engine import make_engine
from imgate.storage.migrate import SchemaOutdated, check_schema

_Found = TypeVar("_Found")


def glance(settings: Settings, find: Callable[[SqlStore], list[_Found]]) -> list[_Found]:
    """Give what ``find`` finds in the store; nothing where there is no database yet, or it cannot be read: that is told of elsewhere."""
    file = settings.database.file
    if file is not None and not file.exists():
        return []
    try:
        engine = make_engine(settings.database.url.get_secret_value())
        check_schema(engine)
        store = SqlStore(engine, load_keys(settings.keys.folder, custody_of(settings.keys)), settings.zone)
        try:
            return find(store)
        finally:
            store.close()
    except (KeysMissing, KeysUnusable, ModuleNotFoundError, SchemaOutdated, Unavailable, Unreadable, SQLAlchemyError):
        return []
