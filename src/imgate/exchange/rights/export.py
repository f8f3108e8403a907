"""The client's data as files that machines read (Art. 20 GDPR): one file after the other, so that no more than one is held.

It gives what imgate keeps, also what was kept back from partners. Whoever hands it on looks at it first: a waiting message may speak of
others (Art. 20(4)).
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from imgate import __version__
from imgate.audit.events import Event, EventName
from imgate.exchange import history
from imgate.exchange.context import Corridor
from imgate.exchange.declarations.register import shown
from imgate.exchange.listing import shown_at
from imgate.exchange.ports import Transaction, Unreadable
from imgate.exchange.refusals import not_found
from imgate.exchange.retention import Terms
from imgate.exchange.rights.disclosed import name_of, shown_disclosed
from imgate.exchange.rights.on_file import OnFile, on_file
from imgate.exchange.rights.shapes import FORMAT, VERSION, schema_of
from imgate.exchange.sealing import open_inbox, open_released
from imgate.exchange.stored import InboxItem, OutboxItem, StoredDeclaration
from imgate.exchange.turns import in_turn

_INDEX = "index.json"
_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/svg+xml": "svg",
    "text/plain": "txt",
}


@dataclass(frozen=True, slots=True)
class ClientFile:
    """One file. ``path`` has forward slashes, and no name in it is anybody's."""

    path: str
    media_type: str
    content: bytes = field(repr=False)


def export_client(corridor: Corridor, actor: str, client: str, terms: Terms) -> Iterator[ClientFile]:
    """Give the files of an export, ``index.json`` last. It is on record before the first is given.

    What cannot be opened is left out and named in the index. Raises Refused 404, before anything is given.
    """
    _put_on_record(corridor, actor, client)
    at = corridor.clock()
    files: list[dict[str, str]] = []
    with corridor.store.reading() as tx:
        kept = on_file(corridor, tx, client)
        export = _Export(corridor, tx, kept)
        for path, made in {
            "disclosures.json": lambda: shown_disclosed(corridor, kept, terms, at),
            "exchanges.json": lambda: {"items": [history.shown(tx, exchange) for exchange in kept.exchanges.values()]},
            "links.json": export.links,
            "waiting.json": export.waiting,
            "notices.json": export.notices,
            "requests.json": export.requests,
        }.items():
            yield _listed(files, _json(path, made()))
        items: list[dict[str, Any]] = []
        for declared in kept.declarations.values():
            named: list[dict[str, str]] = []
            for piece, file in export.evidence(declared) if isinstance(declared, StoredDeclaration) else ():
                named.append({"id": piece, "path": file.path})
                yield _listed(files, file)
            items.append({"declaration": shown(declared, at), "files": named, "reasons": export.reasons(shown(declared, at)["id"])})
        yield _listed(files, _json("declarations.json", {"items": items}))
        index = {
            "format": FORMAT,
            "version": VERSION,
            "client": kept.client.reference,
            "made_at": shown_at(at),
            "gateway": corridor.policy.gateway,
            "software": f"imgate {__version__}",
            "files": files,
            "unreadable": export.unreadable,
        }
        yield _json(_INDEX, index)


@in_turn
def _put_on_record(corridor: Corridor, actor: str, client: str) -> None:
    with corridor.store.transaction() as tx:
        keys = tx.clients.find(client)
        if keys is None:
            raise not_found()
        tx.audit(Event(EventName.CLIENT_EXPORTED, corridor.clock(), actor, keys.subject, {}))


def _json(path: str, content: dict[str, Any]) -> ClientFile:
    return ClientFile(path, "application/json", json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def _listed(files: list[dict[str, str]], file: ClientFile) -> ClientFile:
    described = {"schema": schema_of(file.path)} if "/" not in file.path else {}
    files.append({"path": file.path, "media_type": file.media_type, "sha256": hashlib.sha256(file.content).hexdigest()} | described)
    return file


@dataclass(slots=True)
class _Export:
    """Opens what is sealed. ``unreadable`` gathers what does not open."""

    corridor: Corridor
    tx: Transaction
    kept: OnFile
    unreadable: list[str] = field(default_factory=list)

    def links(self) -> dict[str, Any]:
        return {"items": [link for partner in self.kept.linked for link in self._opened(f"link/{partner}", partial(self._link, partner))]}

    def _link(self, partner: str) -> dict[str, Any]:
        link = self.tx.links.get(self.kept.client, partner)
        if link is None:
            raise Unreadable("a link does not match its MAC")
        return {"partner": partner, "name": name_of(self.corridor, self.kept, partner), "reference": link.reference}

    def waiting(self) -> dict[str, Any]:
        items: tuple[OutboxItem | InboxItem, ...] = (*self.kept.leaving, *self.kept.arriving)
        return {"items": [one for item in items for one in self._opened(f"exchange/{item.exchange.id}", partial(self._waits, item))]}

    def _waits(self, item: OutboxItem | InboxItem) -> dict[str, Any]:
        exchange, client = item.exchange, self.kept.client
        if isinstance(item, OutboxItem):
            box = self.tx.outbox.box(exchange.id)
            record = None if box is None else open_released(client, exchange.id, box)
            provenance = dict(item.provenance)
        else:
            sealed = self.tx.inbox.sealed(exchange.id)
            record = None if sealed is None else open_inbox(client, exchange.id, sealed)
            provenance = dict.fromkeys(exchange.released, exchange.partner)
        if record is None:
            raise Unreadable("a message that waits has no payload")
        parts = {
            "exchange": exchange.id,
            "partner": exchange.partner,
            "direction": exchange.direction.value,
            "purpose": exchange.purpose,
            "created_at": shown_at(exchange.created_at),
            "record": record,
            "provenance": provenance,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def notices(self) -> dict[str, Any]:
        items = []
        for run, notice in self.kept.notices:
            parts = {
                "revocation": run.id,
                "declaration": run.declaration,
                "partner": run.partner,
                "cause": run.cause.value,
                "scopes": list(notice.scopes),
                "at": shown_at(run.at),
                "reference": notice.reference,
                "reminders": notice.reminders,
                "answer": notice.answer and notice.answer.value,
                "statute": notice.statute,
                "answered_at": notice.answered_at and shown_at(notice.answered_at),
            }
            items.append({name: part for name, part in parts.items() if part is not None})
        return {"items": items}

    def requests(self) -> dict[str, Any]:
        items = []
        for asked in self.kept.requests:
            parts = {
                "request": asked.id,
                "partner": asked.partner,
                "purpose": asked.purpose,
                "scopes": list(asked.scopes),
                "asked_at": shown_at(asked.asked_at),
                "answer": asked.answer,
                "answered_at": asked.answered_at and shown_at(asked.answered_at),
            }
            items.append({name: part for name, part in parts.items() if part is not None})
        return {"items": items}

    def evidence(self, declared: StoredDeclaration) -> Iterator[tuple[str, ClientFile]]:
        """Give what was kept of each piece, by the piece's id; a note of what was said may have no content."""
        self.unreadable.extend(f"evidence/{declared.head.id}/{piece}" for piece in declared.unopened)
        for piece in declared.evidence:
            place = f"evidence/{declared.head.id}/{piece.id}"
            for content in self._opened(
                place, partial(self.tx.declarations.evidence_content, self.kept.client, declared.head.id, piece.id)
            ):
                if content is not None:
                    media_type = piece.media_type or "application/octet-stream"
                    ending = _ENDINGS.get(media_type.partition(";")[0].strip(), "bin")
                    yield piece.id, ClientFile(f"{place}.{ending}", media_type, content)

    def reasons(self, declaration: str) -> list[dict[str, str]]:
        found = self._opened(f"reasons/{declaration}", partial(self.tx.declarations.reasons, self.kept.client, declaration))
        return [{"at": shown_at(at), "reason": reason} for reasons in found for at, reason in reasons]

    def _opened(self, place: str, opening: Callable[[], Any]) -> list[Any]:
        """Open one thing; nothing where that fails, which is remembered."""
        try:
            return [opening()]
        except Unreadable:
            self.unreadable.append(place)
            return []
