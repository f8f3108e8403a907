"""A real OpenID provider, `oidc-provider` from npm, as a process on loopback that knows one client and a few people."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acceptance.process import free_port
from tests.conftest import ROOT

_PACKAGE = ROOT / "tools" / "npm" / "node_modules" / "oidc-provider"
_PROGRAM = Path(__file__).with_name("oidc_provider.mjs")
_ENDS_WITHIN = 10.0

# What the provider says of people besides `sub`, which is the name of the account. The last one has no role here.
ACCOUNTS = {
    "vera": {"name": "Vera Beispiel", "email": "vera@winnenden.example", "roles": ["integrationsmanagement"]},
    "jonas": {"name": "Jonas Muster", "email": "jonas@jobcenter.example", "roles": ["liaison-jobcenter"]},
    "olga": {"name": "Olga Amt", "email": "olga@winnenden.example", "roles": ["datenschutz"]},
    "niemand": {"name": "Nils Niemand", "email": "nils@winnenden.example", "roles": []},
}


class OidcProvider:
    """One provider, not yet started. It is at another site than pages on ``localhost``, as a real one is."""

    client_id = "imgate"
    client_secret = "made-up-for-tests-and-nothing-else"

    def __init__(self, accounts: Mapping[str, Mapping[str, object]] = ACCOUNTS, *, claims_in_id_token: bool = True) -> None:
        """Without ``claims_in_id_token`` the ID token has ``sub`` alone, and the rest is asked for at the userinfo endpoint."""
        if not _PACKAGE.is_dir():
            pytest.skip("oidc-provider is not installed (make install, with npm)")
        self._accounts = accounts
        self._claims_in_id_token = claims_in_id_token
        self._port = free_port()
        self._process: subprocess.Popen | None = None
        self.issuer = f"http://127.0.0.1:{self._port}"

    def start(self, redirect_uri: str, after_logout: str | None = None) -> None:
        """Start it, with these addresses of the client's; return when it answers."""
        playwright = pytest.importorskip("playwright", reason="playwright is not installed (make install)")
        client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": [after_logout] if after_logout else [],
        }
        configuration = {
            "issuer": self.issuer,
            "port": self._port,
            "client": client,
            "accounts": self._accounts,
            "claimsInIdToken": self._claims_in_id_token,
        }
        node = Path(playwright.__file__).parent / "driver" / "node"  # newer than Debian's, which the provider is too new for
        command = [node, _PROGRAM, json.dumps(configuration)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"

    def log_in(self, page, account: str) -> None:
        """Fill in the provider's form, which is what the page shows now. A name that it does not know is refused."""
        page.get_by_label("Konto").fill(account)
        page.get_by_role("button", name="Anmelden").click()

    def cancel(self, page) -> None:
        """Go back from the provider's form without having logged in."""
        page.get_by_role("button", name="Abbrechen").click()

    def stop(self) -> None:
        """End it, if it was started."""
        if self._process is None:
            return
        with self._process:
            self._process.terminate()
            self._process.wait(_ENDS_WITHIN)
