"""The form of an entry: canonical JSON, hashed as a leaf (RFC 9162), authenticated by itself and again in its place."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import UTC

from imgate.audit.canonical import canonical
from imgate.audit.catalogue import problem_of
from imgate.audit.events import Event

# RFC 9162, 2.1.1: leaves and nodes are hashed apart, so that neither can be passed off as the other.
_LEAF = b"\x00"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the log. ``place`` is None until the sequencer has been there."""

    id: str
    content: bytes = field(repr=False)
    leaf: bytes
    mac: bytes = field(repr=False)
    place: int | None
    place_mac: bytes | None = field(repr=False)


def entry_of(key: bytes, event: Event) -> AuditEntry:
    """Make the entry of an event, without a place; a field that is None is left out.

    Raises ValueError where it does not keep to the catalogue: a bug of ours.
    """
    fields = {name: value for name, value in event.fields.items() if value is not None}
    problem = problem_of(event.name, fields)
    if problem is not None:
        raise ValueError(problem)
    entry_id = os.urandom(16).hex()
    said: dict[str, object] = {
        "actor": event.actor,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": event.name.value,
        "fields": fields,
        "id": entry_id,
    }
    if event.subject is not None:
        said["subject"] = event.subject
    content = canonical(said)
    leaf = leaf_hash(content)
    return AuditEntry(entry_id, content, leaf, entry_mac(key, leaf), None, None)


def leaf_hash(content: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(_LEAF + content).digest()


def entry_mac(key: bytes, leaf: bytes) -> bytes:
    """Authenticate an entry by its hash."""
    return hmac.digest(key, b"entry" + leaf, "sha256")


def place_mac(key: bytes, place: int, entry_id: str, leaf: bytes) -> bytes:
    """Authenticate that this entry stands in this place."""
    return hmac.digest(key, b"place" + place.to_bytes(8, "big") + leaf + entry_id.encode(), "sha256")
