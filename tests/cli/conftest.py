"""The command as users call it, in a folder of its own."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from imgate.cli.app import run

CONFIGURATION = """\
[gateway]
id = "im-winnenden"
name = "Integrationsmanagement Winnenden"

[server]
port = 0
metrics_port = 0

[partners.jobkraftwerk]
adapter = "jobkraftwerk"
name = "Landratsamt, Stabsstelle Integration"
"""
# Without partners a gateway starts soonest.
ALONE = """\
[gateway]
id = "im"
name = "Integrationsmanagement"

[server]
port = 0
metrics_port = {metrics_port}
"""
START_SECONDS = 60


@dataclass
class Served:
    """A gateway that runs, what it said at its start, and the worker that it started."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)

    def worker(self) -> int:
        """Give the process id of the worker, once it is there."""
        ends_at = time.monotonic() + START_SECONDS
        while time.monotonic() < ends_at:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.05)
        raise AssertionError("no worker was started")


class Imgate:
    """One folder with a configuration, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("IMGATE_")}

    def configure(self, text: str = CONFIGURATION) -> None:
        (self.folder / "imgate.toml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command: in a process of its own where it starts others or keeps running, else in this one, which is faster."""
        if arguments[0] in {"serve", "worker", "demo"}:
            return self.process(*arguments)
        return self.here(*arguments, stdin=stdin)

    def refused(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that has to end before it serves or works. In this process: one that does neither needs none of its own."""
        with (
            mock.patch("imgate.cli.serving.serve", side_effect=AssertionError("it serves")),
            mock.patch("imgate.bootstrap.work.run_worker", side_effect=AssertionError("it works")),
        ):
            return self.here(*arguments)

    def here(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch("imgate.bootstrap.configure_logs"),  # would stay for the rest of this process
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            status = run(arguments)
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "imgate", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def access(self, role: str, *more: str) -> tuple[str, str]:
        added = self("access", "add", "--role", role, "--name", "test", *more)
        assert added.returncode == 0, added.stderr
        said = json.loads(added.stdout)
        return said["client_id"], said["client_secret"]

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[Served]:
        with (self.folder / "stdout").open("wb") as stdout:
            process = subprocess.Popen(
                [sys.executable, "-m", "imgate", "serve", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
            )
        served = Served(process, "")
        try:
            for line in process.stderr:
                served.said.append(line)
                if '"event":"serving"' in line:
                    served.url = json.loads(line)["listening_at"]
                    break
            assert served.url, "".join(served.said)
            yield served
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)
            process.stderr.close()


@pytest.fixture
def imgate(tmp_path):
    return Imgate(tmp_path)
