"""What an entry says: canonical JSON, which is hashed as a leaf (RFC 9162)."""

import os
from datetime import UTC

from imgate.audit.canonical import canonical
from imgate.audit.catalogue import problem_of
from imgate.audit.events import Event


def content_of(event: Event) -> tuple[str, bytes]:
    """Give a new entry's id and what it says; a field that is None is left out.

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
    return entry_id, canonical(said)
