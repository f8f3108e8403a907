"""A door with a real gateway behind it, as the tests of the whole use it."""

import base64
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs

from imgate.bootstrap import Gateway, open_gateway
from imgate.http import examples
from imgate.http.app import create_app
from imgate.http.metrics import Metrics
from imgate.settings import load_settings
from imgate.vocabulary.words import Role
from tests.in_process import InProcessClient

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

[partners.jobkraftwerk-winnenden]
adapter = "jobkraftwerk"
name = "Dokumentation"
"""
PARTNER = "jobcenter-rems-murr"
CLIENT = "K-2026-0815"


def open_live(folder: Path) -> Gateway:
    """Open a gateway on SQLite in this folder."""
    config = folder / "imgate.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return open_gateway(load_settings(config), make_keys=True)


class Door:
    """The app of a gateway, and callers with a token of their own."""

    def __init__(self, gateway: Gateway, *, raising: bool = True) -> None:
        self.gateway = gateway
        self.metrics = Metrics()
        self.app = create_app(gateway, self.metrics)
        self.http = InProcessClient(self.app, gateway.url, raising=raising)
        self._tokens: dict[tuple[Role, str | None], str] = {}
        self._document = None

    def token(self, role: Role, partner: str | None = None) -> str:
        """Give a token of a new access with this role."""
        known = self._tokens.get((role, partner))
        if known is None:
            access, secret = self.gateway.store.access.add(role, partner, "Test", datetime.now(UTC), "operator")
            credentials = base64.b64encode(f"{access.client_id}:{secret}".encode()).decode()
            answer = self.http.post(
                "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {credentials}"}
            )
            known = self._tokens[role, partner] = answer.json()["access_token"]
        return known

    def ask(self, method: str, path: str, body: object = None, *, role: Role = Role.CASE_SYSTEM, partner: str | None = None, **headers):
        """Send one request as this role, and see that the answer is one that is documented."""
        answer = self._ask(method, path, body, role, partner, headers)
        self.check(method, path, answer)
        return answer

    def check(self, method: str, path: str, answer) -> None:
        """Compare an answer with the OpenAPI document: status, media type and shape."""
        if self._document is None:
            self._document = self.http.get("/openapi.json").json()
        plain = path.partition("?")[0]
        templates = [template for template in self._document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), plain)]
        template = plain if plain in templates else templates[0]
        response = self._document["paths"][template][method.lower()]["responses"][str(answer.status_code)]
        if answer.content:
            content = response["content"][answer.headers["content-type"]]
            jsonschema_rs.validator_for(content["schema"] | {"components": self._document["components"]}).validate(answer.json())
        else:
            assert "content" not in response

    def _ask(self, method: str, path: str, body: object, role: Role, partner: str | None, headers: dict[str, str]):
        authorization = {"Authorization": f"Bearer {self.token(role, partner)}"} | {
            name.replace("_", "-"): headers[name] for name in headers
        }
        if isinstance(body, bytes):
            return self.http.request(method, path, content=body, headers=authorization)
        content = None if body is None else json.dumps(body)
        return self.http.request(method, path, content=content, headers=authorization)

    def as_partner(self, method: str, path: str, body: object = None, partner: str = PARTNER):
        """Send one request as a partner."""
        return self.ask(method, path, body, role=Role.PARTNER, partner=partner)

    def declare(self, *, signed: bool = True, **changes: object) -> str:
        """Make a declaration, signed unless told otherwise."""
        made = self.ask("POST", "/v1/declarations", examples.DECLARATION | changes)
        assert made.status_code == 201, made.text
        declaration = made.json()["id"]
        if signed:
            scan = {"kind": "paper_scan", "media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.7 x").decode()}
            answer = self.ask("POST", f"/v1/declarations/{declaration}/signatures", examples.SIGNATURE | {"evidence": scan})
            assert answer.json() == {"state": "active"}, answer.text
        return declaration

    def link(self, reference: str = "617D123456", client: str = CLIENT) -> None:
        """Say under what the partner knows the client."""
        assert self.ask("PUT", f"/v1/clients/{client}/links/{PARTNER}", {"reference": reference}).status_code == 200
