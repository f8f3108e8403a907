"""The audit log as the office reads it: who did what when, with which partner, in scopes. The client's random name stays out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from imgate.audit.events import EventName
from imgate.storage import SqlStore
from imgate.storage.audit_pages import ReadEntry, audit_page

SHOWN = 50
# A rare event is looked for this far back at a time; whoever wants more asks again.
_LOOKED_AT = 2000
_BATCH = 500
# What stands in columns of its own, and what would tell one client from another.
_OWN_PLACE = frozenset({"partner", "exchange", "released", "scopes", "scope", "withheld", "client"})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is shown. ``actor`` is a name where one is known. Of one that was changed, and is not ``sound``, nothing is shown."""

    id: str
    place: int | None
    sound: bool
    at: datetime | None
    event: str | None
    actor: str | None
    partner: str | None
    exchange: str | None
    scopes: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    further: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """Some lines, the newest first; ``before`` is where it goes on. ``cut``: not all of the log was looked through."""

    lines: tuple[Line, ...]
    before: int | None
    cut: bool


def trail(store: SqlStore, names: Mapping[str, str], event: EventName | None = None, before: int | None = None) -> Trail:
    """Read a page of the log, of one event or of all. ``names`` are those of users and accesses by id. Blocks."""
    if event is None:
        page = audit_page(store, before, SHOWN)
        return Trail(tuple(_line(entry, names) for entry in page.entries), page.before, cut=False)
    found: list[ReadEntry] = []
    looked_at = 0
    while looked_at < _LOOKED_AT:
        page = audit_page(store, before, SHOWN)
        looked_at, before = looked_at + len(page.entries), page.before
        found += [entry for entry in page.entries if entry.event == event]
        if before is None or len(found) >= SHOWN:
            break
    return Trail(tuple(_line(entry, names) for entry in found), before, cut=before is not None and len(found) < SHOWN)


def last_times(store: SqlStore, events: Sequence[EventName]) -> tuple[Mapping[str, datetime], datetime | None]:
    """Say when each of these events was last put on record, among the newest entries; and how far back that looks."""
    entries = audit_page(store, None, _BATCH).entries
    times = {entry.event: entry.at for entry in reversed(entries) if entry.event in events and entry.at is not None}
    return {event: at for event, at in times.items() if event is not None}, entries[-1].at if entries else None


def _line(entry: ReadEntry, names: Mapping[str, str]) -> Line:
    fields = entry.fields
    partner, exchange = fields.get("partner"), fields.get("exchange")
    return Line(
        entry.id,
        entry.place,
        entry.sound,
        entry.at,
        entry.event,
        None if entry.actor is None else names.get(entry.actor, entry.actor),
        partner if isinstance(partner, str) else None,
        exchange if isinstance(exchange, str) else None,
        (*_words(fields.get("released")), *_words(fields.get("scopes")), *_words(fields.get("scope"))),
        tuple((scope, reason) for scope, _, reason in (pair.partition(":") for pair in _words(fields.get("withheld")))),
        tuple(_further(fields, names)),
    )


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _further(fields: Mapping[str, object], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(fields.items()):
        if name in _OWN_PLACE or value is None or value == []:
            continue
        if isinstance(value, bool):
            yield name, "true" if value else "false"
        else:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else names.get(str(value), str(value))
