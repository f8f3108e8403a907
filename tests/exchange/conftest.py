"""A small gateway on a real store with the real adapters: what the corridor's tests play on."""

import asyncio
import base64
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.conformance.xml_partner import XmlPartner
from imgate.consent.declaration import DeclarationRequest
from imgate.exchange import boxes, foreseen, history, inbound, intake, links, outbound
from imgate.exchange.answers import Call
from imgate.exchange.declarations import register, signing
from imgate.exchange.declarations.evidence import ExaminesNothing
from imgate.exchange.requests import ExchangeRequest, LinkRequest, PauseRequest, RevocationRequest, SignatureRequest
from imgate.exchange.stored import Cursor
from imgate.plugin_api import Delivered
from imgate.settings import load_settings
from imgate.vocabulary.identifiers import new_id
from imgate_auslaenderbehoerde import fields as abh_fields
from imgate_auslaenderbehoerde import translate as abh_translate
from imgate_jobcenter import fields as jobcenter_fields
from imgate_jobcenter import translate as jobcenter_translate

CONFIG = """
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[database]
url = "sqlite:///imgate.db"

[partners.jobcenter-rems-murr]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr, Team 412"
purpose = "labour_market_integration"

[partners.abh-winnenden]
adapter = "auslaenderbehoerde"
name = "Ausländerbehörde Winnenden"
purpose = "residence_matters"

[partners.jobkraftwerk-winnenden]
adapter = "jobkraftwerk"
name = "Integrationsmanagement Rems-Murr, Dokumentation"
"""
JOBCENTER, ABH = "jobcenter-rems-murr", "abh-winnenden"
CLIENT, REFERENCE = "K-2026-1101", "355A000815"
# What the Jobcenter sends.
CONTACT = {
    "contact_persons": {
        "jobcenter": {
            "unit": "Jobcenter Rems-Murr, Team 412",
            "name": {"family": "Müßig"},
            "channels": [{"kind": "phone", "value": "+4971519500"}],
        }
    }
}
PROPOSAL = {"work": {"proposals": [{"employer": "Seniorenzentrum Backnang"}]}}
PARTNERS = {
    JOBCENTER: XmlPartner(jobcenter_translate.NAMESPACE, jobcenter_translate.FROM_PARTNER, jobcenter_fields.ITEMS),
    ABH: XmlPartner(abh_translate.NAMESPACE, abh_translate.FROM_PARTNER, abh_fields.ITEMS),
}
_SAMPLE_ID = b"6f1f2cbe-3c9e-4f8c-9a53-2b1f0d6f0a11"
TODAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def message(partner, reference, record, *, message_id=None, purpose=None):
    """Write a message as this partner would."""
    return PARTNERS[partner].write(reference, record, purpose).replace(_SAMPLE_ID, (message_id or new_id()).encode())


class ScriptedTransport:
    """A way to a partner that keeps what it was handed and answers what the test says."""

    waits = False

    def __init__(self):
        self.parcels = []
        self.outcomes = []

    async def deliver(self, parcel):
        self.parcels.append(parcel)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered()
        return outcome(parcel) if callable(outcome) else outcome


class World:
    """One gateway, and a clock that the test moves."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.now = TODAY
        # Counting a scan's pages takes a process of its own each time; what an examiner says is tested where one is given.
        self.corridor = dataclasses.replace(gateway.corridor, clock=lambda: self.now, examiner=ExaminesNothing())

    def later(self, **span):
        self.now += timedelta(**span)

    def call(self, *, key=None, body=b"", path="/test"):
        return Call("case-system-1", path, key, body)

    def declare(self, *scopes, client=CLIENT, partner=JOBCENTER, signed=True, kind="paper_scan", **changes):
        content = {
            "client": client,
            "partner": partner,
            "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
            "clauses": ["confidentiality_release", "data_protection_consent"],
            "direction": "both",
            "purposes": ["labour_market_integration" if partner == JOBCENTER else "residence_matters"],
            "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft",
            "scopes": list(scopes),
            "onward_from": [],
            "valid_from": "2026-01-15",
            "valid_until": "2026-12-31",
            "signers_required": ["client"],
            "language": "ar",
            "interpreter": None,
            "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
            "supersedes": None,
        } | changes
        made = json.loads(register.create(self.corridor, self.call(), DeclarationRequest.model_validate(content)).body)
        if signed:
            self.sign(made["id"], kind)
        return made["id"]

    def sign(self, declaration, kind="paper_scan"):
        scan = {"kind": kind, "media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.7 scan").decode()}
        request = SignatureRequest.model_validate(
            {"role": "client", "signed_on": "2026-01-14", "evidence": scan, "attested_by": "Vera Beispiel"}
        )
        return json.loads(signing.sign(self.corridor, self.call(), declaration, request).body)["state"]

    def revoke(self, declaration, scopes=None):
        request = RevocationRequest.model_validate({"scopes": scopes})
        return json.loads(register.revoke(self.corridor, self.call(), declaration, request).body)

    def pause(self, declaration):
        return json.loads(register.pause(self.corridor, self.call(), declaration, PauseRequest()).body)

    def resume(self, declaration):
        return json.loads(register.resume(self.corridor, self.call(), declaration, PauseRequest()).body)

    def link(self, reference=REFERENCE, *, client=CLIENT, partner=JOBCENTER):
        return json.loads(links.put(self.corridor, self.call(), client, partner, LinkRequest(reference=reference)).body)

    def unlink(self, *, client=CLIENT, partner=JOBCENTER):
        return json.loads(links.delete(self.corridor, self.call(), client, partner).body)

    def request(self, record, *, client=CLIENT, partner=JOBCENTER, purpose=None, **more):
        purpose = purpose or ("labour_market_integration" if partner == JOBCENTER else "residence_matters")
        return ExchangeRequest.model_validate({"client": client, "partner": partner, "purpose": purpose, "record": record} | more)

    def send(self, record, *, call=None, **more):
        return json.loads(asyncio.run(outbound.send(self.corridor, call or self.call(), self.request(record, **more))).body)

    def preview(self, record, **more):
        return foreseen.preview(self.corridor, self.request(record, **more))

    def post(self, body, *, partner=JOBCENTER, call=None):
        answer = asyncio.run(inbound.accept(self.corridor, call or self.call(), partner, None, body))
        return json.loads(answer.body)["receipt"]

    def work(self):
        return inbound.take_due(self.corridor)

    def report(self, receipt):
        return intake.show(self.corridor, receipt)

    def outbox(self, partner=JOBCENTER):
        return boxes.outbox(self.corridor, self.call(), partner, Cursor())["items"]

    def inbox(self):
        return boxes.inbox(self.corridor, self.call(), Cursor())["items"]

    def shown(self, exchange):
        return history.show(self.corridor, exchange)

    def disclosures(self, client=CLIENT):
        return history.disclosures(self.corridor, client, Cursor())["items"]

    def by(self, transport, partner=JOBCENTER):
        """Put this partner on another way."""
        partners = dict(self.corridor.partners)
        partners[partner] = dataclasses.replace(partners[partner], transport=transport)
        self.corridor = dataclasses.replace(self.corridor, partners=partners)


@pytest.fixture
def world(tmp_path):
    config = tmp_path / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with open_gateway(load_settings(config), make_keys=True) as gateway:
        yield World(gateway)


@pytest.fixture
def scripted(world):
    transport = ScriptedTransport()
    world.by(transport)
    return transport
