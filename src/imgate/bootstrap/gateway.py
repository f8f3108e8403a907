"""The gateway, put together: which plugins, which keys, which database, and what the corridor works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from imgate.adapters.registry import Registry
from imgate.bootstrap.callers import Accesses, TokenKeys
from imgate.bootstrap.partners import load_registry, partners_of, policy_of
from imgate.bootstrap.startup import record_keys
from imgate.consent.policy import Policy
from imgate.exchange.context import Corridor
from imgate.keys import Keyring, KeysMissing, load_keys
from imgate.keys import make_keys as load_or_make_keys
from imgate.settings import ConfigurationInvalid, Settings, places_of
from imgate.storage import SqlStore, open_store
from imgate.storage.engine import make_engine
from imgate.storage.migrate import check_schema


@dataclass(frozen=True)
class Gateway:
    """One process's gateway. A context manager: closes the database at the end."""

    settings: Settings
    registry: Registry
    keyring: Keyring
    store: SqlStore
    corridor: Corridor

    @property
    def policy(self) -> Policy:
        """The gateway as the judge sees it."""
        return self.corridor.policy

    @property
    def accesses(self) -> Accesses:
        """Who may call."""
        return Accesses(self.store.access)

    @property
    def token_keys(self) -> TokenKeys:
        """The keys of access tokens."""
        return TokenKeys(self.keyring)

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.settings.gateway.name

    @property
    def url(self) -> str:
        """The address under which callers reach it."""
        return self.settings.address

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def __enter__(self) -> Self:
        """Give the gateway."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()


def _now() -> datetime:
    return datetime.now(UTC)


def open_gateway(settings: Settings, *, make_keys: bool, clock: Callable[[], datetime] = _now) -> Gateway:
    """Pick every implementation and connect to the database.

    With SQLite the database is made and migrated, and with ``make_keys`` the keys are made once. Raises ConfigurationInvalid,
    KeysMissing, KeysUnusable, and what the store raises where it cannot be opened.
    """
    registry = load_registry(settings)
    partners, faults = partners_of(settings, registry)
    if faults:
        places = places_of(settings)
        raise ConfigurationInvalid([places.problem(path, sentence) for path, sentence in faults], str(settings.file))
    at = clock()
    keyring, made = _keys(settings, at, make_keys=make_keys)
    if made:
        _make_erasures(settings)
    store = open_store(settings.database.url.get_secret_value(), keyring, settings.zone, settings.database.erasures)
    if made:
        record_keys(store, keyring, at)
    give_up_after = timedelta(days=settings.delivery.give_up_days)
    corridor = Corridor(store, policy_of(settings, partners), partners, clock, give_up_after=give_up_after)
    return Gateway(settings, registry, keyring, store, corridor)


def _keys(settings: Settings, at: datetime, *, make_keys: bool) -> tuple[Keyring, bool]:
    """Load the keys; make them where that harms nobody: an embedded database that does not exist yet."""
    folder, database = settings.keys.folder, settings.database.file
    if make_keys and database is not None and not folder.exists():
        if database.exists():
            raise KeysMissing(f"there is no folder {folder.name}, and without its keys {database.name} cannot be read; put it back")
        return load_or_make_keys(folder, at.astimezone(settings.zone).date())
    return load_keys(folder), False


def make_first_keys(settings: Settings, clock: Callable[[], datetime] = _now) -> Keyring:
    """Make the keys of a new gateway because the operator says so, and put that on record: with PostgreSQL no start makes them.

    Raises KeysMissing where there is a database that needs others, and SchemaOutdated where it has no tables yet.
    """
    folder, at = settings.keys.folder, clock()
    if settings.database.is_sqlite:
        open_gateway(settings, make_keys=True, clock=clock).close()
        return load_keys(folder)
    engine = make_engine(settings.database.url.get_secret_value())
    try:
        check_schema(engine)
    finally:
        engine.dispose()
    keyring, made = load_or_make_keys(folder, at.astimezone(settings.zone).date())
    with open_gateway(settings, make_keys=False, clock=clock) as gateway:
        if made:
            _make_erasures(settings)
            record_keys(gateway.store, keyring, at)
    return keyring


def _make_erasures(settings: Settings) -> None:
    """Make the file of erasures with the keys: one that is missing later was lost, and does not say that nobody was ever erased."""
    settings.database.erasures.touch(mode=0o600)
