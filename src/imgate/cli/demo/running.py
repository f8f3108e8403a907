"""A gateway of the demo: `imgate serve` as a process of its own, without what the environment sets for another gateway on this machine."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from imgate.cli.demo.telling import OtherwiseThanTold
from imgate.cli.parent import WITH_PARENT

CONFIG = "IMGATE_CONFIG"
_START_SECONDS = 60


@contextlib.contextmanager
def running(configuration: Path) -> Iterator[str]:
    """Run a gateway on a free port; give its address. Raises OtherwiseThanTold where it does not start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "imgate", "serve", WITH_PARENT],
        env=_environment(configuration),
        cwd=configuration.parent,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _address(process, configuration.parent / "gateway.log")
    finally:
        _stop(process)


@contextlib.contextmanager
def without_environment() -> Iterator[None]:
    """Hide what the environment sets for another gateway on this machine."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if name.upper().startswith("IMGATE_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _environment(configuration: Path) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if not name.upper().startswith("IMGATE_")}
    return {**rest, CONFIG: str(configuration)}


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stderr is not None  # noqa: S101  # it is a pipe
    too_slow = threading.Timer(_START_SECONDS, process.kill)
    too_slow.start()
    said: list[str] = []
    for line in process.stderr:
        address = _address_in(line)
        if address is not None:
            too_slow.cancel()
            threading.Thread(target=_keep_log, args=(process.stderr, log), daemon=True).start()
            return address
        said.append(line.strip())
    too_slow.cancel()
    raise OtherwiseThanTold(f"The gateway did not start. {' '.join(said[-3:])}")


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
