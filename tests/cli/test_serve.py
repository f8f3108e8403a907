"""Serving: ports, the worker beside it, and how both end."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import CONFIGURATION

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
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if not _runs(process):
            return True
        time.sleep(0.05)
    return False


def _runs(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_it_answers_and_its_worker_holds_no_listening_socket(imgate):
    imgate.configure()
    with imgate.serving() as served:
        assert httpx2.get(f"{served.url}/healthz", trust_env=False).status_code == 200
        assert len(_listening(served.process.pid)) == 2
        assert _listening(served.worker()) == set()


def test_stdout_stays_empty_and_stderr_is_json(imgate):
    imgate.configure()
    with imgate.serving("--no-worker") as served:
        assert all(line.startswith("{") for line in served.said)


def test_without_a_worker_there_is_none(imgate):
    imgate.configure()
    with imgate.serving("--no-worker") as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
        assert children == []


def test_told_to_end_it_ends_with_its_worker_and_without_failure(imgate):
    imgate.configure()
    with imgate.serving() as served:
        worker = served.worker()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(20) == 0
        assert _ends(worker, 1)


def test_killed_it_takes_its_worker_with_it(imgate):
    imgate.configure()
    with imgate.serving() as served:
        worker = served.worker()
        time.sleep(2)  # the worker has begun to work
        served.process.kill()
        assert _ends(worker, 10)


def test_a_worker_that_was_killed_is_replaced(imgate):
    imgate.configure()
    with imgate.serving() as served:
        first = served.worker()
        os.kill(first, signal.SIGKILL)
        assert _ends(first, 5)
        ends_at = time.monotonic() + 20
        while (second := _child(served.process.pid)) in (None, first):
            assert time.monotonic() < ends_at
            time.sleep(0.1)
        assert second != first


def _child(process: int) -> int | None:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(children[0]) if children else None


def test_a_restart_at_once_works_after_being_killed_too(imgate):
    imgate.configure()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    for end in (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM):
        with imgate.serving("--port", port) as served, socket.create_connection(("127.0.0.1", int(port))):
            served.process.send_signal(end)
            served.process.wait(20)


def test_a_busy_port_is_one_sentence_and_exit_1(imgate):
    imgate.configure()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = imgate("serve", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "already in use" in done.stderr
    assert not (imgate.folder / "imgate.db").exists()


def test_a_host_that_is_not_here_is_one_sentence_and_exit_1(imgate):
    imgate.configure()
    done = imgate("serve", "--host", "192.0.2.1")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_a_busy_metrics_port_is_a_warning(imgate):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        imgate.configure(_configuration(taken.getsockname()[1]))
        with imgate.serving("--no-worker") as served:
            assert json.loads(served.said[0])["event"] == "no_metrics"
            assert json.loads(served.said[0])["level"] == "warning"
            assert "`[server] metrics_port`" in json.loads(served.said[0])["reason"]
            assert httpx2.get(f"{served.url}/healthz", trust_env=False).status_code == 200


def test_a_file_of_signatures_that_is_away_is_a_warning(imgate):
    imgate.configure(CONFIGURATION + '\n[signatures]\ntrust_roots = ["away.pem"]\n')
    with imgate.serving("--no-worker") as served:
        (warning,) = [said for line in served.said if (said := json.loads(line))["event"] == "signature_files_unusable"]
    assert (warning["level"], warning["setting"]) == ("warning", "signatures.trust_roots")
    assert warning["reason"] == "file 1 (away.pem) cannot be read: No such file or directory"


def test_metrics_have_an_address_of_their_own(imgate):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    imgate.configure(_configuration(port))
    with imgate.serving("--no-worker") as served:
        assert "imgate_exchanges" in httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        assert httpx2.get(f"{served.url}/metrics", trust_env=False).status_code == 404


def _configuration(metrics_port: int) -> str:
    gateway = '[gateway]\nid = "im"\nname = "Integrationsmanagement"\n'
    return f"{gateway}\n[server]\nport = 0\nmetrics_port = {metrics_port}\n"
