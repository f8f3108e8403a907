"""The migrations lead to the schema that the code was written for."""

import json
from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from imgate.storage import open_store
from imgate.storage.engine import connect, make_engine
from imgate.storage.migrate import SchemaOutdated, configuration, upgrade
from imgate.storage.schema import metadata


def test_migrations_and_metadata_agree(url):
    engine = make_engine(url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrated_embedded_database_is_what_the_metadata_would_make(tmp_path):
    migrated, made = (make_engine(f"sqlite:///{tmp_path / name}") for name in ("migrated.db", "made.db"))
    upgrade(migrated)
    metadata.create_all(made)

    def shape(engine, table):
        with closing(connect(engine)) as driver:

            def pragma(name, of):
                return sorted(map(str, driver.execute(f"PRAGMA {name}('{of}')").fetchall()))

            indexes = [row[1] for row in driver.execute(f"PRAGMA index_list('{table}')")]
            written = driver.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [table]).fetchone()[0]
            kind = [word for word in ("WITHOUT ROWID", "AUTOINCREMENT") if word in written]
            parts = pragma("table_xinfo", table), sorted(line.partition(",")[2] for line in pragma("foreign_key_list", table))
            return *parts, sorted(str(pragma("index_xinfo", index)) for index in indexes), kind

    for table in metadata.tables:
        assert shape(migrated, table) == shape(made, table)


def test_upgrading_twice_changes_nothing(url):
    engine = make_engine(url)
    upgrade(engine)
    before = sorted(inspect(engine).get_table_names())
    upgrade(engine)
    assert sorted(inspect(engine).get_table_names()) == before
    engine.dispose()


@pytest.mark.postgres
def test_a_postgresql_without_tables_is_refused_with_what_to_do(postgres, keyring):
    url = postgres()
    engine = make_engine(url)
    with engine.begin() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    with pytest.raises(SchemaOutdated, match="imgate database upgrade"):
        open_store(url, keyring, None)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def test_the_file_can_be_read_by_its_owner_only(sqlite_store, tmp_path):
    for file in tmp_path.glob("imgate.db*"):
        assert file.stat().st_mode & 0o077 == 0


def test_the_embedded_database_is_durable_and_forgets(sqlite_store):
    with sqlite_store.transaction() as tx:
        driver = tx.session.driver
        settings = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")}
        assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
        assert driver.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_who_spares_memory_keeps_a_quarter_of_the_pages_and_writes_all_the_same(sqlite_store, sqlite_sample):
    def kept():
        with sqlite_store.transaction() as tx:
            return tx.session.driver.execute("PRAGMA cache_size").fetchone()[0]

    assert kept() == -65_536
    sqlite_store.spare_memory()
    assert kept() == -16_384
    with sqlite_store.transaction() as tx:
        client = sqlite_sample.client(tx)
    with sqlite_store.reading() as tx:
        assert tx.clients.find(client.reference).digest == client.digest


def test_what_was_there_before_delivery_came_is_completed(tmp_path):
    """0002: a waiting message knows its client, and a declaration its last day; nothing that was there changes."""
    engine = make_engine(f"sqlite:///{tmp_path / 'imgate.db'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        head = json.dumps([*"abcdefghij", "2026-01-15", "2026-12-31"]).encode()
        for statement in (
            "INSERT INTO client_keys (client, id, wrapping_key) VALUES ('c1', 'k1', 'w')",
            "INSERT INTO declarations (id, client, partner, created_at, content) VALUES ('d1', 'c1', 'p', '2026-01-01', x'00')",
            (
                "INSERT INTO exchanges (id, client, partner, direction, state, created_at, released, withheld, declarations, attempts) "
                "VALUES ('e1', 'c1', 'p', 'to_partner', 'queued', '2026-01-01', '[]', '[]', '[]', 0)"
            ),
            (
                "INSERT INTO outbox (exchange, partner, named, provenance, reference_digest, media_type, sha256, fetched, "
                "handed_out_count, message, released) VALUES ('e1', 'p', '{}', '{}', 'r', 'm', 's', 1, 0, x'01', x'02')"
            ),
        ):
            connection.execute(text(statement))
        heads = (
            "INSERT INTO declaration_heads (client, partner, id, version, mac, unit, head) VALUES ('c1', 'p', 'd1', 1, x'00', x'00', :head)"
        )
        connection.execute(text(heads), {"head": head})
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT client, message, released, held_until, note FROM outbox")).fetchall() == [
            ("c1", b"\x01", b"\x02", None, None)
        ]
        assert connection.execute(text("SELECT ends_on, ended_at, head FROM declaration_heads")).fetchall() == [("2026-12-31", None, head)]
    engine.dispose()
