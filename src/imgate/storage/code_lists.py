"""Published code lists, in one transaction; any number of versions of a list stand side by side."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, literal_column, select

from imgate.codelists import CodeList, Column, Entry, KeptList
from imgate.storage.code_list_tables import code_list_entries, code_lists
from imgate.storage.engine import is_sqlite
from imgate.storage.statement import On, Row, Statement, insert_into

_l, _e = code_lists.c, code_list_entries.c
_KEPT = (_l.uri, _l.version, _l.version_uri, _l.title, _l.columns, _l.key_column, _l.name_column, _l.rows, _l.sha256, _l.imported_at)
_THIS_LIST = (_l.uri == bindparam("this_uri"), _l.version == bindparam("this_version"))
_OF_THIS = (_e.uri == bindparam("this_uri"), _e.version == bindparam("this_version"))
_ENTRY = (_e.code, _e.name, _e.last_day, _e.cells)

_IMPORTING = 0x696D67617468  # the number of the advisory lock by which imports take turns; SQLite's writers do so anyway
_HOLD = Statement(select(literal_column(f"pg_advisory_xact_lock({_IMPORTING})::text")))
_ADD, _ADD_ENTRY = insert_into(code_lists), insert_into(code_list_entries)
_REMOVE, _REMOVE_ENTRIES = Statement(delete(code_lists).where(*_THIS_LIST)), Statement(delete(code_list_entries).where(*_OF_THIS))
_ALL = Statement(select(*_KEPT).order_by(_l.uri, _l.version))
_FIND = Statement(select(*_KEPT).where(*_THIS_LIST))
_VERSIONS = Statement(select(_l.version).where(_l.uri == bindparam("this_uri")))
_GET = Statement(select(*_ENTRY).where(*_OF_THIS, _e.code == bindparam("this_code")))
_ENTRIES = Statement(select(*_ENTRY).where(*_OF_THIS).order_by(_e.place))
_RUN_OUT = Statement(select(*_ENTRY).where(*_OF_THIS, _e.last_day.is_not(None)).order_by(_e.place))


class SqlCodeLists:
    """The imported lists. Needs no keys: it can be read before those are at hand."""

    def __init__(self, on: On) -> None:
        self._on = on

    def hold(self) -> None:
        """Let nobody else import a list until the commit."""
        if not is_sqlite(self._on.dialect):
            _HOLD.first(self._on)

    def put(self, code_list: CodeList, sha256: str, at: datetime) -> None:
        """Store a version of a list in place of what was there of it."""
        self.remove(code_list.uri, code_list.version)
        _ADD.run(
            self._on,
            uri=code_list.uri,
            version=code_list.version,
            version_uri=code_list.version_uri,
            title=code_list.title,
            columns=[[column.id, column.name] for column in code_list.columns],
            key_column=code_list.key_column,
            name_column=code_list.name_column,
            rows=len(code_list.entries),
            sha256=sha256,
            imported_at=at,
        )
        named = {"uri": code_list.uri, "version": code_list.version}
        _ADD_ENTRY.many(
            self._on,
            (
                {**named, "code": entry.code, "place": place, "name": entry.name, "last_day": entry.last_day, "cells": dict(entry.cells)}
                for place, entry in enumerate(code_list.entries)
            ),
        )

    def remove(self, uri: str, version: str) -> None:
        """Forget a version of a list, with its codes."""
        this = {"this_uri": uri, "this_version": version}
        _REMOVE_ENTRIES.run(self._on, **this)
        _REMOVE.run(self._on, **this)

    def all(self) -> Sequence[KeptList]:
        """Give every version of every list."""
        return [_kept(row) for row in _ALL.all(self._on)]

    def find(self, uri: str, version: str) -> KeptList | None:
        """Give one version of one list."""
        row = _FIND.first(self._on, this_uri=uri, this_version=version)
        return None if row is None else _kept(row)

    def versions(self, uri: str) -> Sequence[str]:
        """Give the versions of a list, in no order."""
        return [version for (version,) in _VERSIONS.all(self._on, this_uri=uri)]

    def entry(self, uri: str, version: str, code: str) -> Entry | None:
        """Give one code."""
        row = _GET.first(self._on, this_uri=uri, this_version=version, this_code=code)
        return None if row is None else Entry(*row)

    def entries(self, uri: str, version: str) -> Sequence[Entry]:
        """Give all codes in the order of the file."""
        return [Entry(*row) for row in _ENTRIES.all(self._on, this_uri=uri, this_version=version)]

    def run_out(self, uri: str, version: str) -> Sequence[Entry]:
        """Give those codes that have a last day."""
        return [Entry(*row) for row in _RUN_OUT.all(self._on, this_uri=uri, this_version=version)]


def _kept(row: Row) -> KeptList:
    uri, version, version_uri, title, columns, *rest = row
    return KeptList(uri, version, version_uri, title, tuple(Column(*column) for column in columns), *rest)
