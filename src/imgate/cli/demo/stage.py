"""What the demo plays on: a folder that goes away, three partners as HTTP servers, and the gateway as a real `imgate serve`."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from imgate.cli.demo.telling import OtherwiseThanTold
from imgate.cli.parent import WITH_PARENT
from imgate.conformance.api_client import ApiClient
from imgate.conformance.simulated import SimulatedPartner
from imgate.vocabulary.words import Role

JOBCENTER = "jobcenter-tuebingen"
ABH = "abh-tuebingen"
JOBKRAFTWERK = "jobkraftwerk"
UNIT = "Integrationsmanagement Tübingen (Team Mitte)"
_START_SECONDS = 60

_CONFIGURATION = """\
[gateway]
id = "im-tuebingen"
name = "{unit}"

[server]
port = 0
metrics_port = 0

[partners.jobcenter-tuebingen]
adapter = "jobcenter"
name = "Jobcenter Landkreis Tübingen, Team U25"
transport = {{ kind = "mailbox" }}

[partners.abh-tuebingen]
adapter = "auslaenderbehoerde"
name = "Ausländerbehörde der Universitätsstadt Tübingen"
transport = {{ kind = "push", url = "{abh}/messages", secret_file = "abh.secret" }}

[partners.jobkraftwerk]
adapter = "jobkraftwerk"
name = "Landratsamt Tübingen, Stabsstelle Integration (Jobkraftwerk)"
transport = {{ kind = "mailbox" }}
"""


class Stage:
    """Everything that runs during the demo, and where it is. A context manager; leaves nothing behind."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._open = contextlib.ExitStack()
        self.credentials: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        """Start the partners and the gateway. Raises Failed with a sentence where something does not start."""
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything and delete the folder."""
        self._open.close()

    def _start(self) -> None:
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="imgate-demo-")))
        self.jobcenter = self._open.enter_context(SimulatedPartner(JOBCENTER, "Jobcenter Landkreis Tübingen, Team U25"))
        self.abh = self._open.enter_context(SimulatedPartner(ABH, "Ausländerbehörde der Universitätsstadt Tübingen"))
        self.jobkraftwerk = self._open.enter_context(SimulatedPartner(JOBKRAFTWERK, "Landratsamt Tübingen (Jobkraftwerk)"))
        self.configuration = self.folder / "imgate.toml"
        self.configuration.write_text(_CONFIGURATION.format(unit=UNIT, abh=self.abh.url), encoding="utf-8")
        (self.folder / "abh.secret").write_text(self.abh.secret, encoding="utf-8")
        self._add_accesses()
        self.url = self._serve()
        self.case_system = ApiClient(self.url, *self.credentials["case-system"])
        self._open.callback(self.case_system.close)
        for partner in self.partners:
            partner.connect(self.url, *self.credentials[partner.partner])

    @property
    def partners(self) -> tuple[SimulatedPartner, ...]:
        """The three partners."""
        return (self.jobcenter, self.abh, self.jobkraftwerk)

    def imgate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command of imgate as an operator would."""
        return subprocess.run(
            self._command(*arguments), env=self._environment(), cwd=self.folder, capture_output=True, text=True, check=False
        )

    def _add_accesses(self) -> None:
        """Make the database, the keys and one access for the case system and each partner, as `imgate access add` does."""
        from imgate.bootstrap import open_gateway
        from imgate.cli.access import add_access
        from imgate.settings import load_settings

        with _without_environment(), open_gateway(load_settings(self.configuration), make_keys=True) as gateway:
            self.credentials["case-system"] = add_access(gateway, Role.CASE_SYSTEM, None, "Fallsystem der Demo")
            for partner in self.partners:
                self.credentials[partner.partner] = add_access(gateway, Role.PARTNER, partner.partner, partner.name)

    def _serve(self) -> str:
        """Start the gateway on a free port; give its address."""
        process = subprocess.Popen(
            self._command("serve", WITH_PARENT),
            env=self._environment(),
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._open.callback(_stop, process)
        assert process.stderr is not None  # noqa: S101  # it is a pipe
        tooslow = threading.Timer(_START_SECONDS, process.kill)
        tooslow.start()
        said: list[str] = []
        for line in process.stderr:
            address = _address_in(line)
            if address is not None:
                tooslow.cancel()
                threading.Thread(target=_keep_log, args=(process.stderr, self.folder / "gateway.log"), daemon=True).start()
                return address
            said.append(line.strip())
        tooslow.cancel()
        raise OtherwiseThanTold(f"The gateway did not start. {' '.join(said[-3:])}")

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "imgate", *arguments]

    def _environment(self) -> dict[str, str]:
        """Give the environment without what may be set for another gateway on this machine."""
        rest = {name: value for name, value in os.environ.items() if not name.upper().startswith("IMGATE_")}
        return {**rest, "IMGATE_CONFIG": str(self.configuration)}


@contextlib.contextmanager
def _without_environment() -> Iterator[None]:
    """Hide what the environment sets for another gateway on this machine."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if name.upper().startswith("IMGATE_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _address_in(line: str) -> str | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event["listening_at"] if event.get("event") == "serving" else None


def _keep_log(stream: IO[str], path: Path) -> None:
    """Go on reading what the gateway logs, so that it never waits for us."""
    with contextlib.suppress(OSError, ValueError), path.open("w", encoding="utf-8") as file:
        for line in stream:
            file.write(line)
            file.flush()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            stream.close()
