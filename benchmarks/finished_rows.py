"""Very many finished exchanges, quickly: the rows that a real one left, multiplied by SQL.

Each has an id of its own, one of the clients, and its own places in the audit log. What the log's entries are authenticated with, and
what is sealed, are not theirs: nothing that a new exchange does reads them.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.table import check

# Ids of version 7 from long ago: they stand before all new ones, as what is finished does.
_NUMBERED = "printf('%08x-%04x-7000-8000-%012x', 0x018a0000 + n / 65536, n % 65536, n)"
# Half of them belong to the clients of whom new exchanges will be, the others to everybody in turn.
_CLIENTS = """
CREATE TEMP TABLE made AS
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
SELECT n, {id} AS exchange, CASE n % 2
    WHEN 0 THEN (SELECT client FROM senders WHERE senders.rowid = n / 2 % (SELECT count(*) FROM senders) + 1)
    ELSE (SELECT client FROM clients WHERE clients.rowid = n / 2 % (SELECT count(*) FROM clients) + 1)
END AS client FROM numbers
"""
_OWN: Mapping[str, Mapping[str, str]] = {
    "exchanges": {"id": "made.exchange", "client": "made.client"},
    "exchange_history": {"exchange": "made.exchange"},
    "disclosures": {"exchange": "made.exchange", "client": "made.client"},
    "audit_log": {
        "id": "lower(hex(randomblob(16)))",
        "leaf": "randomblob(32)",
        "mac": "randomblob(32)",
        "place_mac": "randomblob(32)",
        "place": "(SELECT placed FROM last) + n * (SELECT count(*) FROM left_audit_log) + left_audit_log.rowid",
        "entry": "CAST(replace(CAST(entry AS TEXT), (SELECT id FROM left_exchanges), made.exchange) AS BLOB)",
    },
}
_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000", "temp_store=MEMORY")


def multiply(database: Path, count: int, senders: Sequence[str]) -> None:
    """Put so many finished exchanges beside the only one that there is; ``senders`` are the digests of clients who get half of them."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        check(connection.execute("SELECT count(*), min(state) FROM exchanges").fetchone() == (1, "acknowledged"), "there is another number")
        connection.execute("BEGIN")
        connection.execute("CREATE TEMP TABLE senders (client TEXT)")
        connection.executemany("INSERT INTO senders VALUES (?)", [(each,) for each in senders])
        connection.execute("CREATE TEMP TABLE clients AS SELECT client FROM client_keys")
        connection.execute(_CLIENTS.format(id=_NUMBERED), {"count": count})
        for table in _OWN:
            of_exchange = " WHERE instr(CAST(entry AS TEXT), (SELECT id FROM exchanges))" if table == "audit_log" else ""
            connection.execute(f"CREATE TEMP TABLE left_{table} AS SELECT * FROM {table}{of_exchange}")  # noqa: S608  # our own tables
        connection.execute("CREATE TEMP TABLE last AS SELECT max(place) AS placed FROM audit_log")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for table, own in _OWN.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "position"]
            values = ", ".join(own.get(column, f"left_{table}.{column}") for column in columns)
            into = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM made CROSS JOIN left_{table}"  # noqa: S608  # as above
            connection.execute(into)
        for _, statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
