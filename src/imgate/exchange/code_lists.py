"""Import a published code list, remove one again, and what imported lists say about a code."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from imgate.audit.events import Event, EventName
from imgate.codelists import CodeList, Entry, newest, runs_out
from imgate.exchange.context import Corridor
from imgate.exchange.ports import Store, Transaction


class Import(StrEnum):
    """What became of an import. ``DIFFERS`` is a refusal: this version was imported with other content, and stays."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DIFFERS = "differs"


def import_code_list(corridor: Corridor, code_list: CodeList, sha256: str, *, replace: bool) -> Import:
    """Store a list and put that on record. ``sha256`` is that of the file; another column of names counts as other content."""
    with corridor.store.transaction() as tx:
        tx.code_lists.hold()
        kept = tx.code_lists.find(code_list.uri, code_list.version)
        read_by = (code_list.key_column, code_list.name_column)
        if kept is not None and (kept.sha256, kept.key_column, kept.name_column) == (sha256, *read_by):
            return Import.UNCHANGED
        if kept is not None and not replace:
            return Import.DIFFERS
        at = corridor.clock()
        tx.code_lists.put(code_list, sha256, at)
        fields = {"uri": code_list.uri, "version": code_list.version, "sha256": sha256, "rows": len(code_list.entries)}
        tx.audit(Event(EventName.CODELIST_IMPORTED, at, "operator", None, {**fields, "replaced": kept is not None}))
    return Import.NEW if kept is None else Import.REPLACED


def remove_code_list(corridor: Corridor, uri: str, version: str) -> bool:
    """Remove one imported version of a list and put that on record; false where it is not there. Messages do not change by it."""
    with corridor.store.transaction() as tx:
        tx.code_lists.hold()
        kept = tx.code_lists.find(uri, version)
        if kept is None:
            return False
        tx.code_lists.remove(uri, version)
        fields = {"uri": uri, "version": version, "sha256": kept.sha256, "rows": kept.rows}
        tx.audit(Event(EventName.CODELIST_REMOVED, corridor.clock(), "operator", None, fields))
    return True


@dataclass(frozen=True, slots=True)
class Differences:
    """How many codes a file has more, has fewer, or says something else about than the version that is kept."""

    more: int
    fewer: int
    otherwise: int


def differences(kept: Sequence[Entry], code_list: CodeList) -> Differences:
    """Compare what is kept of a version with what a file says."""
    before, after = ({entry.code: entry for entry in entries} for entries in (kept, code_list.entries))
    both = before.keys() & after.keys()
    return Differences(len(after.keys() - both), len(before.keys() - both), sum(before[code] != after[code] for code in both))


def last_day_of(tx: Transaction, uri: str, version: str, code: str) -> str | None:
    """Give the last day (``YYYY-MM-DD``) for which a list takes a code: what the imported list says, else what is known without it."""
    entry = tx.code_lists.entry(uri, version, code)
    return (None if entry is None else entry.last_day) or runs_out(uri, version, code)


@dataclass(frozen=True, slots=True)
class StoredNames:
    """Names of codes out of the imported lists."""

    store: Store

    def name(self, uri: str, version: str | None, code: str) -> str | None:
        """Give a code's name, None where the list, or the code in it, is not there. ``version`` None: of the newest."""
        with self.store.reading() as tx:
            return NamesWithin(tx).name(uri, version, code)


@dataclass(frozen=True, slots=True)
class NamesWithin:
    """The same names, read in a transaction that is under way: another connection might have to wait for this one."""

    tx: Transaction

    def name(self, uri: str, version: str | None, code: str) -> str | None:
        """Give a code's name, None where the list, or the code in it, is not there. ``version`` None: of the newest."""
        wanted = newest(self.tx.code_lists.versions(uri)) if version is None else version
        entry = None if wanted is None else self.tx.code_lists.entry(uri, wanted, code)
        return None if entry is None else entry.name


class NoNames:
    """Knows no names: papers show codes as they are."""

    def name(self, uri: str, version: str | None, code: str) -> str | None:  # a port's signature
        """Give None."""
        return None
