"""What the tests of this plugin share."""

import os
from pathlib import Path

import pytest

from imgate.plugin_api import Envelope, Release, ReleasedRecord
from imgate_jobkraftwerk.translate import TableAdapter, configure

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def shared():
    """The folder of published data beside the checkout; skips, visibly, where it does not lie."""
    folder = Path(os.environ.get("IMGATE_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the folder of published data is not beside this checkout (IMGATE_SHARED names another)")
    return folder


@pytest.fixture(scope="session")
def samples():
    return ROOT / "samples"


@pytest.fixture(scope="session")
def adapter() -> TableAdapter:
    return configure({})


@pytest.fixture(scope="session")
def workbook_adapter() -> TableAdapter:
    return configure({"format": "xlsx"})


@pytest.fixture(scope="session")
def release():
    """Release a whole record: what the kit does with the real catalogue, for tests of the plugin alone."""

    def made(record, discloser="IM Winnenden", origin="self"):
        scopes = [f"{section}.{item}" for section, items in record.items() for item in items]
        return ReleasedRecord(record, {scope: Release(discloser, origin, "2026-12-31") for scope in scopes})

    return made


@pytest.fixture(scope="session")
def envelope():
    return Envelope(
        message_id="0b8c2c6e-58a1-4f0f-9f55-5a4de9f2c0de",
        created_at="2026-02-02T08:00:00Z",
        sender="IM Winnenden",
        recipient="Sozialamt, Team 3",
        reference="JK-4711",
        purpose="case_documentation",
    )
