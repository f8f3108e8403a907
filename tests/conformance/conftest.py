"""The planted family of plugins, found as installed ones are: by a ``dist-info`` on the path."""

import sys
from pathlib import Path

import pytest

from imgate.adapters.registry import load_plugins
from imgate.conformance.xml_partner import XmlPartner

PLANTED = Path(__file__).parent / "planted"

FULL = {
    "person": {
        "name": {"family": "Ṣāleḥī-Rāstgār", "given": "Šīrīn", "birth_name": "Müller"},
        "birth": {"date": "1999-04", "place": "Herāt", "country": "423"},
    },
    "contact": {"phone": "+4971951234567"},
    "language": {"level": {"cefr": "B1", "evidence": "dtz", "tested_on": "2025-11"}},
    "benefits": {"regime": {"code": "sgb2", "since": "2025-01", "body": "Jobcenter Rems-Murr", "household_number": "17"}},
    "appointments": {
        "upcoming": [
            {"at": "2026-03-02T09:00:00+01:00", "with": "Frau Öz", "subject": "Plan", "place": "2.14", "bring": ["Ausweis", "Zeugnis"]},
            {"at": "2026-02-02T09:00:00+01:00", "with": "Herr Aal"},
        ]
    },
    "needs": {"support": [{"field": "debt", "text": "Schulden", "since": "2025-01-01"}, {"field": "housing", "text": "Eine Wohnung"}]},
}
SPARSE = {
    "person": {"name": {"given": "Rāmīn", "family": None}},
    "benefits": {"regime": {"code": "none"}},
    "appointments": {"upcoming": []},
    "needs": {"support": []},
}
ROWS = {
    "full": {"person": FULL["person"] | {"birth": None}, "benefits": FULL["benefits"]},
    "sparse": {"person": SPARSE["person"], "benefits": SPARSE["benefits"]},
}
ROWS["full"]["person"].pop("birth")


@pytest.fixture(scope="session")
def planted():
    """Put the family on the path, where a process that the kit starts finds it as well."""
    sys.path.insert(0, str(PLANTED))
    yield load_plugins()
    sys.path.remove(str(PLANTED))


@pytest.fixture
def fixtures_for(planted):
    """Give what a plugin's author would, for one of the two good adapters or for a bad twin of it."""
    from imgate_planted import faults, good, rows

    def write_rows(reference, record):
        return rows.written(
            [(reference, record)], [scope for scope in rows.COLUMNS if scope.partition(".")[2] in record.get(scope.partition(".")[0], {})]
        )

    def made(adapter_id, fault=None):
        settings = {} if fault is None else {"fault": fault}
        xml = XmlPartner(good.NAMESPACE, "in", good.ITEMS).write
        return {
            "adapter_id": adapter_id,
            "adapter": planted.adapter(adapter_id, settings),
            "package": planted.adapters[adapter_id].plugin.package,
            "settings": settings,
            "records": {"full": FULL, "sparse": SPARSE} if adapter_id == "planted" else ROWS,
            "golden": PLANTED / "golden" / adapter_id,
            "narrower": {},
            "write_as_partner": xml if adapter_id == "planted" else write_rows,
        }

    yield made
    for undo in reversed(faults.UNDO):  # the first knows how it was before all of them
        undo()
    faults.UNDO.clear()
