"""The promises that every adapter makes, for the one between two gateways."""

import json
from pathlib import Path

import pytest

from imgate.conformance.adapter import AdapterConformance
from imgate.conformance.json_partner import JsonPartner
from imgate_nachbar.fields import ITEMS

HERE = Path(__file__).parent


class TestNachbar(AdapterConformance):
    @pytest.fixture
    def adapter_id(self):
        return "nachbar"

    @pytest.fixture
    def records(self):
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "records").glob("*.json"))}

    @pytest.fixture
    def golden(self):
        return HERE / "golden"

    @pytest.fixture
    def write_as_partner(self):
        return JsonPartner(ITEMS, "envelope").write
