"""Somebody who has the database, the files, a backup without its keys, and the whole keyring: what can be read with all of it?

Every sealed value is tried with every key, wherever it stands: AES-GCM without its tag is AES in counter mode, so the attacker need not
even know to which place a value was bound.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from imgate.storage.schema import metadata
from imgate.storage.sealing import place, unseal
from tests.acceptance.search import found_in

Reading = Any  # a driver's connection, of either database
Cells = dict[tuple[str, str], list[object]]
Rows = dict[str, list[tuple[object, ...]]]


def rows_of(connection: Reading, tables: Container[str] = metadata.tables) -> Rows:
    """Read every row of these tables as the database has it, in one order."""
    rows = {}
    for table in metadata.sorted_tables:
        if table.name in tables:
            columns = ", ".join(f'"{column.key}"' for column in table.c)
            found = connection.execute(f"SELECT {columns} FROM {table.name}").fetchall()  # noqa: S608  # names out of the schema
            rows[table.name] = sorted(map(tuple, found), key=repr)
    return rows


def cells_of(rows: Rows) -> Cells:
    """Turn rows into what stands in each column."""
    return {
        (name, column): [row[index] for row in of_table]
        for name, of_table in rows.items()
        for index, column in enumerate(metadata.tables[name].c.keys())
    }


def of_client(rows: Rows, digest: str) -> Rows:
    """Give the rows that are about a client: by the foreign keys, row by row, whatever tables there are."""
    found: dict[str, set[tuple[object, ...]]] = {name: set() for name in rows}
    named = {("client_keys", "client"): {digest}}
    grown = True
    while grown:
        grown = False
        for table in metadata.sorted_tables:
            places = [(list(table.c.keys()).index(fk.parent.key), (fk.column.table.name, fk.column.key)) for fk in table.foreign_keys]
            if table.name == "client_keys":
                places = [(0, ("client_keys", "client"))]
            for row in rows[table.name]:
                if row not in found[table.name] and any(row[index] in named.get(place_, ()) for index, place_ in places):
                    found[table.name].add(row)
                    for index, column in enumerate(table.c.keys()):
                        if row[index] is not None and any(column == fk.column.key for fk in _fks_to(table.name)):
                            named.setdefault((table.name, column), set()).add(row[index])
                    grown = True
    return {name: sorted(of_table, key=repr) for name, of_table in found.items()}


def _fks_to(name: str):
    return [fk for table in metadata.sorted_tables for fk in table.foreign_keys if fk.column.table.name == name]


class Attacker:
    """Holds every key that can be had: those of the keyring, and what they unwrap among these clients' keys."""

    def __init__(self, keyring, clients: list[tuple[object, ...]] = ()) -> None:
        self._keys = [*keyring.wrapping.values()]
        self._keys += [keyring.derived("intake", use) for use in _USES]
        columns = list(metadata.tables["client_keys"].c.keys())
        for row in clients:
            self._keys += self._unwrapped(keyring, dict(zip(columns, row, strict=True)))

    @staticmethod
    def _unwrapped(keyring, row: Mapping[str, object]) -> Iterator[bytes]:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        wrapping = AESGCM(keyring.wrapping[row["wrapping_key"]])
        for column in ("proof_key", "data_key"):
            if row[column] is not None:
                yield unseal(wrapping, row[column], place("client_keys", column, row["id"], row["client"]))

    def reads(self, value: object) -> set[str]:
        """Give the marks in a value, as it stands there or opened with any key."""
        if value is None or isinstance(value, bool | int):
            return set()
        if not isinstance(value, bytes):
            return found_in(repr(value).encode()) | found_in(str(value).encode())
        return found_in(value).union(*(found_in(plain) for plain in self._opened(value)))

    def finds(self, cells: Cells) -> dict[str, set[str]]:
        """Give what can be read, by column."""
        found = {}
        for (table, column), values in cells.items():
            marks = set().union(*(self.reads(value) for value in dict.fromkeys(values)))
            if marks:
                found[f"{table}.{column}"] = marks
        return found

    def _opened(self, sealed: bytes) -> Iterator[bytes]:
        if len(sealed) <= _HEADER + _TAG:
            return
        for key in self._keys:
            counter = sealed[1:_HEADER] + (2).to_bytes(4, "big")
            yield Cipher(AES(key), CTR(counter)).decryptor().update(sealed[_HEADER:-_TAG])


_HEADER, _TAG = 13, 16
_USES = ("seal", "people")  # all other keys of the keyring sign and digest, and seal nothing
