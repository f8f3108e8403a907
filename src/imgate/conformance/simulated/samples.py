"""Samples: messages that a plugin's partner might send, as files in ``samples/`` of its package.

Each is a valid message as it stands, about the reference ``REFERENCE``, with the nil UUID as its id and 1970 as its time. What is sent
has the words of the moment in their place.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from uuid import uuid4
from xml.sax.saxutils import escape

from imgate.vocabulary.identifiers import NIL_UUID

REFERENCE = "REFERENCE"
LONG_AGO = "1970-01-01T00:00:00Z"
_MEDIA_TYPES = {"xml": "application/xml", "json": "application/json", "csv": "text/csv"}
# How a reference is written inside each; in a table the sample has its cell in quotation marks.
_ESCAPED: dict[str, Callable[[str], str]] = {
    "application/xml": escape,
    "application/json": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "text/csv": lambda text: text.replace('"', '""'),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as the partner would send it, named after its file."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    def about(self, reference: str) -> bytes:
        """Give it with this reference, a new id and the time of now."""
        text = self.content.decode("utf-8")
        text = text.replace(NIL_UUID, str(uuid4())).replace(LONG_AGO, datetime.now(UTC).isoformat(timespec="seconds"))
        return text.replace(REFERENCE, _ESCAPED[self.media_type](reference)).encode("utf-8")


def samples_of(package: str) -> tuple[Sample, ...]:
    """Read the samples of a plugin's package, by name; none where it brings none."""
    folder = resources.files(package) / "samples"
    if not folder.is_dir():
        return ()
    named = {file.name.rpartition(".")[::2]: file for file in folder.iterdir()}
    return tuple(
        Sample(name, _MEDIA_TYPES[ending], file.read_bytes()) for (name, ending), file in sorted(named.items()) if ending in _MEDIA_TYPES
    )
