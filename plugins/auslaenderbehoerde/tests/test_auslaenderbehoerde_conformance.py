"""The promises that every adapter makes, for the Ausländerbehörde's."""

import json
from pathlib import Path

import pytest

from imgate.conformance.adapter import AdapterConformance
from imgate.conformance.xml_partner import XmlPartner
from imgate_auslaenderbehoerde.fields import ITEMS
from imgate_auslaenderbehoerde.translate import FROM_PARTNER, NAMESPACE

HERE = Path(__file__).parent


class TestAuslaenderbehoerde(AdapterConformance):
    @pytest.fixture
    def adapter_id(self):
        return "auslaenderbehoerde"

    @pytest.fixture
    def records(self):
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "records").glob("*.json"))}

    @pytest.fixture
    def golden(self):
        return HERE / "golden"

    @pytest.fixture
    def write_as_partner(self):
        return XmlPartner(NAMESPACE, FROM_PARTNER, ITEMS).write

    @pytest.fixture
    def narrower(self):
        return {"residence.title": "The fine title is taken from lists of the AZR only; the record takes any list."}
