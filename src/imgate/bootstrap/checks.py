"""What would keep the gateway from starting, beyond the configuration's own form: plugins, keys, database. Changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from imgate.bootstrap.code_lists import notices_of_code_lists
from imgate.bootstrap.custody import custody_of
from imgate.bootstrap.examiner import examiner_of, faults_of_signature_files
from imgate.bootstrap.glance import glance
from imgate.bootstrap.keys import look_for_token
from imgate.bootstrap.openings import notices_of_openings
from imgate.bootstrap.partners import load_registry, partners_of
from imgate.exchange.ports import Unavailable
from imgate.keys import Custody, Keyring, KeysMissing, KeysUnusable, are_encrypted, load_keys
from imgate.settings import Problem, Settings, places_of
from imgate.storage import SqlStore
from imgate.storage.engine import make_engine
from imgate.storage.key_checks import KeysMismatch, check_keys
from imgate.storage.migrate import SchemaOutdated, check_schema
from imgate.storage.unreachable import why_unreachable
from imgate.transports.folder import unusable
from imgate.transports.time_stamp_answers import TimeStampTrust
from imgate.vocabulary.words import UserRole


def problems_of(settings: Settings) -> list[Problem]:
    """Give every problem with its place in the file."""
    _, faults = partners_of(settings, load_registry(settings))
    places = places_of(settings)
    _, faults_of_evidence = examiner_of(settings)
    faults_of_files = faults_of_signature_files(settings, datetime.now(UTC))
    found = (*faults, *faults_of_evidence, *faults_of_files, *_of_folders(settings), *_of_time_stamps(settings), *_of_keys(settings))
    return [places.problem(path, sentence) for path, sentence in found]


def notices_of(settings: Settings) -> list[str]:
    """Say what keeps nothing from starting and an operator may want to know, one sentence each. Changes nothing."""
    return [
        *_notices_of_keys(settings),
        *_notices_of_papers(settings),
        *_notices_of_signatures(settings),
        *notices_of_code_lists(settings),
        *notices_of_openings(settings),
        *_notices_of_office(settings),
    ]


def _notices_of_papers(settings: Settings) -> list[str]:
    if settings.papers.office:
        return []
    return ["[papers] office is not set: forms and copies do not say where a client can revoke."]


def _notices_of_signatures(settings: Settings) -> list[str]:
    if settings.signatures.rules is not None or not settings.signatures.names_files:
        return []
    return ["[signatures] names files, and nobody to trust: without trust_roots or trusted_lists, signed PDFs are not accepted."]


def _notices_of_keys(settings: Settings) -> list[str]:
    keys = settings.keys
    try:
        if are_encrypted(keys.folder):
            return []
    except (KeysMissing, KeysUnusable):
        return []  # is told as a problem, or they are made at the first start
    if keys.passphrase is None and keys.passphrase_file is None:
        return [f"{keys.folder} is not encrypted: whoever reads it can read everything. `imgate keys protect` encrypts it."]
    return [f"{keys.folder} is not encrypted although there is a passphrase: `imgate keys protect` does that."]


def _notices_of_office(settings: Settings) -> list[str]:
    """Say where one person can have two accesses of the office: four eyes count accesses, and cannot tell that two are one person's."""
    openid = settings.openid
    if openid is None or all(each.role is not UserRole.OFFICE for each in openid.roles.values()):
        return []
    local = glance(settings, _local_office)
    if not local:
        return []
    names = ", ".join(local)
    return [
        f"[openid.roles] gives the role office, and logins of imgate's own have it too ({names}): nobody may have one of each (four eyes)."
    ]


def _local_office(store: SqlStore) -> list[str]:
    users = store.people.users.list()
    return [user.name for user in users if user.role is UserRole.OFFICE and user.issuer is None and user.revoked_at is None]


def _of_folders(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Look at the folders that messages are laid into. One that is away keeps nothing from starting, but nothing arrives either."""
    for partner, configured in settings.partners.items():
        if configured.transport.kind != "folder":
            continue
        for entry in ("folder", "acknowledgement_folder"):
            named = configured.transport.entries.get(entry)
            sentence = unusable(Path(named)) if isinstance(named, str) else None
            if sentence is not None:
                yield ("partners", partner, "transport", entry), sentence


def _of_time_stamps(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Look at what a checkpoint's time-stamp needs. Without it checkpoints are signed all the same, so nobody would miss it."""
    audit = settings.audit
    if audit.time_stamp_roots is not None:
        try:
            TimeStampTrust.read(audit.time_stamp_roots)
        except ValueError as error:
            yield ("audit", "time_stamp_roots"), str(error)
    if audit.time_stamp_url is not None and find_spec("rfc3161_client") is None:
        yield ("audit", "time_stamp_url"), "needs a package that is not installed: install imgate[tsa]"


def _of_keys(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    database, folder = settings.database.file, settings.keys.folder
    if database is not None and not database.exists():
        if not database.parent.is_dir():
            yield ("database", "url"), "names a file in a folder that does not exist"
        if not folder.exists():
            return  # both are made at the first start
    keyring: Keyring | None
    try:
        custody = custody_of(settings.keys)
        keyring = load_keys(folder, custody)
    except (KeysMissing, KeysUnusable) as error:
        yield ("keys", "folder"), str(error)
        keyring = None
    else:
        yield from _of_token(keyring, custody)
    if database is None or database.exists():
        sentence = _of_database(settings, keyring)
        if sentence is not None:
            yield ("database", "url"), sentence


def _of_token(keyring: Keyring, custody: Custody) -> Iterator[tuple[tuple[str, ...], str]]:
    try:
        look_for_token(keyring, custody)
    except KeysUnusable as error:
        yield ("keys", "pkcs11"), str(error)


def _of_database(settings: Settings, keyring: Keyring | None) -> str | None:
    """Say what is wrong with the database; without keys only whether it answers and has its tables."""
    try:
        engine = make_engine(settings.database.url.get_secret_value())
        try:
            check_schema(engine)
        except SchemaOutdated as outdated:
            # An embedded database is brought up to date at the next start.
            return None if settings.database.is_sqlite else str(outdated)
        if keyring is None:
            return None
        store = SqlStore(engine, keyring, settings.zone)
        try:
            with store.transaction() as tx:
                check_keys(tx.session)
        finally:
            store.close()
    except KeysMismatch as mismatch:
        return str(mismatch)
    except ModuleNotFoundError:
        return "the driver for PostgreSQL is not installed: install imgate[postgres]"
    except (Unavailable, SQLAlchemyError) as error:
        return f"cannot be opened: {why_unreachable(error)}"
    return None
