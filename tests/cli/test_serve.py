"""Serving: ports, the worker beside it, and how both end."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import ALONE, Imgate

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them")


def _listening(process: int) -> set[str]:
    """Give the inodes of the listening sockets that a process holds."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {row[9] for row in rows if row[3] == "0A"}
    held = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            held.add(str(descriptor.readlink()))
        except OSError:
            continue
    return {inode for inode in listening if f"socket:[{inode}]" in held}


def _ends(process: int, seconds: float) -> bool:
    return _comes_about(lambda: not _runs(process), seconds)


def _comes_about(holds: Callable[[], bool], seconds: float) -> bool:
    ends_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.02)
    return True


def _is_at_work(worker: int) -> bool:
    """Tell whether a worker's clocks run: from then on it catches what tells it to end."""
    (caught,) = re.findall(r"^SigCgt:\s+(\w+)$", Path(f"/proc/{worker}/status").read_text(), re.MULTILINE)
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def _runs(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


@pytest.fixture
def imgate(tmp_path):
    return _configured(tmp_path)


def _configured(folder: Path, metrics_port: int = 0, more: str = "") -> Imgate:
    imgate = Imgate(folder)
    imgate.configure(ALONE.format(metrics_port=metrics_port) + more)
    return imgate


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """A gateway with its worker."""
    with _configured(tmp_path_factory.mktemp("working")).serving() as served:
        yield served


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A gateway without a worker, its folder, and the port of its metrics."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    imgate = _configured(tmp_path_factory.mktemp("alone"), port)
    with imgate.serving("--no-worker") as served:
        yield served, imgate.folder, port


def test_it_answers_and_its_worker_holds_no_listening_socket(working):
    assert httpx2.get(f"{working.url}/healthz", trust_env=False).status_code == 200
    assert len(_listening(working.process.pid)) == 2
    assert _listening(working.worker()) == set()


def test_stdout_stays_empty_and_stderr_is_json(alone):
    served, folder, _ = alone
    assert httpx2.get(f"{served.url}/healthz", trust_env=False).status_code == 200
    assert (folder / "stdout").read_bytes() == b""
    assert all(line.startswith("{") for line in served.said)


def test_without_a_worker_there_is_none(alone):
    served, _, _ = alone
    assert _children(served.process.pid) == []


def test_metrics_have_an_address_of_their_own(alone):
    served, _, port = alone
    assert "imgate_exchanges" in httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert httpx2.get(f"{served.url}/metrics", trust_env=False).status_code == 404


def test_a_worker_that_was_killed_is_replaced(working):
    first = working.worker()
    os.kill(first, signal.SIGKILL)
    assert _ends(first, 5)
    assert _comes_about(lambda: _children(working.process.pid) not in ([], [first]), 20)


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@dataclass(frozen=True)
class Life:
    """How a gateway's life ended: its own status, and whether its worker ended with it."""

    status: int
    worker_ended: bool


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    """Three lives on one port, each begun as soon as the one before was over: killed, told to end, and told to end again."""
    imgate = _configured(tmp_path_factory.mktemp("lives"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def lived(end: signal.Signals, seconds: float) -> Life:
        with imgate.serving("--port", str(port)) as served, socket.create_connection(("127.0.0.1", port)):
            worker = served.worker()
            if end is signal.SIGKILL:
                assert _comes_about(lambda: _is_at_work(worker), 60)
            served.process.send_signal(end)
            status = served.process.wait(20)
            return Life(status, _ends(worker, seconds))

    return [lived(signal.SIGKILL, 10), lived(signal.SIGTERM, 1), lived(signal.SIGTERM, 1)]


def test_killed_it_takes_its_worker_with_it(lives):
    assert lives[0].worker_ended


def test_told_to_end_it_ends_with_its_worker_and_without_failure(lives):
    assert lives[1:] == [Life(0, worker_ended=True)] * 2


def test_a_restart_at_once_works_after_being_killed_too(lives):
    assert [life.status for life in lives] == [-signal.SIGKILL, 0, 0]


def test_a_busy_port_is_one_sentence_and_exit_1(imgate):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = imgate.refused("serve", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "already in use" in done.stderr
    assert not (imgate.folder / "imgate.db").exists()


def test_a_host_that_is_not_here_is_one_sentence_and_exit_1(imgate):
    done = imgate("serve", "--host", "192.0.2.1")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


@pytest.fixture(scope="module")
def warned(tmp_path_factory):
    """A gateway whose metrics have no port and whose roots are away; gives it and what it warned of, by event."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = '\n[signatures]\ntrust_roots = ["away.pem"]\n'
        imgate = _configured(tmp_path_factory.mktemp("warned"), taken.getsockname()[1], away)
        with imgate.serving("--no-worker") as served:
            said = [json.loads(line) for line in served.said]
            yield served, {one["event"]: one for one in said if one["level"] == "warning"}


def test_a_busy_metrics_port_is_a_warning(warned):
    served, warnings = warned
    assert "`[server] metrics_port`" in warnings["no_metrics"]["reason"]
    assert httpx2.get(f"{served.url}/healthz", trust_env=False).status_code == 200


def test_a_file_of_signatures_that_is_away_is_a_warning(warned):
    _, warnings = warned
    assert warnings["signature_files_unusable"]["setting"] == "signatures.trust_roots"
    assert warnings["signature_files_unusable"]["reason"] == "file 1 (away.pem) cannot be read: No such file or directory"
