"""A gateway as an operator sets it up: by its command line and its API, in a folder that is deleted afterwards."""

import base64
import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.processes import Running, free_port, server
from benchmarks.table import check
from imgate.adapters.registry import load_plugins
from imgate.bootstrap import open_gateway
from imgate.cli.access import add_access
from imgate.record import CATALOGUE
from imgate.settings import load_settings
from imgate.vocabulary.words import Direction, Role

IMGATE = str(Path(sys.executable).parent / "imgate")


def ceiling() -> frozenset[str]:
    """Give the scopes that the Jobcenter's adapter has a place for."""
    return load_plugins(listed={"jobcenter"}).adapter("jobcenter", {}).ceiling[Direction.TO_PARTNER]


@dataclass(frozen=True, slots=True)
class Office:
    """One configured gateway."""

    folder: Path
    port: int

    @classmethod
    def configured(
        cls,
        folder: Path,
        open_scopes: Sequence[str],
        *,
        transport: str = '{ kind = "mailbox" }',
        subscriptions: str = "[]",
        database: str = "sqlite:///imgate.db",
    ) -> "Office":
        """Write the configuration: durable SQLite unless told otherwise, the closed scopes of the ceiling opened."""
        office = cls(folder, free_port())
        (folder / "imgate.toml").write_text(
            f"""[gateway]
id = "im-winnenden"
name = "{people.UNIT}"
url = "http://127.0.0.1:{office.port}"

[database]
url = "{database}"

[server]
port = {office.port}
metrics_port = 0

[partners.{people.PARTNER}]
adapter = "jobcenter"
name = "{people.PARTNER_NAME}"
open = {json.dumps(list(open_scopes))}
transport = {transport}
subscriptions = {subscriptions}
""",
            encoding="utf-8",
        )
        return office

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.folder / "imgate.db"

    @property
    def environment(self) -> dict[str, str]:
        """What names the configuration."""
        return {"IMGATE_CONFIG": str(self.folder / "imgate.toml")}

    def command(self, *arguments: str) -> str:
        """Run `imgate` and give what it prints."""
        done = subprocess.run([IMGATE, *arguments], capture_output=True, text=True, env={**os.environ, **self.environment})
        check(done.returncode == 0, f"imgate {' '.join(arguments[:2])} failed: {done.stderr[-300:]}")
        return done.stdout

    def access(self, role: Role, partner: str | None = None) -> tuple[str, str]:
        """Give somebody access."""
        with open_gateway(load_settings(self.folder / "imgate.toml"), make_keys=True) as gateway:
            return add_access(gateway, role, partner, "bench")

    @contextlib.contextmanager
    def serving(self) -> Iterator[Running]:
        """Run `imgate serve` as it is, with its worker."""
        with server([IMGATE, "serve"], self.port, self.folder / "serve.log", self.environment) as running:
            yield running

    def token(self, access: tuple[str, str]) -> str:
        """Fetch an access token; it holds for five minutes."""
        basic = base64.b64encode(":".join(access).encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("POST", "/oauth/token", "grant_type=client_credentials", headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        check(answer.status == 200, f"no token: {answer.status}")
        token: str = said["access_token"]
        return token

    @contextlib.contextmanager
    def calling(self, access: tuple[str, str]) -> Iterator["Caller"]:
        """Call the API over one connection."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            yield Caller(connection, self.token(access))


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller of the API."""

    connection: http.client.HTTPConnection
    token: str

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """Send a request and give the answer's JSON; whatever is not 2xx ends the measurement."""
        body = None if content is None else json.dumps(content)
        self.connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        said = answer.read()
        check(200 <= answer.status < 300, f"{method} {path.split('?')[0]}: {answer.status} {said[:300].decode(errors='replace')}")
        return json.loads(said) if said else None

    def introduce(self, client: str, scopes: Sequence[str]) -> None:
        """Link a client and let it sign three declarations in writing, which together cover these scopes."""
        self.call("PUT", f"/v1/clients/{client}/links/{people.PARTNER}", {"reference": f"BG-{client}"})
        scan = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(people.EVIDENCE).decode()}
        for share in people.shares(scopes):
            content = people.declaration(client, share)
            made = self.call("POST", "/v1/declarations", content)
            signature = {"role": "client", "signed_on": content["valid_from"], "evidence": scan, "attested_by": "Vera Beispiel"}
            signed = self.call("POST", f"/v1/declarations/{made['id']}/signatures", signature)
            check(signed["state"] == "active", "a declaration of the benchmark is not active")


def closed(scopes: Sequence[str] | frozenset[str]) -> list[str]:
    """Give those of these scopes that a configuration must open by name."""
    return sorted(scope for scope in scopes if CATALOGUE.scopes[scope].closed)
