"""`imgate serve` as a process of its own, with callers that know it by HTTP only."""

import base64
import io
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import httpx2

from imgate.bootstrap import open_gateway
from imgate.cli.access import add_access
from imgate.cli.app import run
from imgate.conformance.api_client import ApiClient
from imgate.settings import load_settings
from imgate.vocabulary.words import Role

PURPOSES = {
    "jobcenter-rems-murr": "labour_market_integration",
    "abh-winnenden": "residence_matters",
    "jobkraftwerk-winnenden": "case_documentation",
}
# Time for a child to find out that its parent was killed and to finish what it began.
ENDS_WITHIN = 15.0


def free_port() -> int:
    """Find a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Served:
    """One gateway: a folder with everything it keeps, and the process that is started and killed in it."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        self.config = folder / "imgate.toml"
        self.config.write_text(config, encoding="utf-8")
        self.port, self.metrics_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self._clients: list[ApiClient] = []
        (folder / "log").mkdir()

    @property
    def environment(self) -> dict[str, str]:
        here = {"IMGATE_CONFIG": str(self.config), "IMGATE_SERVER__METRICS_PORT": str(self.metrics_port)}
        return {**os.environ, **here, "IMGATE_GATEWAY__URL": self.url}

    @property
    def stderr(self) -> bytes:
        """Everything that any process of this gateway has said."""
        return (self.folder / "log" / "stderr").read_bytes()

    def imgate(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command on this gateway, in this process: one that only looks into the database needs none of its own."""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.dict(os.environ, self.environment), redirect_stdout(out), redirect_stderr(err):
            status = run(words)
        return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())

    def spawn(self, *words: str) -> subprocess.Popen:
        """Start one command on this gateway; what it says goes to ``stderr``."""
        with (self.folder / "log" / "stderr").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "imgate", *words], env=self.environment, stdout=log, stderr=log)

    def start(self, *options: str) -> None:
        """Start serving; return when it answers."""
        self.process = self.spawn("serve", "--port", str(self.port), *options)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert self.process.poll() is None, self.stderr.decode(errors="replace")[-3000:]
            try:
                if httpx2.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        raise AssertionError("the gateway does not answer")

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator does, and close the callers."""
        for client in self._clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(ENDS_WITHIN) == 0

    def workers(self) -> list[int]:
        """Give the process ids of the workers that belong to the serving process."""
        return [pid for pid, parent in _processes() if parent == self.process.pid]

    def metrics(self) -> bytes:
        """Read what an operator's monitoring reads."""
        return httpx2.get(f"http://127.0.0.1:{self.metrics_port}/metrics", trust_env=False).content

    def memory(self) -> int:
        """Give the most memory that the serving process ever held, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def access(self, role: Role, partner: str | None = None) -> tuple[str, str]:
        """Give access, as `imgate access add` does."""
        with open_gateway(load_settings(self.config), make_keys=True) as gateway:
            client_id, secret = add_access(gateway, role, partner, f"{role.value} {partner}")
        return client_id, str(secret)

    def client(self, role: Role, partner: str | None = None) -> ApiClient:
        """Give access, and a client that has it."""
        self._clients.append(ApiClient(self.url, *self.access(role, partner)))
        return self._clients[-1]


def _processes():
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue


def is_running(pid: int) -> bool:
    """Tell whether this process works; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pid: int) -> None:
    """Kill -9 one process that this test started."""
    os.kill(pid, signal.SIGKILL)


def declare(case_system: ApiClient, client: str, partner: str, scopes, **changes) -> str:
    """Make a declaration and sign it; give its id."""
    content = {
        "client": client,
        "partner": partner,
        "discloser": {"unit": "Integrationsmanagement Winnenden", "persons": ["Vera Beispiel"]},
        "clauses": ["confidentiality_release", "data_protection_consent"],
        "direction": "both",
        "purposes": [PURPOSES[partner]],
        "occasion": "Vermittlung in die Ausbildung zur Pflegefachkraft",
        "scopes": sorted(scopes),
        "onward_from": [],
        "valid_from": "2026-01-15",
        "valid_until": "2028-12-31",
        "signers_required": ["client"],
        "language": "ar",
        "interpreter": None,
        "informed_of": ["voluntariness", "refusal_consequences", "revocability", "statutory_duties"],
        "supersedes": None,
    } | changes
    made = done(case_system.call("POST", "/v1/declarations", json=content), 201)["id"]
    scan = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.7 scan").decode()}
    signature = {"role": "client", "signed_on": "2026-01-14", "evidence": scan, "attested_by": "Vera Beispiel"}
    assert done(case_system.call("POST", f"/v1/declarations/{made}/signatures", json=signature), 201)["state"] == "active"
    return made


def link(case_system: ApiClient, client: str, partner: str, reference: str) -> None:
    """Say under what the partner knows this person."""
    done(case_system.call("PUT", f"/v1/clients/{client}/links/{partner}", json={"reference": reference}), 200)


def done(answer, status: int):
    """Give the answer's content; it must have this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def every(caller: ApiClient, path: str, **params) -> list:
    """Follow a list to its end."""
    items, after = [], {}
    while True:
        page = done(caller.call("GET", path, params={"limit": 500, **params, **after}), 200)
        items += page["items"]
        if "next" not in page:
            return items
        after = {"after": page["next"]}
