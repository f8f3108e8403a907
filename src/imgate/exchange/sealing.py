"""Sealing: what waits is unreadable without the client's data key, and bound to its place."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from imgate.adapters.adapter import ValidMessage
from imgate.exchange.ports import ClientKeys, PaperMessage
from imgate.exchange.stored import SealedBox
from imgate.plugin_api import ReleasedRecord


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A validated message at rest, with the released part that it was built from. Only ``seal`` makes it."""

    media_type: str
    box: SealedBox


def seal(client: ClientKeys, exchange: str, message: ValidMessage | PaperMessage, released: ReleasedRecord) -> SealedMessage:
    """Encrypt a validated message, and the released part for the case that it must be built anew."""
    return SealedMessage(
        message.media_type,
        SealedBox(
            message=client.seal("outbox", "message", exchange, message.content),
            released=client.seal("outbox", "released", exchange, orjson.dumps(released.record)),
            sha256=hashlib.sha256(message.content).hexdigest(),
        ),
    )


def open_message(client: ClientKeys, exchange: str, box: SealedBox) -> bytes:
    """Decrypt what leaves. Raises Unreadable."""
    return client.open("outbox", "message", exchange, box.message)


def open_released(client: ClientKeys, exchange: str, box: SealedBox) -> dict[str, dict[str, Any]]:
    """Decrypt the released part. It is a record again: it passes the judge before anything is built from it."""
    record: dict[str, dict[str, Any]] = orjson.loads(client.open("outbox", "released", exchange, box.released))
    return record


def seal_inbox(client: ClientKeys, exchange: str, released: ReleasedRecord) -> bytes:
    """Encrypt a part that a partner sent."""
    return client.seal("inbox", "record", exchange, orjson.dumps(released.record))


def open_inbox(client: ClientKeys, exchange: str, sealed: bytes) -> dict[str, dict[str, Any]]:
    """Decrypt a part that a partner sent. Raises Unreadable."""
    record: dict[str, dict[str, Any]] = orjson.loads(client.open("inbox", "record", exchange, sealed))
    return record


def seal_reference(client: ClientKeys, exchange: str, reference: str) -> bytes:
    """Encrypt the reference under which a partner was handed an exchange, so that it can be told later when that ends."""
    return client.seal("disclosures", "reference", exchange, reference.encode())


def open_reference(client: ClientKeys, exchange: str, sealed: bytes) -> str:
    """Decrypt the reference of a disclosure. Raises Unreadable."""
    return client.open("disclosures", "reference", exchange, sealed).decode()
