"""After an erasure nothing of the client can be read: not in the database, the files, a backup without its keys, or the logs.

One client is full of marks in every place that imgate has for anything of a client, a second one of other words. Which places there are is
read off the schema: a table that somebody adds has to be told here what becomes of it.
"""

import dataclasses
import io
import logging
import re
import sqlite3
from contextlib import ExitStack, closing, contextmanager, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from imgate.bootstrap import open_gateway
from imgate.bootstrap.erasing import erase
from imgate.exchange.declarations import register
from imgate.exchange.stored import Cursor
from imgate.keys import make_keys
from imgate.settings import load_settings
from imgate.storage.backup import KEYS, MAIN, backup
from imgate.storage.engine import make_engine
from imgate.storage.migrate import upgrade
from imgate.storage.proof import verify_store
from imgate.storage.schema import metadata
from imgate.storage.sweep import sweep
from tests.acceptance.attacker import Attacker, Rows, cells_of, of_client, rows_of
from tests.acceptance.chance import chance
from tests.acceptance.conftest import OPENED
from tests.acceptance.full_life import Life, Plain, plainly
from tests.acceptance.inbound_writers import ABH
from tests.acceptance.marks import TEXT, Marks
from tests.acceptance.search import found_in, found_in_files
from tests.exchange.conftest import World

MINE, OTHERS = f"K-{TEXT}abcdefgh", "K-2026-0002"
GOES, STAYS, NOBODYS = "its rows go", "its rows stay, and name nobody", "nothing of a client stands there"
# What becomes of each table.
TABLES = {
    "client_keys": STAYS,
    "declarations": STAYS,
    "declaration_heads": STAYS,
    "declaration_events": STAYS,
    "declaration_reasons": STAYS,
    "evidence": STAYS,
    "exchanges": STAYS,
    "exchange_history": STAYS,
    "disclosures": STAYS,
    "revocations": STAYS,
    "notices": STAYS,
    "intake_people": STAYS,
    "access_log": STAYS,
    "links": GOES,
    "known": GOES,
    "origins": GOES,
    "outbox": GOES,
    "inbox": GOES,
    "awaited": GOES,
    "client_pages": GOES,
    "scope_requests": GOES,
    "sessions": GOES,
    "intake": NOBODYS,  # a receipt and a count of problems, once the message was taken
    "intake_message_ids": NOBODYS,
    "idempotency": NOBODYS,  # ids and scopes for a day, under a keyed digest of caller, path and key
    "audit_log": NOBODYS,  # a random subject, which only the client's data key tells
    "audit_tiles": NOBODYS,
    "checkpoints": NOBODYS,
    "paper_facts": NOBODYS,
    "accesses": NOBODYS,
    "used_assertions": NOBODYS,
    "users": NOBODYS,
    "passkeys": NOBODYS,
    "openings": NOBODYS,
    "partner_health": NOBODYS,
    "code_lists": NOBODYS,
    "code_list_entries": NOBODYS,
    "key_checks": NOBODYS,
}
# What the proof of consent is made of: it opens until the term of proof is over.
PROOF = {"declarations.content", "declaration_heads.unit", "declaration_reasons.reason", "evidence.detail", "evidence.content"}


# Sealed, or bytes of another kind, and no mark can stand there.
UNMARKED = {
    "client_keys.proof_key": "a random key",
    "client_keys.data_key": "a random key",
    "client_keys.subject": "random",
    "client_pages.code": "random",
    "client_pages.code_digest": "a keyed digest",
    "client_pages.factor": "a keyed digest",
    "declaration_heads.head": "in clear: scopes, purposes, dates, digests",
    "declaration_heads.mac": "a MAC",
    "links.mac": "a MAC",
}

HEAD = "declaration_heads.head"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request, tmp_path_factory):
    """A gateway on either database, for all tests of this file."""
    folder, text = tmp_path_factory.mktemp("erased"), OPENED
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(taken_database(request.getfixturevalue("postgres_server")))
            text = OPENED.replace("sqlite:///imgate.db", url).replace("[database]", 'url = "https://imgate.example"\n\n[database]')
            make_keys(folder / "imgate.keys", date(2026, 1, 1))
        (folder / "imgate.toml").write_text(text, encoding="utf-8")
        yield World(stack.enter_context(open_gateway(load_settings(folder / "imgate.toml"), make_keys=True)))


@contextmanager
def taken_database(server):
    """Lend an empty, migrated database of the server that all tests share."""
    address, run, free = server
    name = free.pop() if free else "erased"
    url = address.replace("/postgres?", f"/{name}?")
    if name == "erased":
        run(f"CREATE DATABASE {name}")
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
    yield url
    run(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE", name)
    free.append(name)


def stored(store):
    with store.reading() as tx:
        return rows_of(tx.session.driver)


@pytest.fixture(scope="module")
def erased(house, tmp_path_factory):
    """Let two clients live, and erase the first one: nothing of whom may be found. The words of the other one are no marks."""
    marks, plain = Marks(chance(11)), Plain()
    mine = Life(house, MINE, marks.word, marks.record()[0])
    other = Life(house, OTHERS, plain.word, plainly(Marks(chance(12)).record()[0]))
    gateway, copy = dataclasses.replace(house.gateway, corridor=house.corridor), tmp_path_factory.mktemp("copies") / "backup"
    with logged() as logs:
        mine.live()
        other.live()
        before = stored(gateway.store)
        backup(gateway.store, copy)
        (copy / KEYS).unlink()
        mine.receive(work=False)  # sealed, and not looked at yet
        assert erase(gateway, MINE, "operator")
        after = stored(gateway.store)
        files = {file: file.read_bytes() for file in gateway.settings.file.parent.rglob("*") if file.is_file()}
        sweep(gateway.store, house.now.replace(year=house.now.year + 3))
    return Erased(house, other, before, after, stored(gateway.store), files, copy, logs.getvalue())


@contextmanager
def logged():
    """Keep everything that is said on both streams, and by whatever logger."""
    said, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(said), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@dataclasses.dataclass
class Erased:
    """What there is to be searched: ``over`` are the rows when the term of proof is over, ``files`` those beside the configuration."""

    world: World
    other: Life
    before: Rows
    after: Rows
    over: Rows
    files: dict
    copy: Path
    logs: str

    @property
    def gateway(self):
        return self.world.gateway

    @property
    def digest(self):
        return self.gateway.store.vault.client_digest(MINE)

    @property
    def new_digest(self):
        (digest,) = {row[0] for row in self.after["client_keys"]} - {row[0] for row in self.before["client_keys"]}
        return digest

    def attacker(self, rows):
        return Attacker(self.gateway.keyring, rows["client_keys"])

    def in_backup(self, attacker):
        """Search the backup, by its rows and by its bytes."""
        with closing(sqlite3.connect(self.copy / MAIN)) as connection:
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = rows_of(connection, there)
        assert found_in_files(self.copy) == {}
        return attacker.finds(cells_of(rows))


def test_every_table_is_told_what_becomes_of_it_and_every_sealed_column_was_full(erased):
    """Else the search would be worth nothing: a new table, or a new column that is sealed, has to be filled here."""
    assert metadata.tables.keys() == TABLES.keys()
    mine = of_client(erased.before, erased.digest)
    assert {name for name, rows in mine.items() if rows} == {name for name, fate in TABLES.items() if fate != NOBODYS}
    ours = [table for table in metadata.sorted_tables if TABLES[table.name] != NOBODYS]
    sealed = {f"{table.name}.{column.key}" for table in ours for column in table.c if isinstance(column.type, LargeBinary)}
    found = erased.attacker(erased.before).finds(cells_of(erased.before))
    assert found.keys() <= sealed
    assert sealed - found.keys() == UNMARKED.keys()
    assert found.keys() > PROOF


def test_nothing_opens_any_more_but_the_proof_of_consent(erased):
    found = erased.attacker(erased.after).finds(cells_of(erased.after))
    assert found.keys() == PROOF


def test_when_the_term_of_proof_is_over_that_is_gone_too(erased):
    attacker = erased.attacker(erased.over)
    assert attacker.finds(cells_of(erased.over)) == {}
    assert erased.in_backup(attacker) == {}
    assert verify_store(erased.gateway.store).sound


def test_a_backup_of_before_opens_no_further_without_its_keys(erased):
    assert erased.in_backup(erased.attacker(erased.after)).keys() == PROOF


def test_no_row_names_the_client_and_those_of_what_is_over_are_gone(erased):
    assert not any(of_client(erased.after, erased.digest).values())
    before, after = of_client(erased.before, erased.digest), of_client(erased.after, erased.new_digest)
    assert {name for name, rows in after.items() if rows} == {name for name, fate in TABLES.items() if fate == STAYS}
    fewer = {name for name in after if TABLES[name] == STAYS and len(after[name]) < len(before[name])}
    assert fewer == set()
    still = {cell for cells in cells_of(after).values() for cell in cells if isinstance(cell, bytes) and len(cell) > 16}
    assert {f"{table}.{column}" for (table, column), cells in cells_of(before).items() if still & set(cells)} == PROOF | {HEAD}


def test_what_is_gone_stands_in_no_file(erased):
    """Not in free pages, and not in the write-ahead log: neither what was sealed, nor the keys, nor what stood for the client."""
    if not erased.gateway.settings.database.is_sqlite:
        pytest.skip("PostgreSQL's files are the server's; what keeps old bytes unreadable there is that the key is gone (see erase)")
    after = {cell for cells in cells_of(erased.after).values() for cell in cells}
    mine = {cell for cells in cells_of(of_client(erased.before, erased.digest)).values() for cell in cells}
    gone = [cell for cell in mine - after if isinstance(cell, bytes) and len(cell) > 16]
    gone += [cell.encode() for cell in mine - after if isinstance(cell, str) and re.fullmatch("[0-9a-f]{32}", cell)]
    assert len(gone) > 30
    assert [cell for cell in gone for content in erased.files.values() if cell in content] == []
    stays = [row[0].encode() for row in erased.after["client_keys"]]
    assert all(any(cell in content for content in erased.files.values()) for cell in stays)  # the search finds what is there
    assert [file.name for file, content in erased.files.items() if found_in(content)] == []
    assert "imgate.db" in {file.name for file in erased.files}


def test_no_log_says_anything_of_anybody(erased):
    assert erased.logs
    assert found_in(erased.logs.encode()) == set()


def test_the_log_verifies_and_says_that_somebody_was_erased(erased):
    assert verify_store(erased.gateway.store).sound
    assert sum(b"client_erased" in row for row in entries_of(erased.after)) == 1
    assert not any(found_in(entry) for entry in entries_of(erased.after))


def entries_of(rows):
    index = list(metadata.tables["audit_log"].c.keys()).index("entry")
    return [bytes(row[index]) for row in rows["audit_log"]]


def test_the_other_client_is_untouched(erased):
    """Every row is the same, byte for byte, and everything that was there still works."""
    digest = erased.gateway.store.vault.client_digest(OTHERS)
    before = of_client(erased.before, digest)
    assert {name for name, rows in before.items() if rows} == {name for name, fate in TABLES.items() if fate != NOBODYS}
    assert of_client(erased.after, digest) == before
    world = erased.world
    assert len(world.disclosures(OTHERS)) == len(before["disclosures"])
    assert {item["client"] for item in world.inbox()} == {OTHERS}
    assert erased.other.waiting in {item["id"] for item in world.outbox(ABH)}
    shown = register.page(world.corridor, OTHERS, Cursor())["items"]
    assert {"active", "draft", "paused", "revoked"} == {declaration["state"] for declaration in shown}
    assert all("Anderswort" in declaration["content"]["occasion"] for declaration in shown)


def test_nobodys_tables_hold_the_same_as_before(erased):
    grown = {"audit_log", "audit_tiles", "checkpoints", "intake", "intake_message_ids", "key_checks"}
    changed = {name for name, fate in TABLES.items() if fate == NOBODYS and erased.before[name] != erased.after[name]}
    assert changed <= grown
