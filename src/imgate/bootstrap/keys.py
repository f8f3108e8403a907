"""The keys of a start: loaded, or made where that harms nobody, and put on record if they were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from imgate.audit.events import Event, EventName
from imgate.bootstrap.custody import custody_of
from imgate.keys import Custody, Key, Keyring, KeysMissing, KeysUnusable, KeyUse, complete_keys, load_keys, make_keys, rotate
from imgate.keys.signatures import StatementSignature, statement_signature
from imgate.settings import Settings
from imgate.storage import SqlStore, open_store
from imgate.storage.engine import make_engine
from imgate.storage.migrate import check_schema

_OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class OpenedKeys:
    """The keyring, those of its keys that this start made, and the gateway's signature."""

    keyring: Keyring
    made: tuple[Key, ...]
    signature: StatementSignature


def open_keys(settings: Settings, at: datetime, *, make: bool) -> OpenedKeys:
    """Load the keys; make them where that harms nobody: an embedded database that does not exist yet, or a use that is new.

    With ``make``, a start, a hardware token is looked for at once; otherwise when it is to sign. Raises KeysMissing, KeysUnusable.
    """
    custody, folder, database = custody_of(settings.keys), settings.keys.folder, settings.database.file
    if make and database is not None:
        if not folder.exists() and database.exists():
            raise KeysMissing(f"there is no folder {folder.name}, and without its keys {database.name} cannot be read; put it back")
        keyring, made = _make_or_complete(settings, custody, at)
    else:
        keyring, made = load_keys(folder, custody), ()
    if make:
        look_for_token(keyring, custody)
    return OpenedKeys(keyring, made, statement_signature(keyring, custody.token))


def make_first_keys(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[Key, ...]:
    """Make what is missing of a gateway's keys because the operator says so, put it on record, and give it: none if nothing was missing.

    With PostgreSQL no start makes them. Raises KeysMissing where there is a database that needs others, and SchemaOutdated where it has
    no tables yet.
    """
    at = clock()
    if settings.database.is_sqlite:
        opened = open_keys(settings, at, make=True)
        keyring, made = opened.keyring, opened.made
    else:
        engine = make_engine(settings.database.url.get_secret_value())
        try:
            check_schema(engine)
        finally:
            engine.dispose()
        keyring, made = _make_or_complete(settings, custody_of(settings.keys), at)
    store = open_store(settings.database.url.get_secret_value(), keyring, settings.zone, settings.database.erasures)
    try:
        record_keys(store, made, at)
    finally:
        store.close()
    return made


def record_keys(store: SqlStore, made: Sequence[Key], at: datetime) -> None:
    """Put on record that keys were made, if any were."""
    if not made:
        return
    with store.transaction() as tx:
        for key in made:
            tx.audit(Event(EventName.KEY_MADE, at, _OPERATOR, None, {"key": key.id, "use": key.use.value}))


def rotate_key(settings: Settings, store: SqlStore, use: KeyUse, at: datetime) -> Key:
    """Make a new current key because the operator says so, and put that on record. Raises KeysUnusable."""
    _, key = rotate(settings.keys.folder, use, _day(settings, at), custody_of(settings.keys))
    with store.transaction() as tx:
        tx.audit(Event(EventName.KEY_ROTATED, at, _OPERATOR, None, {"key": key.id, "use": key.use.value}))
    return key


def look_for_token(keyring: Keyring, custody: Custody) -> None:
    """Look whether the current signing key is where it should be. Raises KeysUnusable."""
    token_object = keyring.current(KeyUse.SIGNING).token_object
    if token_object is None:
        return
    if custody.token is None:
        raise KeysUnusable("the signing key is in a hardware token, and [keys.pkcs11] names none")
    custody.token.look(token_object)


def _day(settings: Settings, at: datetime) -> date:
    return at.astimezone(settings.zone).date()


def _make_or_complete(settings: Settings, custody: Custody, at: datetime) -> tuple[Keyring, tuple[Key, ...]]:
    folder, on = settings.keys.folder, _day(settings, at)
    if folder.exists():
        key = complete_keys(folder, on, custody)
        return load_keys(folder, custody), () if key is None else (key,)
    keyring, made = make_keys(folder, on, custody)
    if made:
        # With the keys: a file of erasures that is missing later was lost, and does not say that nobody was ever erased.
        settings.database.erasures.touch(mode=0o600)
    return keyring, keyring.keys if made else ()
