"""Four eyes in a gateway that runs: what the office says in another process holds there within three seconds."""

import time
from datetime import UTC, datetime

import httpx2
import pytest

from imgate.bootstrap import open_gateway
from imgate.exchange.openings import confirm_opening, withdraw_opening
from imgate.settings import load_settings
from imgate.vocabulary.words import UserRole
from tests.cli.conftest import CONFIGURATION

SCOPE, PARTNER = "health.constraints", "jobcenter"
OPENED = (
    CONFIGURATION
    + f"""
[partners.{PARTNER}]
adapter = "jobcenter"
name = "Jobcenter Rems-Murr"
open = ["{SCOPE}"]
"""
)
DECLARED = {
    "client": "K-1",
    "partner": PARTNER,
    "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
    "clauses": ["confidentiality_release", "data_protection_consent"],
    "direction": "both",
    "purposes": ["labour_market_integration"],
    "occasion": "Vermittlung in die Ausbildung",
    "scopes": [SCOPE],
    "onward_from": [],
    "valid_from": "2026-01-15",
    "valid_until": "2026-12-31",
    "signers_required": ["client"],
    "language": "ar",
    "interpreter": None,
    "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
    "supersedes": None,
}


class CaseSystem:
    """Whether the gateway takes a declaration for what is closed."""

    def __init__(self, http, credentials):
        self.http = http
        token = self.http.post("/oauth/token", auth=credentials, data={"grant_type": "client_credentials"}).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def is_open(self):
        answer = self.http.post("/v1/declarations", json=DECLARED)
        assert answer.status_code == 201 or [one["code"] for one in answer.json()["problems"]] == ["scope_closed"], answer.text
        return answer.status_code == 201

    def becomes(self, wanted):
        ends_at = time.monotonic() + 3.0
        while self.is_open() is not wanted:
            if time.monotonic() > ends_at:
                return False
            time.sleep(0.1)
        return True


@pytest.fixture
def beside(imgate):
    """The same database, in this process."""
    imgate.configure(OPENED)
    with open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway:
        yield gateway


def test_what_is_confirmed_withdrawn_or_revoked_elsewhere_holds_soon_in_a_gateway_that_runs(imgate, beside):
    credentials, users, now = imgate.access("case-system"), beside.store.people.users, datetime.now(UTC)
    with imgate.serving("--no-worker") as served, httpx2.Client(base_url=served.url, trust_env=False) as http:
        case_system = CaseSystem(http, credentials)
        assert case_system.is_open()
        office = [users.add(UserRole.OFFICE, None, login, login, None, now, "operator")[0].id for login in ("anna", "otto", "karla")]
        assert case_system.becomes(wanted=False)
        for user in office[:2]:
            confirm_opening(beside.corridor, user, PARTNER, SCOPE)
        assert case_system.becomes(wanted=True)
        withdraw_opening(beside.corridor, office[0], PARTNER, SCOPE)
        assert case_system.becomes(wanted=False)
        confirm_opening(beside.corridor, office[2], PARTNER, SCOPE)
        assert case_system.becomes(wanted=True)
        users.revoke(office[2], now, "operator")
        assert case_system.becomes(wanted=False)
