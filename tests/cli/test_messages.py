"""Files instead of an interface: taken like any message, handed out like any message."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from imgate.bootstrap import open_gateway
from imgate.http.app import create_app
from imgate.settings import load_settings
from tests.in_process import InProcessClient

HEADER = "Klient-Nr.;Datum;Bereich;Ziel;Maßnahme;Wer;Frist;Status;Bemerkung"
ROW = "{};02.02.2026;Sprache;B2 vor Ausbildungsbeginn;Anmeldung;Klient;15.03.2026;offen;"
SCOPES = ["person.name", "plan.goals", "plan.steps"]


@pytest.fixture
def table(imgate):
    """Two people, of whom one is known, and a row that cannot be used."""
    imgate.configure()
    rows = [HEADER, ROW.format("JK-1"), ROW.format("JK-2"), ROW.format("JK-1").replace("15.03.2026", "15.13.2026")]
    (imgate.folder / "table.csv").write_bytes("\r\n".join(rows).encode("windows-1252"))
    return "table.csv"


@pytest.fixture
def case_system(imgate, table):
    """A client with a signed declaration and a link, and the case system that says so."""
    credentials = imgate.access("case-system")
    with (
        open_gateway(load_settings(imgate.folder / "imgate.toml"), make_keys=True) as gateway,
        InProcessClient(create_app(gateway), "http://gateway.test") as http,
    ):
        token = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        declaration = http.post("/v1/declarations", json=_declaration()).raise_for_status().json()["id"]
        sheet = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.4\n%%EOF").decode()}
        signature = {"role": "client", "signed_on": "2026-01-15", "evidence": sheet, "attested_by": "Vera Beispiel"}
        http.post(f"/v1/declarations/{declaration}/signatures", json=signature).raise_for_status()
        http.put("/v1/clients/K-1/links/jobkraftwerk", json={"reference": "JK-1"}).raise_for_status()
        yield http


def _declaration() -> dict[str, object]:
    return {
        "client": "K-1",
        "partner": "jobkraftwerk",
        "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
        "clauses": ["confidentiality_release", "data_protection_consent"],
        "direction": "both",
        "purposes": ["case_documentation"],
        "occasion": "Dokumentation des Integrationsplans für das Jahr",
        "scopes": SCOPES,
        "onward_from": [],
        "valid_from": datetime.now(UTC).date().isoformat(),
        "valid_until": (datetime.now(UTC).date() + timedelta(days=30)).isoformat(),
        "signers_required": ["client"],
        "language": "de",
        "interpreter": None,
        "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        "supersedes": None,
    }


def test_a_dry_run_tells_row_by_row_what_is_wrong_and_keeps_nothing(imgate, table):
    imgate.access("auditor")
    before = imgate("audit", "checkpoint").stdout
    done = imgate("messages", "import", "jobkraftwerk", table, "--dry-run")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["people"] == 2
    assert [problem["line"] for problem in report["problems"]] == [4]
    assert "line 4" in done.stderr
    assert done.stderr.endswith("2 people, 1 problem.\n")
    assert imgate("audit", "checkpoint").stdout == before


@pytest.mark.parametrize(
    ("partner", "name", "content"),
    [
        ("nobody", "table.csv", None),
        ("jobkraftwerk", "away.csv", None),
        ("jobkraftwerk", "table.docx", b"x"),
        ("jobkraftwerk", "broken.csv", b"\x00\x01"),
    ],
)
@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_what_cannot_be_taken_is_one_sentence(imgate, table, partner, name, content, how):
    imgate.access("auditor")
    if content is not None:
        (imgate.folder / name).write_bytes(content)
    done = imgate("messages", "import", partner, name, *how)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


def test_an_unknown_partner_is_told_which_there_are(imgate, table):
    imgate.access("auditor")
    for arguments in (("import", "jobkraftwrk", table), ("export", "jobkraftwrk", ".")):
        assert "there are jobkraftwerk" in imgate("messages", *arguments).stderr


def test_stdout_carries_the_report_and_nothing_else(imgate, table):
    imgate.access("auditor")
    done = imgate.process("messages", "import", "jobkraftwerk", table)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["receipts"]


def test_an_imported_file_reaches_the_inbox_as_if_the_partner_had_sent_it(imgate, table, case_system):
    done = imgate("messages", "import", "jobkraftwerk", table)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["people"], report["taken"], report["unknown"]) == (2, 1, 1)
    assert "JK-2" not in done.stdout + done.stderr
    (item,) = case_system.get("/v1/inbox").json()["items"]
    assert item["client"] == "K-1"
    assert item["record"]["plan"]["goals"][0]["title"] == "B2 vor Ausbildungsbeginn"


def test_what_waits_is_exported_once_and_acknowledged(imgate, case_system):
    body = {"client": "K-1", "partner": "jobkraftwerk", "purpose": "case_documentation", "record": {"person": {"name": {"family": "Weiß"}}}}
    exchange = case_system.post("/v1/exchanges", json=body).raise_for_status().json()["id"]
    (imgate.folder / "out").mkdir()
    first = imgate("messages", "export", "jobkraftwerk", "out")
    assert (first.returncode, first.stdout) == (0, f"out/{exchange}.csv\n")
    assert "Weiß" in (imgate.folder / "out" / f"{exchange}.csv").read_text("utf-8-sig")
    assert case_system.get(f"/v1/exchanges/{exchange}").json()["state"] == "acknowledged"
    assert imgate("messages", "export", "jobkraftwerk", "out").stdout == ""
    assert exchange in imgate("exchange", "list", "--client", "K-1").stdout
    shown = imgate("exchange", "show", exchange)
    assert json.loads(shown.stdout)["state"] == "acknowledged"
    assert "Weiß" not in shown.stdout
    assert imgate("exchange", "retry", exchange).returncode == 1


def test_an_erased_client_is_gone_and_the_log_still_whole(imgate, case_system):
    assert imgate("client", "erase", "K-1", "--yes").returncode == 0
    assert case_system.get("/v1/declarations", params={"client": "K-1"}).json()["items"] == []
    assert imgate("audit", "verify").returncode == 0
    assert imgate("client", "erase", "K-1", "--yes").returncode == 1
