"""The command itself: its version at once, its errors as sentences, its exit statuses."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import imgate as package

VENV = Path(sys.executable).parent


def test_the_version_is_answered_before_anything_heavy_is_imported():
    script = "import sys; sys.argv = ['imgate', '--version']; from imgate.cli.main import main; main(); print(*sys.modules)"
    said, modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == f"imgate {package.__version__}"
    assert {name for name in modules.split() if name.startswith("imgate")} == {"imgate", "imgate.cli", "imgate.cli.main"}
    assert not {"typer", "pydantic", "fastapi", "sqlalchemy", "asyncio"} & set(modules.split())


def test_the_version_costs_at_most_five_times_what_python_itself_costs():
    def seconds(*command: str) -> float:
        taken = []
        for _ in range(15):
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    assert seconds(str(VENV / "imgate"), "--version") <= 5 * seconds(sys.executable, "-I", "-c", "pass")


def test_building_the_commands_imports_nothing_heavy():
    script = "import sys; from imgate.cli.app import build; build(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "fastapi", "sqlalchemy", "asyncio", "lxml", "cryptography", "uvicorn", "httpx2"} & set(modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ("acces",),
        ("access", "add"),
        ("access", "add", "--role", "king", "--name", "x"),
        ("serve", "--port", "high"),
        ("--nothing",),
        ("keys", "rotate", "audit"),
    ],
)
def test_a_wrong_usage_is_exit_2_and_stdout_stays_empty(imgate, arguments):
    done = imgate(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("serve",),
        ("worker",),
        ("access", "list"),
        ("access", "add", "--role", "auditor", "--name", "x"),
        ("keys", "list"),
        ("keys", "rotate", "tokens"),
        ("database", "upgrade"),
        ("database", "backup", "b"),
        ("database", "restore", "b"),
        ("audit", "verify"),
        ("audit", "checkpoint"),
        ("audit", "key"),
        ("audit", "export", "x"),
        ("audit", "prove", "x"),
        ("audit", "cosign", "x"),
        ("audit", "time-stamp", "x"),
        ("exchange", "list", "--client", "K-1"),
        ("exchange", "show", "x"),
        ("exchange", "retry", "x"),
        ("client", "erase", "K-1", "--yes"),
    ],
)
def test_without_a_configuration_each_command_says_so_in_one_sentence(imgate, arguments):
    done = imgate.refused(*arguments)
    assert done.returncode == 1
    said = (done.stdout + done.stderr).strip().splitlines()
    assert "there is no such file; `imgate init` writes one" in said[0]
    assert "Traceback" not in done.stderr


def test_importing_the_command_does_nothing():
    done = subprocess.run([sys.executable, "-c", "import imgate.cli.app"], capture_output=True, text=True, check=True, env=os.environ)
    assert (done.stdout, done.stderr) == ("", "")
