"""Very many declarations, quickly: the real storage code makes each row, sealed and authenticated per client; only the driver below it
is another, which collects the rows so that they are inserted together. Two processes make half of the clients each.
"""

import gc
import hashlib
import multiprocessing
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

import orjson

from benchmarks import people
from benchmarks.table import check
from imgate.consent import life
from imgate.consent.declaration import content_digest, first_head
from imgate.consent.head import Head
from imgate.exchange.stored import Evidence
from imgate.keys import Keyring
from imgate.keys.keyring import Key
from imgate.storage import open_store
from imgate.storage.client_keys import SqlClients
from imgate.storage.declarations import SqlDeclarations
from imgate.storage.links import SqlLinks
from imgate.storage.vault import Vault
from imgate.vocabulary.identifiers import new_id
from imgate.vocabulary.words import EvidenceKind, EvidenceLevel, SignerRole

_WORKERS = 2
_AT_ONCE = 2_000
_TABLES = ("client_keys", "links", "declarations", "declaration_heads", "declaration_events", "evidence")
_BULK = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000", "temp_store=MEMORY")


def three_or_four(number: int) -> int:
    """Give each client three declarations, every third one four."""
    return 3 + (number % 3 == 0)


def three(_number: int) -> int:
    """Give each client three declarations."""
    return 3


def one(_number: int) -> int:
    """Give each client one declaration."""
    return 1


def build(file: Path, clients: int, keyring: Keyring, shares: Sequence[Sequence[str]], each: Callable[[int], int]) -> None:
    """Make a database with so many clients, each with a link and its declarations, signed and in force.

    The client of a number is ``K-number``, and its declarations let the shares of scopes pass in turn. ``each`` is a function of a
    module, because it goes to other processes.
    """
    vault = Vault(keyring)
    # In the order of the tables, which are clustered by the client's digest: appending is what makes it quick.
    order = sorted(range(clients), key=lambda number: vault.client_digest(f"K-{number}"))
    workers = _WORKERS if clients > _AT_ONCE else 1
    share = -(-clients // workers)
    parts = [file, *(file.with_suffix(f".part{index}") for index in range(1, workers))]
    tasks = [(part, keyring.keys, order[index * share : (index + 1) * share], shares, each) for index, part in enumerate(parts)]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        indexes = pool.starmap(_make_part, tasks, chunksize=1)[0]
    with sqlite3.connect(file, isolation_level=None) as joined:
        _prepare(joined)
        for part in parts[1:]:
            _take_over(joined, part)
        for index in indexes:
            joined.execute(index)
        found = joined.execute("SELECT count(*) FROM declaration_heads").fetchone()[0]
    joined.close()
    expected = sum(each(number) for number in range(clients))
    check(found == expected, f"{found} declarations were made instead of {expected}")


def _take_over(joined: sqlite3.Connection, part: Path) -> None:
    joined.execute("ATTACH ? AS part", (str(part),))
    for table in _TABLES:
        columns = ", ".join(row[1] for row in joined.execute(f"PRAGMA part.table_info({table})") if row[1] != "position")
        joined.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM part.{table}")  # noqa: S608  # our own tables
    joined.execute("DETACH part")
    part.unlink()


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in _BULK:
        connection.execute(f"PRAGMA {pragma}")


def _make_part(
    file: Path, keys: Sequence[Key], clients: Sequence[int], shares: Sequence[Sequence[str]], each: Callable[[int], int]
) -> list[str]:
    """Make the rows of these clients, without indexes; give the statements that make those."""
    gc.disable()  # nothing here makes cycles
    keyring = Keyring(keys)
    open_store(f"sqlite:///{file}", keyring, people.ZONE).close()
    with sqlite3.connect(file, isolation_level=None) as connection:
        _prepare(connection)
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        collector = Collector()
        maker = _Maker(collector, Vault(keyring), shares, each)
        for start in range(0, len(clients), _AT_ONCE):
            for number in clients[start : start + _AT_ONCE]:
                maker.client(number)
            connection.execute("BEGIN")
            collector.flush(connection)
            connection.execute("COMMIT")
    connection.close()
    return [statement for _, statement in indexes]


class Collector:
    """A driver connection that keeps what is inserted, and answers the few questions that are asked in between."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Sequence[Any]]] = defaultdict(list)
        self._lines: Counter[str] = Counter()
        self._last_client: dict[str, Any] = {}
        self._answer: tuple[Any, ...] | None = None
        self._answers: list[tuple[Any, ...]] = []
        self.rowcount = 1

    def execute(self, sql: str, values: Sequence[Any]) -> "Collector":
        """Keep a row, or find the answer."""
        if sql.startswith("INSERT INTO"):
            self._rows[sql].append(values)
            if sql.startswith("INSERT INTO client_keys"):
                names = re.findall(r"\w+", sql[sql.index("(") + 1 : sql.index(")")])
                self._last_client = dict(zip(names, values, strict=False))
            elif sql.startswith("INSERT INTO declaration_events"):
                self._lines[values[0]] += 1
        elif "FROM client_keys" in sql:
            known = self._last_client if self._last_client.get("client") == values[0] else None
            self._answer = known and tuple(known[name] for name in re.findall(r"client_keys\.(\w+)", sql[: sql.index("FROM")]))
        elif "FROM declaration_events" in sql:
            self._answers = [(line,) for line in range(1, self._lines[values[0]] + 1)]
        else:
            self._answer = None
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Give the answer to the last question."""
        return self._answer

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Give the answers to the last question for all rows."""
        return self._answers

    def flush(self, connection: sqlite3.Connection) -> None:
        """Insert what was kept."""
        for sql, rows in self._rows.items():
            connection.executemany(sql, rows)
        self._rows.clear()
        self._lines.clear()


_PIECE = Evidence(
    id="",
    role=SignerRole.CLIENT,
    kind=EvidenceKind.PAPER_SCAN,
    level=EvidenceLevel.WRITTEN,
    signed_on="2026-01-15",
    recorded_at=datetime.min.replace(tzinfo=UTC),
    attested_by="Vera Beispiel",
    signer=None,
    media_type="application/pdf",
    sha256=hashlib.sha256(people.EVIDENCE).hexdigest(),
    content=people.EVIDENCE,
)


class _Maker:
    def __init__(self, collector: Collector, vault: Vault, shares: Sequence[Sequence[str]], each: Callable[[int], int]) -> None:
        from sqlalchemy.dialects import sqlite

        on: Any = SimpleNamespace(driver=collector, dialect=sqlite.dialect(), vault=vault, zone=people.ZONE, locks=False, writing=True)
        self._clients = SqlClients(on)
        self._links = SqlLinks(on, self._clients)
        self._declarations = SqlDeclarations(on, self._clients)
        self._at = datetime.now(UTC) - timedelta(days=1)
        fixed = {"recipient": people.PARTNER_NAME, "catalogue": 1, "wording": "1", "nonce": ""}
        contents = [people.declaration("K", share) | fixed for share in shares]
        self._signed = [
            (content, life.with_evidence(first_head("d", content), "e", "", EvidenceLevel.WRITTEN, self._at)) for content in contents
        ]
        self._made, self._each = 0, each

    def client(self, number: int) -> None:
        """Make one client with a link and its declarations."""
        client = self._clients.open(f"K-{number}")
        self._links.put(client, people.PARTNER, f"R-{number}", self._at)
        for index in range(self._each(number)):
            self._declaration(client, f"K-{number}", *self._signed[index % len(self._signed)])

    def _declaration(self, client: Any, reference: str, content: Mapping[str, Any], signed: Head) -> None:
        content = {**content} | {"client": reference, "nonce": token_hex(16)}
        piece = replace(_PIECE, id=new_id(), recorded_at=self._at)
        # RFC 8785 in the quick form that gives the same bytes for such content; compared now and then.
        digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if self._made % 1000 == 0:
            check(digest == content_digest(content), "the quick digest is another one")
        self._made += 1
        # Stored in its second version at once: the first would only be overwritten.
        head = replace(signed, id=new_id(), digest=digest, evidence=((piece.id, piece.sha256 or ""),))
        self._declarations.add(client, head, content, self._at)
        self._declarations.add_evidence(client, head.id, piece)
        self._declarations._note(head.id, self._at, ("signed", "activated"))
