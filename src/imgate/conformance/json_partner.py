"""A partner whose format is JSON, simulated: it reads what imgate sends and writes what imgate reads, by the adapter's own table.

That the table and the partner's schema agree is not shown by this, but by the schema, which every message must pass.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from imgate.plugin_api import CONFIDENTIALITY_NOTICE
from imgate.plugin_api.json import JsonItem
from imgate.plugin_api.json_read import CONTENT, compile_reader
from imgate.plugin_api.json_write import compile_writer

MESSAGE_ID = "6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11"
CREATED_AT = "2026-02-02T08:00:00Z"


class JsonPartner:
    """The other side of a ``JsonFormat``."""

    def __init__(self, items: Sequence[JsonItem], head: Literal["header", "envelope"] = "header") -> None:
        """Take the table's own arguments."""
        self._head = head
        placed = [(item.scope, item.at.split("/"), item.shape) for item in items if item.at is not None]
        self._writers = {scope: (path, compile_writer(shape)) for scope, path, shape in placed}
        self._readers = {scope: (path, compile_reader(shape)) for scope, path, shape in placed}

    def write(self, reference: str, record: Mapping[str, Mapping[str, Any]], purpose: str | None = None) -> bytes:
        """Write a message about one person, as this partner would; the items in the table's order."""
        present = {f"{section}.{item}": value for section, items in record.items() for item, value in items.items()}
        content: dict[str, Any] = {}
        for scope, (path, write) in self._writers.items():
            if scope in present:
                holder = content
                for name in path[:-1]:
                    holder = holder.setdefault(name, {})
                holder[path[-1]] = write(present[scope])
        message = {self._head: self._write_head(reference, purpose, sorted(present)), CONTENT: content}
        return json.dumps(message, ensure_ascii=False).encode()

    def _write_head(self, reference: str, purpose: str | None, scopes: Sequence[str]) -> dict[str, Any]:
        head: dict[str, Any] = {"messageId": MESSAGE_ID, "createdAt": CREATED_AT, "reference": reference}
        if self._head == "header":
            return head if purpose is None else {**head, "purpose": purpose}
        return {
            **head,
            "sender": "Integrationsmanagement Musterstadt",
            "recipient": "Integrationsmanagement Winnenden",
            "purpose": purpose or "case_handover",
            "confidentiality": CONFIDENTIALITY_NOTICE,
            "releases": [{"scopes": [*scopes], "discloser": "Integrationsmanagement Musterstadt", "origin": "self", "until": "2026-12-31"}],
        }

    def read(self, message: bytes) -> dict[str, dict[str, Any]]:
        """Read what imgate sent, back into the shape of the record."""
        content = json.loads(message)[CONTENT]
        record: dict[str, dict[str, Any]] = {}
        for scope, (path, read) in self._readers.items():
            holder: Any = content
            for name in path:
                holder = holder.get(name) if isinstance(holder, dict) else None
            if holder is not None:
                section, _, item = scope.partition(".")
                record.setdefault(section, {})[item] = read(holder)
        return record
