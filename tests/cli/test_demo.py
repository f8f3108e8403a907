"""The demo tells a story that is true."""

import json
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

WAYS = ("Ausländerbehörde: a signed webhook, encrypted", "Jobkraftwerk: tables, out as a file in a folder", "fit-connect", "xta")


@pytest.fixture
def stage(imgate):
    imgate.environment["TMPDIR"] = str(imgate.folder)
    imgate.environment["IMGATE_GATEWAY__URL"] = "https://elsewhere.example.org"  # set for another gateway on this machine
    imgate.environment["COLUMNS"] = "100"
    return imgate


def left_behind(folder):
    """What is left of a demo: its files, and the processes that it started."""
    processes = [
        entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal() and f"TMPDIR={folder}\0" in environment_of(entry)
    ]
    return [*folder.iterdir(), *processes]


def environment_of(process):
    try:
        return (process / "environ").read_bytes().decode(errors="replace") + "\0"
    except OSError:
        return ""


def test_two_demos_at_the_same_time_go_as_told_and_leave_nothing_behind(stage):
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: stage("demo"), range(2)))
    for done in both:
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert "Everything went as told" in done.stdout
        assert done.stderr == ""
        assert max(len(line) for line in done.stdout.splitlines() if not line.startswith("{")) <= 100
    assert left_behind(stage.folder) == []


@contextmanager
def left_running(stage):
    """Run the demo, and give what it printed up to where it goes on running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "imgate", "demo", "--serve"],
        cwd=stage.folder,
        env=stage.environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.strip().endswith("'") and "/v1/exchanges -d" in line:
                break
        yield process, "".join(said)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the calls that are printed are calls of curl")
def test_what_it_leaves_running_can_be_called_as_printed_and_ends_without_a_trace(stage):
    with left_running(stage) as (process, said):
        assert all(way in said for way in WAYS)
        assert "not the real services" in said
        declarations, disclosures, ledger, exchange = answers_to(said, stage)
        assert len(declarations["items"]) == 7
        assert {one["partner"] for one in disclosures["items"]} == {one["partner"] for one in ledger["items"]} | {"jobcenter-tuebingen"}
        assert (exchange["state"], exchange["released"]) == ("queued", ["language.level"])
        page = httpx2.get(re.search(r"What has arrived at each partner\s+(\S+)", said)[1], trust_env=False).text
        assert page.count("<h2>") == 5
        assert ", verschlüsselt gekommen" in page
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().endswith("nothing is left behind.\n")
        assert process.wait(60) == 0
    assert left_behind(stage.folder) == []


def answers_to(said, stage):
    """Copy the calls into a shell, word by word."""
    calls = said[said.index("  export TOKEN=") :]
    environment = {name: value for name, value in stage.environment.items() if name in {"PATH", "HOME"}}
    shell = subprocess.run(
        ["sh", "-e"], input=re.sub(r"(?m)^(  curl .*)$", r"\1; echo", calls), env=environment, capture_output=True, text=True, check=False
    )
    assert shell.returncode == 0, shell.stderr
    return [json.loads(line) for line in shell.stdout.splitlines()]
