"""Servers and the load client as processes of their own, ended when the measurement ends."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import check

_HERE = Path(__file__).resolve().parent
_STARTS_WITHIN = 60.0
CONNECTIONS = 32


def free_port() -> int:
    """Give a port that nobody uses at this moment, below those that the system gives to whoever asks for any."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311  # guards nothing
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs."""

    pid: int

    def processor_seconds(self) -> float:
        """Give the processor time that it has used, its children apart; 0 where the system has no /proc."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run a server until the block ends, once it listens."""
    with _started(command, log, environment) as process:
        _wait(process, port, log)
        yield Running(process.pid)


@contextlib.contextmanager
def beside(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run a process that listens nowhere until the block ends."""
    with _started(command, log, environment) as process:
        yield Running(process.pid)


@contextlib.contextmanager
def _started(command: Sequence[str], log: Path, environment: Mapping[str, str] | None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process and end it; what it writes goes to a file, as it would under a service manager."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
        try:
            yield process
            check(process.poll() is None, "a process ended while it was measured")
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        check(process.poll() is None, f"a server did not start: {log.read_text(errors='replace')[-300:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("a server did not start in time")


def own(name: str, port: int) -> list[str]:
    """Give the command of one of the servers in this folder."""
    return [sys.executable, str(_HERE / "servers" / f"{name}.py"), str(port)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one load came to."""

    per_second: float
    statuses: Mapping[str, int]
    p99_ms: float
    processor_us: float


def load(
    running: Sequence[Running],
    ports: Sequence[int],
    bodies: Path,
    headers: Mapping[str, str],
    seconds: float,
    answers: Path | None = None,
    connections: int = CONNECTIONS,
) -> Outcome:
    """Let the load client post the bodies, one per line, to /v1/exchanges at these ports in turn.

    Its answers go to the file, if one is named.
    """
    job = {
        "ports": list(ports),
        "path": "/v1/exchanges",
        "headers": {"Host": f"127.0.0.1:{ports[0]}", "Content-Type": "application/json", **headers},
        "bodies": str(bodies),
        "connections": connections,
        "seconds": seconds,
        "answers": None if answers is None else str(answers),
    }
    before = sum(each.processor_seconds() for each in running)
    done = subprocess.run(
        [sys.executable, str(_HERE / "load_client.py")], input=json.dumps(job), capture_output=True, text=True, timeout=seconds + 120
    )
    check(done.returncode == 0, f"the load client failed: {done.stderr[-500:]}")
    said = json.loads(done.stdout)
    used = (sum(each.processor_seconds() for each in running) - before) / said["answered"] * 1e6
    return Outcome(said["answered"] / said["seconds"], said["statuses"], said["p99_ms"], used)
