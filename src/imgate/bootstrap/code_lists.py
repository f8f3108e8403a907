"""Which adapter uses which published code list in which version, and whether that version is imported."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import SQLAlchemyError

from imgate.adapters.registry import Registry
from imgate.bootstrap.partners import load_registry
from imgate.codelists import Entry, KeptList, is_newer, newest
from imgate.exchange.ports import Unavailable
from imgate.settings import Settings
from imgate.storage.code_lists import SqlCodeLists
from imgate.storage.engine import connect, make_engine
from imgate.storage.migrate import SchemaOutdated, check_schema

NO_VERSION = "the message names no version"


@dataclass(frozen=True, slots=True)
class UsedList:
    """One version of one list, as one adapter uses it; ``adapter`` is None for one that is imported and used by none.

    ``rows`` is None where it is not imported. ``others`` are the imported versions of the same list.
    """

    uri: str
    version: str | None
    adapter: str | None
    scopes: tuple[str, ...]
    rows: int | None
    others: tuple[str, ...]

    @property
    def state(self) -> str:
        """Say how it stands, in words."""
        latest = newest(self.others)
        if self.version is None:
            return NO_VERSION if latest is None else f"{NO_VERSION}; imported: {latest}"
        if self.rows is None:
            return "not imported" if latest is None else f"not imported, but {latest} is"
        return f"imported; a newer one is too: {latest}" if latest is not None and is_newer(latest, self.version) else "imported"


def used_lists(registry: Registry, adapters: Collection[str], kept: Sequence[KeptList]) -> list[UsedList]:
    """Give every list that these adapters use, and every imported one, in the order of their URIs and versions."""
    used = list(_used(registry, adapters, kept))
    named = {(one.uri, one.version) for one in used}
    unused = [
        UsedList(one.uri, one.version, None, (), one.rows, _others(one.uri, one.version, kept))
        for one in kept
        if (one.uri, one.version) not in named
    ]
    return sorted([*used, *unused], key=lambda one: (one.uri, one.version or "", one.adapter or ""))


def _used(registry: Registry, adapters: Collection[str], kept: Sequence[KeptList]) -> Iterator[UsedList]:
    rows = {(one.uri, one.version): one.rows for one in kept}
    for adapter in sorted(adapters):
        loaded = registry.adapters.get(adapter)
        for use in () if loaded is None else loaded.manifest.code_lists:
            found = None if use.version is None else rows.get((use.uri, use.version))
            yield UsedList(use.uri, use.version, adapter, tuple(use.scopes), found, _others(use.uri, use.version, kept))


def _others(uri: str, version: str | None, kept: Sequence[KeptList]) -> tuple[str, ...]:
    return tuple(one.version for one in kept if one.uri == uri and one.version != version)


@dataclass(slots=True)
class _Opened:
    driver: Any
    dialect: Dialect


def notices_of_code_lists(settings: Settings) -> list[str]:
    """Say where an adapter uses a version that is not imported although another one is, and which imported lists have codes that run out.

    A database that is not there yet, or cannot be read, is told of elsewhere.
    """
    file = settings.database.file
    if file is not None and not file.exists():
        return []
    try:
        engine = make_engine(settings.database.url.get_secret_value())
    except (SQLAlchemyError, ModuleNotFoundError):
        return []
    try:
        check_schema(engine)
        driver = connect(engine)
        try:
            lists = SqlCodeLists(_Opened(driver, engine.dialect))
            kept = lists.all()
            running_out = [(one, lists.run_out(one.uri, one.version)) for one in kept]
        finally:
            driver.close()
    except (SchemaOutdated, Unavailable, SQLAlchemyError, engine.dialect.loaded_dbapi.Error):
        return []
    finally:
        engine.dispose()
    adapters = {partner.adapter for partner in settings.partners.values()}
    standing = used_lists(load_registry(settings), adapters, kept)
    return [
        *map(_other_version, filter(_is_other_version, standing)),
        *(_last_days(one, entries) for one, entries in running_out if entries),
    ]


def _is_other_version(one: UsedList) -> bool:
    return one.adapter is not None and one.version is not None and one.rows is None and bool(one.others)


def _other_version(one: UsedList) -> str:
    return f"code list {one.uri}: {one.adapter} uses version {one.version}, and only {', '.join(sorted(one.others))} is imported."


def _last_days(one: KeptList, entries: Sequence[Entry]) -> str:
    days = sorted(entry.last_day for entry in entries if entry.last_day is not None)
    between = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    return f"code list {one.uri}, version {one.version}: {len(days)} of {one.rows} codes are taken for a time only (last day {between})."
