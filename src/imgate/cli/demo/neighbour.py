"""The office in the town that she moves to: a second gateway, with a folder, keys and a database of its own."""

import contextlib
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imgate.cli.demo import configuration
from imgate.cli.demo.configuration import IM, NAMES
from imgate.cli.demo.running import running, without_environment
from imgate.conformance.api_client import ApiClient
from imgate.vocabulary.words import Role


class Neighbour:
    """The other gateway. Its address is known before it runs, so that both offices' gateways can start at the same time."""

    def __init__(self, folder: Path, published: Mapping[str, Any]) -> None:
        """Set it up as its operator would. ``published`` is what the old office's gateway has at /.well-known/jwks.json, saved there."""
        folder.mkdir()
        keys = folder / f"{IM}.jwks.json"
        keys.write_text(json.dumps(published), encoding="utf-8")
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._file = folder / "imgate.toml"
        self._file.write_text(configuration.neighbour(keys, port), encoding="utf-8")
        credentials, self._given = _add_accesses(self._file)
        self.case_system = ApiClient(self.url, *credentials)
        self._open = contextlib.ExitStack()
        self._open.callback(self.case_system.close)

    def run(self) -> None:
        """Run it."""
        self._open.enter_context(running(self._file))

    def close(self) -> None:
        """Stop it."""
        self._open.close()

    def way(self, secret: Path) -> dict[str, object]:
        """Give the entries of the transport by which the old office reaches it; write the secret that it was given into this file."""
        client_id, given = self._given
        secret.write_text(given, encoding="utf-8")
        return {"kind": "gateway", "url": self.url, "partner": IM, "client_id": client_id, "secret_file": str(secret)}


def _free_port() -> int:
    """Find a port that is free now, and most likely is in a second, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _add_accesses(file: Path) -> tuple[tuple[str, str], tuple[str, str]]:
    """Give access to its own case system, and to the old office as a partner."""
    from imgate.bootstrap import open_gateway
    from imgate.cli.access import add_access
    from imgate.settings import load_settings

    with without_environment(), open_gateway(load_settings(file), make_keys=True) as gateway:
        case_system = add_access(gateway, Role.CASE_SYSTEM, None, "Fallsystem der Demo")
        return case_system, add_access(gateway, Role.PARTNER, IM, NAMES[IM])
