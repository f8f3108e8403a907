"""What is known after a crash test: the tables, the audit log, what callers were told, and what the partners have seen."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from imgate.consent.head import Head
from imgate.storage.message_tables import disclosures, exchange_history, exchanges, intake
from imgate.storage.schema import declaration_heads, notices, revocations
from tests.acceptance.crash.partner import Post
from tests.acceptance.crash.world import Scene
from tests.exchange.conftest import World


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the audit log."""

    event: str
    at: float
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One request, what was answered, and when the answer was there at the earliest."""

    request: dict[str, Any]
    status: int
    body: dict[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration, and the digest of its client."""

    client: str
    head: Head


class Facts:
    """Everything in one place; times are Unix seconds."""

    def __init__(self, scene: Scene, world: World) -> None:
        self.exchanges = {row["id"]: row for row in _rows(world, exchanges)}
        self.messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.exchanges.values():
            if row["notice"] is not None:
                self.messages[row["notice"]].append(row)
        self.history: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in _rows(world, exchange_history):
            self.history[line["exchange"]].append(line)
        self.declarations = [Declared(row["client"], Head.of(row["head"])) for row in _rows(world, declaration_heads)]
        self.disclosures, self.intake = _rows(world, disclosures), _rows(world, intake)
        self.revocations = {row["id"]: row for row in _rows(world, revocations)}
        self.notices = _rows(world, notices)
        with world.gateway.store.reading() as tx:
            self.log = [_logged(json.loads(entry.content)) for entry in tx.audit_log.entries()]
        lines = [line for journal in scene.journals for line in journal]
        asked = {line["asks"]["key"]: line["asks"] for line in lines if "asks" in line}
        self.told: dict[str, list[Told]] = defaultdict(list)
        for line in lines:
            if "told" in line:
                self.told[line["told"]].append(Told(asked[line["told"]], line["status"], line.get("body", {}), line["at"]))
        self.asked = asked
        self.fetches = [line for line in lines if "fetched" in line]
        self.acknowledged = {line["acknowledged"] for line in lines if "acknowledged" in line}
        self.posts: dict[str, list[Post]] = defaultdict(list)
        for post in scene.partner.posts:
            self.posts[post.id].append(post)

    def answers(self, task: str, status: int) -> list[Told]:
        """Give the first answer to each request of this kind that was granted."""
        first = [min(told, key=lambda one: one.at) for told in self.told.values()]
        return [one for one in first if one.request["task"] == task and one.status == status]

    def events(self, *names: str) -> dict[str, list[Logged]]:
        """Give these entries by exchange, in the order of time."""
        found: dict[str, list[Logged]] = defaultdict(list)
        for entry in self.log:
            if entry.event in names:
                found[entry.fields["exchange"]].append(entry)
        return {exchange: sorted(entries, key=lambda entry: entry.at) for exchange, entries in found.items()}


def _rows(world: World, table: Table) -> list[dict[str, Any]]:
    with world.gateway.store.engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(table))]
    return [{name: value.timestamp() if isinstance(value, datetime) else value for name, value in row.items()} for row in rows]


def _logged(said: dict[str, Any]) -> Logged:
    return Logged(said["event"], datetime.fromisoformat(said["at"]).timestamp(), said["fields"])
