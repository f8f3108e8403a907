"""What can be foreseen to fail, as one sentence each. Everything else is a bug of ours, and shows where it is."""

from collections.abc import Callable

_HOW_KEYS_ARE_MADE = (
    "With an embedded database `imgate serve` and `imgate access add` make them at the first start, with PostgreSQL `imgate keys make`."
)


def sentences_of(error: Exception) -> list[str] | None:
    """Say what went wrong, for whoever typed the command; None for what nobody foresaw. Imports late: an error has time."""
    for table in (_of_the_start, _of_storage):
        for kind, say in table().items():
            if isinstance(error, kind):
                return say(error)
    return None


def _of_the_start() -> dict[type[Exception], Callable[[Exception], list[str]]]:
    from imgate.adapters.errors import PluginRefused
    from imgate.cli.output import Failed
    from imgate.exchange.ports import Unavailable, Unreadable
    from imgate.exchange.refusals import Refused
    from imgate.keys import KeysMissing, KeysUnusable
    from imgate.settings import ConfigurationInvalid

    return {
        Failed: lambda failed: [str(failed)],
        ConfigurationInvalid: lambda invalid: str(invalid).splitlines(),
        PluginRefused: lambda refused: [str(refused)],
        KeysMissing: lambda missing: [f"Keys are missing: {missing}. {_HOW_KEYS_ARE_MADE}"],
        KeysUnusable: lambda unusable: [f"The keys cannot be used: {unusable}."],
        Unavailable: lambda away: [_sentence(away)],
        Unreadable: lambda unreadable: [_sentence(unreadable)],
        Refused: lambda refused: [f"Refused: {refused}."],
    }


def _of_storage() -> dict[type[Exception], Callable[[Exception], list[str]]]:
    import sqlite3

    from sqlalchemy.exc import DBAPIError, NoSuchModuleError

    from imgate.storage.backup import BackupUnusable
    from imgate.storage.erasures import ErasuresInvalid, ErasuresMissing
    from imgate.storage.key_checks import KeysMismatch
    from imgate.storage.migrate import SchemaOutdated
    from imgate.storage.unreachable import why_unreachable

    return {
        SchemaOutdated: lambda outdated: [_sentence(outdated)],
        BackupUnusable: lambda unusable: [f"The backup cannot be used: {unusable}."],
        ErasuresMissing: lambda missing: [f"{_sentence(missing)} Put it back, or accept that with --accept-lost-erasures."],
        ErasuresInvalid: lambda invalid: [_sentence(invalid)],
        KeysMismatch: lambda mismatch: [f"The keys do not fit: {mismatch}."],
        DBAPIError: lambda error: [_ended(f"The database cannot be used: {why_unreachable(error)}")],
        sqlite3.Error: lambda error: [_ended(f"The database cannot be used: {why_unreachable(error)}")],
        NoSuchModuleError: lambda _: ["The driver for this database is not installed: install imgate[postgres]."],
        ModuleNotFoundError: lambda error: [f"A package is missing: {error}." if isinstance(error, ModuleNotFoundError) else ""],
    }


def _sentence(error: Exception) -> str:
    text = str(error)
    return _ended(f"{text[:1].upper()}{text[1:]}")


def _ended(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
