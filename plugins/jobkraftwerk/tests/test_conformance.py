"""The promises that every adapter keeps, for both kinds of file; and tables of imgate's own read again."""

import io
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from imgate.conformance.adapter import ENVELOPE, AdapterConformance
from imgate.conformance.released import release
from imgate.conformance.variations import scopes_of
from imgate.plugin_api import Envelope
from imgate.vocabulary.words import Direction
from imgate_jobkraftwerk.translate import configure

HERE = Path(__file__).parent

EMPTY_LISTS = {
    "person": {"nationality": []},
    "contact_persons": {"jobcenter": {"unit": "Jobcenter Rems-Murr", "channels": []}},
    "plan": {"goals": [], "steps": []},
    "appointments": {"upcoming": []},
    "needs": {"support": []},
}


class TestCsv(AdapterConformance):
    @pytest.fixture
    def adapter_id(self):
        return "jobkraftwerk"

    @pytest.fixture
    def records(self, samples):
        read = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(samples.glob("K-*.json"))}
        return {**read, "empty-lists": EMPTY_LISTS}

    @pytest.fixture
    def golden(self):
        return HERE / "golden"

    @pytest.fixture
    def write_as_partner(self, settings):
        """Write what a partner sends that has imgate's own table as its export."""
        translator = configure(settings)

        def written(reference, record):
            envelope = Envelope("5a0b6e0e-6f51-4e0e-9d3c-1c8e1a3f0e11", "2026-02-02T08:00:00Z", "A", "B", reference, "case_documentation")
            return translator.to_partner(release(record, scopes_of(record)), envelope)

        return written


class TestXlsx(TestCsv):
    @pytest.fixture
    def settings(self):
        return {"format": "xlsx"}

    def test_ceiling_is_the_manifests(self, adapter):
        """The kind of file changes nothing about what can be sent."""
        for direction in Direction:
            assert adapter.ceiling[direction] == frozenset(adapter.manifest.direction(direction).scopes)

    def test_golden_messages_to_the_partner(self, adapter, records):
        """The cells are those of the golden CSV; the bytes of a ZIP are zlib's, which differ between machines."""
        for record in records.values():
            released = release(record, scopes_of(record) & adapter.ceiling[Direction.TO_PARTNER])
            cells = _cells(adapter.translate(released, ENVELOPE).content)
            as_csv = configure({}).to_partner(released, ENVELOPE).decode("utf-8-sig")
            for row in cells:
                for cell in filter(None, row):
                    quoted = cell.replace('"', '""')
                    assert f'"{quoted}"' in as_csv or f'"\'{quoted}"' in as_csv


def _cells(body):
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python(skip_empty_area=False)
