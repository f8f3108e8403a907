"""A file that another office's gateway exported is taken with its proof, and the checks are printed."""

import base64
import json

import pytest

from imgate.keys.pairs import public_members
from tests.conftest import ROOT
from tests.exchange.bundling import SENDER, bundle

CONFIGURATION = """\
[gateway]
id = "im-neustadt"
name = "Integrationsmanagement Neustadt"

[partners.im-altstadt]
adapter = "nachbar"
name = "Integrationsmanagement Altstadt"
bundle_keys_file = "altstadt.jwks.json"
requires_bundle = true
"""
MESSAGE = ROOT / "plugins" / "nachbar" / "tests" / "golden" / "from_partner" / "one_goal.json"


@pytest.fixture
def handed_in(imgate):
    """Import a message with this file attached; give the one receipt."""
    imgate.configure(CONFIGURATION)
    published = {"keys": [public_members(SENDER) | {"imgate_use": "statements"}]}
    (imgate.folder / "altstadt.jwks.json").write_text(json.dumps(published), encoding="utf-8")
    imgate.access("auditor")

    def hand_in(*files):
        message = json.loads(MESSAGE.read_bytes())
        name = "declaration-01a2018e-c63b-7f55-a100-2c7cca54b135.json"
        message["envelope"]["attachments"] = [
            {"kind": "declaration_bundle", "name": name, "mediaType": "application/json", "content": base64.b64encode(file).decode()}
            for file in files
        ]
        (imgate.folder / "message.json").write_text(json.dumps(message, ensure_ascii=False), encoding="utf-8")
        done = imgate("messages", "import", "im-altstadt", "message.json")
        (receipt,) = json.loads(done.stdout)["receipts"]
        return receipt, done

    return hand_in


def test_what_was_checked_is_printed_with_the_receipt(handed_in):
    file, digest = bundle("plan.goals", recipient="Integrationsmanagement Neustadt", purposes=["case_handover"])
    receipt, _ = handed_in(file)
    (shown,) = receipt["attachments"]
    assert (shown["holds"], shown["declaration_digest"]) == (True, digest)
    assert {"name": "signature", "outcome": "passed"} in shown["checks"]


def test_one_that_does_not_hold_is_a_problem_and_nobodys_name_is_printed(handed_in):
    receipt, done = handed_in(b'{"client":"Amal Beispiel"}')
    assert receipt["attachments"][0]["holds"] is False
    assert [problem["code"] for problem in json.loads(done.stdout)["problems"]] == ["bundle_invalid"]
    assert "Amal Beispiel" not in done.stdout + done.stderr
