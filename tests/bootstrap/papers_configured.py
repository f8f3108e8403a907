"""One configuration with everything in it, and the facts that are gathered from any other made of it."""

import copy
from datetime import date
from functools import cache

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.paper_facts import KeysHeld, gathered
from imgate.bootstrap.partners import BUILT_IN_TRANSPORTS, partners_of
from imgate.documents.office_papers.markdown import markdown
from imgate.documents.office_papers.processing import processing
from imgate.settings import Settings

DAY = date(2026, 11, 22)
KEYS = KeysHeld(files_encrypted=True, signing_in_token=False, signature="imgate-statement-es256-2026")
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
JOBCENTER, NEIGHBOUR = "jobcenter-rems-murr", "im-stuttgart"
DOCUMENT = {
    "gateway": {"id": "im-winnenden", "name": "Integrationsmanagement Winnenden", "units": ["Außenstelle Nord"]},
    "papers": {"office": ["Marktplatz 1, 71364 Winnenden"], "data_protection_officer": "Dr. D. Schutz, 07195 13-99"},
    "signatures": {"trust_roots": ["roots.pem"], "time_stamp_roots": ["times.pem"]},
    "eid": {"bund": {"issuer": "https://eid.example.org", "jwks_file": "eid.json"}},
    "openid": {
        "issuer": "https://anmeldung.example.org/realms/stadt",
        "name": "Anmeldung der Stadt",
        "client_id": "imgate",
        "roles": {"imgate-jc412": {"role": "liaison", "partner": JOBCENTER}},
    },
    "mail": {"host": "mail.example.org", "sender": "imgate@example.org"},
    "audit": {"time_stamp_url": "https://tsa.example.org/tsr", "time_stamp_roots": "tsa.pem"},
    "partners": {
        JOBCENTER: {
            "adapter": "jobcenter",
            "name": "Jobcenter Rems-Murr, Team 412",
            "open": ["health.constraints"],
            "subscriptions": [{"purpose": "labour_market_integration", "scopes": ["language.level"]}],
            "transport": {"kind": "push", "url": "https://jc.example.org/hook/secret-path", "secret": SECRET},
        },
        NEIGHBOUR: {"adapter": "nachbar", "name": "Integrationsmanagement Stuttgart", "transport": {"kind": "mailbox"}},
    },
}


@cache
def registry():
    """Give every plugin that is installed here."""
    return load_plugins(transports=BUILT_IN_TRANSPORTS)


def changed(path, value):
    """Give the document with one entry changed; None takes it out."""
    document = copy.deepcopy(DOCUMENT)
    *sections, key = path
    table = document
    for section in sections:
        table = table.setdefault(section, {})
    if value is None:
        del table[key]
    else:
        table[key] = value
    return document


def facts_from(document=None, keys=KEYS, *, four_eyes=True, narrow=lambda partners: partners):
    """Gather the facts of a configuration. ``narrow`` may do to the partners what the office does while the gateway runs."""
    settings = Settings(**(document or DOCUMENT))
    partners, faults = partners_of(settings, registry())
    assert faults == (), faults
    return gathered(settings, registry(), narrow(partners), keys, four_eyes=four_eyes)


def paper_of(facts):
    """Give the record of processing without the digest, which would be another one in any case."""
    return markdown(processing(facts, DAY)).replace(facts.sha256, "")
