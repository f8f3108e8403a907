"""Promises about messages that people have looked at: they stay as they were, byte for byte and value for value."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from imgate.adapters.adapter import LoadedAdapter
from imgate.adapters.unreadable import why_unreadable
from imgate.conformance.promises.tried import FROM, TO, translate, within
from imgate.conformance.released import release
from imgate.conformance.variations import Record
from imgate.plugin_api import MessageUnreadable, Reading

_SUFFIXES = {"application/xml": ".xml", "application/json": ".json", "text/csv": ".csv"}


class StaysAsReviewed:
    """What the golden files promise."""

    def test_golden_messages_to_the_partner(self, adapter: LoadedAdapter, records: Mapping[str, Record], golden: Path) -> None:
        """What leaves is byte for byte what was reviewed, and no file is there of which no record is left."""
        suffix = _SUFFIXES.get(adapter.media_type.partition(";")[0], ".bin")
        reviewed = set()
        for name, record in records.items():
            scopes = within(record, adapter.ceiling[TO])
            if scopes:
                message = adapter.validate(translate(adapter, release(record, scopes)))
                reviewed.add(f"{name}{suffix}")
                _compare(golden / "to_partner" / f"{name}{suffix}", message.content)
        stray = sorted(path.name for path in (golden / "to_partner").glob("[!.]*") if path.name not in reviewed)
        assert not stray, "; ".join(f"golden/to_partner/{name} belongs to no record; delete it" for name in stray)

    def test_golden_messages_from_the_partner(self, adapter: LoadedAdapter, golden: Path) -> None:
        """What a partner sent once is read as it was read then. There is at least one such message per direction in use.

        Beside ``NAME.xml`` lies ``NAME.json``, which shows what was read; beside ``NAME.json`` lies ``NAME.reading.json``.
        """
        is_json = adapter.manifest.from_partner.format == "json"
        shown_as = ".reading.json" if is_json else ".json"
        messages = sorted(path for path in (golden / "from_partner").glob("*") if not path.name.endswith(shown_as))
        assert messages or not adapter.ceiling[FROM], "no golden message from the partner"
        for path in messages:
            reading = _read(adapter, path)
            shown: dict[str, object] = {
                "message_id": reading.message_id,
                "purpose": reading.purpose,
                "people": {person.reference: person.record for person in reading.people},
                "problems": [[problem.line, problem.column, problem.code] for problem in reading.problems],
            }
            if reading.attachments:
                shown["attachments"] = [[each.kind, each.name, each.media_type, len(each.content)] for each in reading.attachments]
            _compare(path.with_suffix(shown_as), (json.dumps(shown, ensure_ascii=False, indent=1) + "\n").encode())


def _read(adapter: LoadedAdapter, path: Path) -> Reading:
    body = path.read_bytes()
    try:
        return adapter.read(body)
    except MessageUnreadable as error:
        why = why_unreadable(adapter, body, error)
    return pytest.fail(f"golden/from_partner/{path.name}: {why}", pytrace=False)


def _compare(path: Path, content: bytes) -> None:
    if os.environ.get("IMGATE_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert path.exists(), f"no golden file {path.name}; IMGATE_WRITE_GOLDEN=1 writes it"
    assert path.read_bytes() == content, f"{path.name} differs; IMGATE_WRITE_GOLDEN=1 writes it anew"
